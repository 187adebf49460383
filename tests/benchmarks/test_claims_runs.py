"""Which runs of the claims are made, which are skipped, and what one that fails leaves behind."""

import json
import sys

import pytest

from benchmarks.claims import runs
from benchmarks.claims.__main__ import planned_runs
from benchmarks.claims.runs import PlannedRun, finished_runs, make_run, make_runs, unfinished
from benchmarks.claims.variants import changed, make_variants
from configs.demo import get_config
from tf_morph.config import save_config
from tf_morph.errors import InputError


class FakeRun(PlannedRun):
    """A run whose commands are lines of Python."""

    def commands(self):
        lines = self.overrides["lines"]
        return {name: [sys.executable, "-c", line] for name, line in lines.items()}


def _fake(tmp_path, variant="full", seed=0, **lines):
    return FakeRun(variant, seed, tmp_path, {"lines": lines})


def _finish(run, base):
    run.folder.mkdir(parents=True)
    save_config(changed(base, run.overrides), run.folder / "config.json")
    run.record.parent.mkdir(exist_ok=True)
    run.record.write_text(json.dumps({"train": 1.0, "evaluate": 1.0}))


def _plan(tmp_path, steps=7, seeds=(0, 1)):
    variants = make_variants(get_config(), tmp_path)
    chosen = [variants["full"], variants["no_loopback"]]
    return planned_runs(chosen, seeds, tmp_path, steps)


def test_runs_are_planned_seed_by_seed_with_the_same_steps(tmp_path):
    plan = _plan(tmp_path)
    assert [run.name for run in plan] == [
        *("full_seed0", "no_loopback_seed0", "full_seed1", "no_loopback_seed1"),
    ]
    assert {run.overrides["training.steps"] for run in plan} == {7}
    train = plan[3].commands()["train"]
    assert {"--config.seed=1", "--config.training.steps=7", "--config.loss.loopback=0.0"} <= set(
        train
    )
    assert f"--workdir={tmp_path / 'no_loopback_seed1'}" in train
    # The same references beside every variant would be measured in vain.
    assert "--noreferences" in plan[3].commands()["evaluate"]
    assert "--noreferences" not in plan[0].commands()["evaluate"]


def test_finished_runs_are_skipped_and_broken_off_ones_are_not(tmp_path):
    base, plan = get_config(), _plan(tmp_path)
    for run in plan[:2]:
        _finish(run, base)
    plan[1].record.unlink()
    assert unfinished(plan, base) == plan[1:]
    assert finished_runs(tmp_path) == [("full", 0)]


def test_runs_of_other_steps_are_not_mixed(tmp_path):
    base = get_config()
    _finish(_plan(tmp_path, steps=7)[0], base)
    with pytest.raises(InputError, match=r"training.steps: 7 -> 8.*--out"):
        unfinished(_plan(tmp_path, steps=8), base)


def test_a_run_leaves_its_seconds_and_its_output(tmp_path):
    run = _fake(tmp_path, train="print('trained')", evaluate="print('evaluated')")
    seconds = make_run(run, {})
    assert list(seconds) == ["train", "evaluate"]
    assert json.loads(run.record.read_text()) == seconds
    assert (tmp_path / "logs" / "full_seed0.evaluate.txt").read_text() == "evaluated\n"


def test_a_run_that_fails_is_reported_and_the_others_go_on(tmp_path, capsys):
    fails = _fake(tmp_path, train="import sys; print('x'); sys.exit('error: no such thing')")
    works = _fake(tmp_path, "no_batch", train="pass")
    failures = make_runs([fails, works], jobs=1)
    assert list(failures) == ["full_seed0"] and "error: no such thing" in failures["full_seed0"]
    assert finished_runs(tmp_path) == [("no_batch", 0)]
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("[1/2] full_seed0: failed") and shown[1].startswith("[2/2] no_batch")


def test_what_comes_after_a_failure_is_not_run(tmp_path):
    run = _fake(tmp_path, train="raise SystemExit(3)", evaluate="open('evaluated', 'w')")
    with pytest.raises(InputError, match="train ended with 3"):
        make_run(run, {})
    assert not list((tmp_path / "logs").glob("*.evaluate.txt"))


def test_several_at_a_time_share_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(runs.os, "cpu_count", lambda: 4)
    threads = {}

    def make(run, environment):
        threads[run.name] = environment["TF_NUM_INTRAOP_THREADS"]
        return {"train": 1.0}

    make_runs([_fake(tmp_path, seed=seed) for seed in range(3)], jobs=2, make=make)
    assert threads == {"full_seed0": "4", "full_seed1": "2", "full_seed2": "2"}
