"""Which runs of an ablation are made, which are skipped, and what one that fails leaves behind."""

import json
import sys

import pytest

from configs.demo import get_config
from tf_morph.ablation import runs, schedule
from tf_morph.ablation.families import full_variant, make_families
from tf_morph.ablation.runs import (
    PlannedRun,
    check_configs,
    finished_runs,
    make_run,
    plan_runs,
    shared_changes,
)
from tf_morph.ablation.schedule import make_runs
from tf_morph.ablation.variants import changed
from tf_morph.config import save_config
from tf_morph.errors import InputError


class FakeRun(PlannedRun):
    """A run whose commands are lines of Python."""

    def commands(self):
        lines = self.overrides["lines"]
        return {name: [sys.executable, "-c", line] for name, line in lines.items()}


def _fake(tmp_path, variant="full", seed=0, **lines):
    return FakeRun(variant, seed, tmp_path, "", {"lines": lines})


def _finish(run, base):
    run.folder.mkdir(parents=True)
    save_config(changed(base, run.overrides), run.folder / "config.json")
    run.record.parent.mkdir(exist_ok=True)
    run.record.write_text(json.dumps({"seconds": {}, "processor_seconds": {}}))


def _plan(tmp_path, steps=7, seeds=(0, 1)):
    base = get_config()
    chosen = [full_variant(base), make_families(base, tmp_path)["losses"].variants["no_loopback"]]
    return plan_runs(chosen, seeds, tmp_path, "configs/demo.py", shared_changes(base, steps))


def test_runs_are_planned_seed_by_seed_with_the_same_steps(tmp_path):
    plan = _plan(tmp_path)
    assert [run.name for run in plan] == [
        *("full_seed0", "no_loopback_seed0", "full_seed1", "no_loopback_seed1"),
    ]
    assert {run.overrides["training.steps"] for run in plan} == {7}
    train = plan[3].commands()["train"]
    wanted = {"--config.seed=1", "--config.training.steps=7", "--config.loss.loopback=0.0"}
    assert wanted | {"--config=configs/demo.py"} <= set(train)
    assert f"--workdir={tmp_path / 'no_loopback_seed1'}" in train
    # The same references beside every variant would be measured in vain.
    assert "--noreferences" in plan[3].commands()["evaluate"]
    assert "--noreferences" not in plan[0].commands()["evaluate"]


def test_a_run_that_is_broken_off_has_checkpoints_to_go_on_from():
    base = get_config()
    assert 1 <= shared_changes(base, 180)["training.checkpoint_every"] <= 60
    assert shared_changes(base, 1)["training.checkpoint_every"] == 1


def test_stages_take_their_share_of_fewer_steps():
    base = get_config()
    base.training.steps = 100
    base.stages = {"a": {"first_step": 1}, "b": {"first_step": 51, "loss": {"loopback": 0.5}}}
    changes = shared_changes(base, 10)
    assert changes["stages.a.first_step"] == 1 and changes["stages.b.first_step"] == 6


def test_finished_runs_are_known_and_broken_off_ones_are_not_among_them(tmp_path):
    base, plan = get_config(), _plan(tmp_path)
    for run in plan[:2]:
        _finish(run, base)
    plan[1].record.unlink()
    assert [run.finished for run in plan] == [True, False, False, False]
    assert finished_runs(tmp_path) == [("full", 0)]
    check_configs(plan, base)


def test_runs_of_other_steps_are_not_mixed(tmp_path):
    base = get_config()
    _finish(_plan(tmp_path, steps=7)[0], base)
    with pytest.raises(InputError, match=r"training.steps: 7 -> 8.*--out"):
        check_configs(_plan(tmp_path, steps=8), base)


def test_a_run_from_before_a_field_was_there_is_taken_for_what_it_is(tmp_path):
    base, run = get_config(), _plan(tmp_path)[0]
    _finish(run, base)
    kept = json.loads((run.folder / "config.json").read_text())
    del kept["rendering"]["soft_silhouette"]
    (run.folder / "config.json").write_text(json.dumps(kept))
    check_configs([run], base)


def test_a_run_leaves_what_it_cost_and_its_output(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    run = _fake(tmp_path, train="print('trained')", evaluate=busy + "\nprint('evaluated')")
    seconds = make_run(run, {})
    record = json.loads(run.record.read_text())
    assert record["seconds"] == seconds and list(seconds) == ["train", "evaluate"]
    assert record["processor_seconds"]["evaluate"] >= 0.3
    assert run.log("evaluate").read_text() == "evaluated\n"


def test_a_finished_run_is_not_made_again(tmp_path):
    run = _fake(tmp_path, train=f"open({str(tmp_path / 'times')!r}, 'a').write('x')")
    run.folder.mkdir()
    make_run(run, {})
    assert make_run(run, {}) == {}
    assert (tmp_path / "times").read_text() == "x"


def test_a_run_that_fails_is_reported_and_the_others_go_on(tmp_path, capsys):
    fails = _fake(tmp_path, train="import sys; print('x'); sys.exit('error: no such thing')")
    works = _fake(tmp_path, "no_batch", train="pass")
    failures = make_runs([fails, works], jobs=1)
    assert list(failures) == ["full_seed0"] and "error: no such thing" in failures["full_seed0"]
    assert str(fails.log("train")) in failures["full_seed0"]
    assert finished_runs(tmp_path) == [("no_batch", 0)]
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("[1/2] full_seed0: failed") and shown[1].startswith("[2/2] no_batch")


def test_what_comes_after_a_failure_is_not_run(tmp_path):
    run = _fake(tmp_path, train="raise SystemExit(3)", evaluate="open('evaluated', 'w')")
    with pytest.raises(InputError, match="train ended with 3"):
        make_run(run, {})
    assert not run.log("evaluate").exists()


def test_a_killed_process_is_a_failed_run(tmp_path):
    run = _fake(tmp_path, train="import os; os.kill(os.getpid(), 9)")
    with pytest.raises(InputError, match="train ended with -9, without a word"):
        make_run(run, {})


def test_a_process_left_by_a_killed_command_is_waited_for(tmp_path, capsys, monkeypatch):
    trace = tmp_path / "trace"
    write = f"open({str(trace)!r}, 'a').write"
    left = _fake(tmp_path, train=f"import time; time.sleep(0.5); {write}('left ')")
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(runs.os, "wait4", lambda *_: sys.exit("killed"))
        make_run(left, {})
    again = _fake(tmp_path, train=f"{write}('again')")
    make_run(again, {})
    assert trace.read_text() == "left again"
    assert "full_seed0: another command's process is at it" in capsys.readouterr().out


def test_several_at_a_time_share_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(schedule.os, "cpu_count", lambda: 4)
    threads = {}

    def make(run, environment):
        threads[run.name] = environment["TF_NUM_INTRAOP_THREADS"]
        return {"train": 1.0}

    make_runs([_fake(tmp_path, seed=seed) for seed in range(3)], jobs=2, make=make)
    assert threads == {"full_seed0": "4", "full_seed1": "2", "full_seed2": "2"}


def test_after_an_interrupt_nothing_more_is_begun(tmp_path):
    begun = []

    def make(run, environment):
        begun.append(run.seed)
        if run.seed == 1:
            raise KeyboardInterrupt
        return {}

    with pytest.raises(KeyboardInterrupt):
        make_runs([_fake(tmp_path, seed=seed) for seed in range(9)], jobs=1, make=make)
    assert len(begun) < 9
