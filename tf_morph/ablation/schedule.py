"""Makes the runs of an ablation, several at a time."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from tf_morph.ablation.runs import PlannedRun, make_run
from tf_morph.errors import InputError

_THREADS = ("TF_NUM_INTRAOP_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


def make_runs(
    runs: Sequence[PlannedRun],
    jobs: int,
    make: Callable[[PlannedRun, Mapping[str, str]], Mapping[str, float]] = make_run,
) -> dict[str, str]:
    """Makes all runs, telling of each as it ends.

    The first is made alone: what it leaves in caches serves the others.

    Args:
      runs: to be made.
      jobs: how many at a time; they share the processor's cores.
      make: makes one run in the environment given and returns seconds by command.

    Returns:
      What went wrong, by the names of the runs that failed.
    """
    start, failures = time.monotonic(), {}

    def ended(done: int, run: PlannedRun, outcome: Callable[[], Mapping[str, float]]) -> None:
        try:
            line = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in outcome().items())
        except InputError as error:
            failures[run.name] = line = f"failed: {error}"
        line = line or "finished meanwhile"
        clock = _clock(start, done, len(runs))
        print(f"[{done}/{len(runs)}] {run.name}: {line}; {clock}", flush=True)

    if runs:
        ended(1, runs[0], lambda: make(runs[0], _environment(1)))
    pool = ThreadPoolExecutor(jobs)
    try:
        pending = {pool.submit(make, run, _environment(jobs)): run for run in runs[1:]}
        for done, future in enumerate(as_completed(pending), 2):
            ended(done, pending[future], future.result)
    finally:
        pool.shutdown(cancel_futures=True)  # of an interrupted command those not begun
    return failures


def _environment(jobs: int) -> dict[str, str]:
    threads = str(max((os.cpu_count() or 1) // jobs, 1))
    return os.environ | dict.fromkeys(_THREADS, threads)


def _clock(start: float, done: int, runs: int) -> str:
    minutes = (time.monotonic() - start) / 60
    return f"{minutes:.0f} minutes so far, about {minutes / done * (runs - done):.0f} to go"
