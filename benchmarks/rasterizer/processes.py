"""Processes that measure, started with the threads and the allocator they are to have."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from benchmarks.rasterizer import memory
from benchmarks.rasterizer.cases import Case
from benchmarks.rasterizer.rows import Measure, Row

_ROOT = Path(__file__).parents[2]
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")  # numba's own setting is a thread's alone
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@contextlib.contextmanager
def measuring(threads: int, seconds: float) -> Iterator[Measure]:
    """What measures a case with so many threads: times in one process, memory in another.

    Args:
      threads: of TensorFlow and of numba.
      seconds: about how long each figure is measured, after at least two calls.
    """
    with (
        Process("time", threads, seconds) as clock,
        Process("memory", threads, seconds, memory.SYSTEM_ALLOCATOR) as scales,
    ):
        scales.wait_until_ready()  # lest its start disturb the clock
        yield lambda case: _measured(case, clock, scales)


def _measured(case: Case, clock: "Process", scales: "Process") -> Row:
    found = clock.ask(case)
    if "total_ms" in found:
        found["peak_mb"] = scales.ask(case).get("peak_mb")
    if not memory.can_reset():  # one peak a process
        scales.end()
    return found


class Process:
    """A worker (worker.py) that is started when it is needed, and again after it has ended."""

    def __init__(
        self,
        measure: str,
        threads: int,
        seconds: float,
        environment: Mapping[str, str] = MappingProxyType({}),
    ):
        """
        Args:
          measure: "time" or "memory".
          threads: of TensorFlow and of numba.
          seconds: about how long each figure is measured.
          environment: what its environment has beside this process's own.
        """
        module = "benchmarks.rasterizer.worker"
        self._command = [sys.executable, "-m", module, measure, str(threads), str(seconds)]
        self._environment = {
            **os.environ,
            **_QUIET,
            **dict.fromkeys(_THREADS, str(threads)),
            **environment,
        }
        self._process = None
        self._errors = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()

    def start(self) -> None:
        """Starts it, if it is not running; does not wait until it is ready."""
        if self._process is not None:
            return
        self._errors = tempfile.TemporaryFile("w+", errors="replace")
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=_ROOT,
            env=self._environment,
        )
        self._ready = False

    def wait_until_ready(self) -> None:
        """Starts it if need be; returns also if it ended instead."""
        self.start()
        if not self._ready:
            self._process.stdout.readline()
            self._ready = True

    def ask(self, case: Case) -> Row:
        """The worker's answer; {"not_run": why} if it ended instead."""
        self.wait_until_ready()
        try:
            self._process.stdin.write(json.dumps(asdict(case)) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"not_run": self._last_words()}

    def end(self) -> None:
        """Ends it; `ask` starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._errors.close()
            self._process = None

    def _last_words(self) -> str:
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        self.end()
        if status < 0:
            return f"its process was ended by {signal.Signals(-status).name}"
        return f"its process ended with {status}: {said}"
