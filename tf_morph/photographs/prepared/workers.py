"""Shards made by several processes at once, and how far they are."""

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.photographs.prepared.plan import ShardPlan
from tf_morph.photographs.prepared.shards import ComputeFeatures, make_shard

_PATIENCE = 1.0  # seconds between two looks at whether everybody is alive
_PHOTOGRAPHS, _ERROR = "photographs", "error"


def one_thread_an_operation() -> None:
    """Keeps TensorFlow's operations to one thread each, where none has run yet.

    Sums are then rounded in one order, whatever the number of cores and of processes.
    """
    with contextlib.suppress(RuntimeError):  # it has begun with as many as it likes
        tf.config.threading.set_intra_op_parallelism_threads(1)


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make_shards(
    plans: Sequence[ShardPlan],
    folder: Path,
    make_compute: Callable[[], ComputeFeatures],
    processes: int,
    report: Callable[[int], None],
) -> None:
    """Makes shards, each in one of several processes.

    Args:
      plans: of the shards.
      folder: the prepared folder.
      make_compute: makes what gives the features, in each process anew; it can be pickled.
      processes: how many; one is this process itself.
      report: told after each block of photographs how many it had.

    Raises:
      InputError: a process failed, or died.
    """
    threads = max(1, cores() // processes)
    if processes == 1:
        compute = make_compute()
        for plan in plans:
            make_shard(plan, folder, compute, threads=threads, report=report)
        return
    context = multiprocessing.get_context("spawn")
    tasks, reports = context.Queue(), context.Queue()
    for plan in (*plans, *[None] * processes):
        tasks.put(plan)
    arguments = (tasks, reports, folder, make_compute, threads, os.getpid())
    workers = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for kind, value in _reports(workers, reports):
        if kind == _ERROR:
            raise InputError(value)
        report(value)


def _reports(workers, reports) -> Iterator[tuple[str, int | str]]:
    """What the workers tell, until all of them have ended."""
    while True:
        ended = [worker.exitcode for worker in workers]
        died = [code for code in ended if code]
        if died:
            raise InputError(
                f"a process that prepared photographs ended with status {died[0]}"
                f"{' (killed; out of memory?)' if died[0] == -signal.SIGKILL else ''}; start the "
                "same command again, which goes on where it stopped, or with fewer --processes"
            )
        try:
            yield reports.get(timeout=_PATIENCE)
        except queue.Empty:
            if all(code == 0 for code in ended):
                return


def _work(tasks, reports, folder: Path, make_compute, threads: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this one
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    one_thread_an_operation()
    try:
        compute = make_compute()
        while (plan := tasks.get()) is not None:
            make_shard(
                plan,
                folder,
                compute,
                threads=threads,
                report=lambda photographs: reports.put((_PHOTOGRAPHS, photographs)),
            )
    except InputError as error:
        reports.put((_ERROR, str(error)))
    except OSError as error:  # a full disk, no permission
        reports.put((_ERROR, f"{error.filename or folder}: {error.strerror or error}"))


def _end_with(parent: int) -> None:
    """Ends this process once its parent is gone, were it by SIGKILL, which ends no child."""
    while os.getppid() == parent:
        time.sleep(_PATIENCE)
    os._exit(1)
