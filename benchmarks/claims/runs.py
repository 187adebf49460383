"""Trains and evaluates each planned run in processes of its own; what is finished is skipped."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import ml_collections

from benchmarks.claims.variants import FULL, changed
from tf_morph.atomic import whole_file
from tf_morph.config import config_difference, load_config
from tf_morph.errors import InputError
from tf_morph.regression.run_folder import RunFolder

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "demo.py"
_FINISHED, _SEED = "finished", "_seed"
_THREADS = ("TF_NUM_INTRAOP_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


def run_name(variant: str, seed: int) -> str:
    """The name of a run's folder below that of all runs."""
    return f"{variant}{_SEED}{seed}"


@dataclass(frozen=True)
class PlannedRun:
    """A variant under one seed: its folder below that of all runs, and its fields' changes."""

    variant: str
    seed: int
    out: Path
    overrides: Mapping[str, float | int | str]

    @property
    def name(self) -> str:
        return run_name(self.variant, self.seed)

    @property
    def folder(self) -> Path:
        return self.out / self.name

    @property
    def record(self) -> Path:
        """Seconds of training and evaluation; there once both have ended well."""
        return self.out / _FINISHED / f"{self.name}.json"

    def commands(self) -> dict[str, list[str]]:
        """What is run, in order, by name."""
        changes = [f"--config.{field}={value}" for field, value in self.overrides.items()]
        workdir = f"--workdir={self.folder}"
        return {
            "train": [sys.executable, str(ROOT / "train.py"), f"--config={CONFIG}", workdir]
            + changes,
            "evaluate": [sys.executable, str(ROOT / "evaluate.py"), workdir]
            + ([] if self.variant == FULL else ["--noreferences"]),
        }


def finished_runs(out: Path) -> list[tuple[str, int]]:
    """(variant, seed) of every finished run below `out`, sorted."""
    names = [record.stem for record in (out / _FINISHED).glob(f"*{_SEED}*.json")]
    return sorted((variant, int(seed)) for variant, _, seed in (n.rpartition(_SEED) for n in names))


def unfinished(runs: Sequence[PlannedRun], base: ml_collections.ConfigDict) -> list[PlannedRun]:
    """Those of `runs` that are still to be made, or made to their end.

    Raises:
      InputError: a folder holds a run of another config, such as one of fewer steps.
    """
    for run in runs:
        kept = RunFolder(run.folder).config
        if kept.exists():
            difference = config_difference(load_config(kept), changed(base, run.overrides))
            if difference:
                raise InputError(
                    f"{run.folder}: holds a run of another config ({'; '.join(difference)}); "
                    "name another --out"
                )
    return [run for run in runs if not (run.record.exists() and run.folder.exists())]


def make_runs(
    runs: Sequence[PlannedRun],
    jobs: int,
    make: Callable[[PlannedRun, Mapping[str, str]], Mapping[str, float]] | None = None,
) -> dict[str, str]:
    """Makes all runs, telling of each as it ends.

    The first is made alone: what it leaves in caches serves the others.

    Args:
      runs: to be made.
      jobs: how many at a time; they share the processor's cores.
      make: makes one run in the environment given and returns seconds by command; `make_run`.

    Returns:
      What went wrong, by the names of the runs that failed.
    """
    make, start, failures = make or make_run, time.monotonic(), {}

    def ended(done: int, run: PlannedRun, outcome: Callable[[], Mapping[str, float]]) -> None:
        try:
            line = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in outcome().items())
        except InputError as error:
            failures[run.name] = line = f"failed: {error}"
        print(f"[{done}/{len(runs)}] {run.name}: {line}; {_clock(start, done, len(runs))}")

    if runs:
        ended(1, runs[0], lambda: make(runs[0], _environment(1)))
    with ThreadPoolExecutor(jobs) as pool:
        pending = {pool.submit(make, run, _environment(jobs)): run for run in runs[1:]}
        for done, future in enumerate(as_completed(pending), 2):
            ended(done, pending[future], future.result)
    return failures


def make_run(run: PlannedRun, environment: Mapping[str, str]) -> dict[str, float]:
    """Trains and evaluates one run; its commands' output goes to files below `out`/logs.

    Returns:
      Seconds by command.

    Raises:
      InputError: a command failed; the last line it wrote, and where the others are.
    """
    seconds = {}
    for name, command in run.commands().items():
        log = run.out / "logs" / f"{run.name}.{name}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        with open(log, "w") as output:
            ended = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, env=environment, check=False
            )
        if ended.returncode:
            raise InputError(f"{name} ended with {ended.returncode}, {_last_line(log)} ({log})")
        seconds[name] = round(time.monotonic() - start, 1)
    with whole_file(run.record) as temporary:
        temporary.write_text(json.dumps(seconds) + "\n")
    return seconds


def _environment(jobs: int) -> dict[str, str]:
    threads = str(max((os.cpu_count() or 1) // jobs, 1))
    return os.environ | dict.fromkeys(_THREADS, threads)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "without a word"


def _clock(start: float, done: int, runs: int) -> str:
    minutes = (time.monotonic() - start) / 60
    return f"{minutes:.0f} minutes so far, about {minutes / done * (runs - done):.0f} to go"
