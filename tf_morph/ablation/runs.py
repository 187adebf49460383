"""Each run of an ablation: its folder, its commands, and what is left of it to be made."""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import ml_collections

from tf_morph.ablation.variants import FULL, Value, Variant, changed
from tf_morph.atomic import whole_file
from tf_morph.config import config_difference
from tf_morph.errors import InputError
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.stages import FIRST_STEP

ROOT = Path(__file__).parents[2]  # of the clone
_FINISHED, _LOGS, _LOCKS, _SEED = "finished", "logs", "locks", "_seed"
_SAVED = 4  # checkpoints a run: what a run that is broken off loses


def run_name(variant: str, seed: int) -> str:
    """The name of a run's folder below that of all runs."""
    return f"{variant}{_SEED}{seed}"


def record_file(out: Path, variant: str, seed: int) -> Path:
    """What a run's commands cost; there once all have ended well."""
    return out / _FINISHED / f"{run_name(variant, seed)}.json"


@dataclass(frozen=True)
class PlannedRun:
    """A variant under one seed.

    Attributes:
      variant: its name.
      seed: of training.
      out: the folder of all runs.
      config: the config file, as train.py takes it.
      overrides: what is changed of it.
    """

    variant: str
    seed: int
    out: Path
    config: str
    overrides: Mapping[str, Value]

    @property
    def name(self) -> str:
        return run_name(self.variant, self.seed)

    @property
    def folder(self) -> Path:
        return self.out / self.name

    @property
    def record(self) -> Path:
        return record_file(self.out, self.variant, self.seed)

    @property
    def finished(self) -> bool:
        return self.record.exists() and self.folder.exists()

    def log(self, command: str) -> Path:
        """Where a command's output goes."""
        return self.out / _LOGS / f"{self.name}.{command}.txt"

    def commands(self) -> dict[str, list[str]]:
        """What is run, in order, by name."""
        changes = [f"--config.{field}={value}" for field, value in self.overrides.items()]
        workdir = f"--workdir={self.folder}"
        # The references are the same beside every variant.
        brief = [] if self.variant == FULL else ["--noreferences"]
        return {
            "train": [sys.executable, str(ROOT / "train.py"), f"--config={self.config}", workdir]
            + changes,
            "evaluate": [sys.executable, str(ROOT / "evaluate.py"), workdir, *brief],
        }


def plan_runs(
    variants: Sequence[Variant],
    seeds: Sequence[int],
    out: Path,
    config: str,
    shared: Mapping[str, Value],
) -> list[PlannedRun]:
    """Every variant under the first seed, then under the next: what is broken off compares too.

    Args:
      variants: to be run.
      seeds: each variant's.
      out: the folder of all runs.
      config: the config file.
      shared: fields that are changed in all of them.
    """
    return [
        PlannedRun(variant.name, seed, out, config, {**shared, "seed": seed, **variant.overrides})
        for seed in seeds
        for variant in variants
    ]


def shared_changes(base: ml_collections.ConfigDict, steps: int) -> dict[str, Value]:
    """What every run of so many steps has in common: nothing drawn or kept in vain.

    Stages of `base` begin after the same share of the steps as there.
    """
    share = steps / base.training.steps
    begins = {
        f"stages.{name}.{FIRST_STEP}": 1 + round((stage[FIRST_STEP] - 1) * share)
        for name, stage in base.stages.items()
    }
    return begins | {
        "training.steps": steps,
        "training.picture_every": steps,
        "training.checkpoint_every": max(-(-steps // _SAVED), 1),
        "training.keep_checkpoints": 1,
        "validation.patience": 0,  # all make the same number of steps
    }


def finished_runs(out: Path) -> list[tuple[str, int]]:
    """(variant, seed) of every finished run below `out`, sorted."""
    names = [record.stem for record in (out / _FINISHED).glob(f"*{_SEED}*.json")]
    return sorted((variant, int(seed)) for variant, _, seed in (n.rpartition(_SEED) for n in names))


def check_configs(runs: Sequence[PlannedRun], base: ml_collections.ConfigDict) -> None:
    """Checks that what there is of the runs is what they would be.

    Raises:
      InputError: a folder holds a run of another config, such as one of fewer steps.
    """
    for run in runs:
        folder = RunFolder(run.folder)
        if folder.config.exists():
            difference = config_difference(folder.read_config(), changed(base, run.overrides))
            if difference:
                raise InputError(
                    f"{run.folder}: holds a run of another config ({'; '.join(difference)}); "
                    "name another --out"
                )


def make_run(run: PlannedRun, environment: Mapping[str, str]) -> dict[str, float]:
    """Trains and evaluates one run; its commands' output goes to files below `out`/logs.

    A process left by an ablation that was killed is waited for, so that no two train in a folder.

    Args:
      run: to be made, or made to its end from its last checkpoint.
      environment: of its processes.

    Returns:
      Seconds by command, `train` and `evaluate`; none if the run turns out to be finished.

    Raises:
      InputError: a command failed; the last line it wrote, and where the others are.
    """
    seconds, processor_seconds = {}, {}
    with _alone(run) as lock:
        if run.finished:
            return {}
        for name, command in run.commands().items():
            start = time.monotonic()
            status, usage = _run_to_end(command, run.log(name), environment, lock)
            if status:
                told = _last_line(run.log(name))
                raise InputError(f"{name} ended with {status}, {told} ({run.log(name)})")
            seconds[name] = round(time.monotonic() - start, 1)
            processor_seconds[name] = round(usage.ru_utime + usage.ru_stime, 1)
        record = {"seconds": seconds, "processor_seconds": processor_seconds}
        with whole_file(run.record) as temporary:
            temporary.write_text(json.dumps(record) + "\n")
    return seconds


@contextlib.contextmanager
def _alone(run: PlannedRun) -> Iterator[IO]:
    path = run.out / _LOCKS / run.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{run.name}: another command's process is at it; waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _run_to_end(command: Sequence[str], log: Path, environment: Mapping[str, str], lock: IO):
    """The exit status and the resources used; the process holds the lock, whoever started it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=(lock.fileno(),),
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "without a word"
