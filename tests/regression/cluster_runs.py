"""Runs of several worker processes on this machine."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.processes import KERNELS

_WORKER = """
import pathlib, sys
from tf_morph.config import load_config
from tf_morph.errors import run_main

def main(argv):
    from tf_morph.regression.train import train
    train(load_config(pathlib.Path(argv[1])), argv[2])

run_main(main, ("CONFIG", "WORKDIR"))
"""


class Workers:
    """Processes that train one config in one folder; killed where they are left."""

    def __init__(self, count: int, config: Path, workdir: Path, output: Path):
        self.addresses = [f"127.0.0.1:{port}" for port in _free_ports(count)]
        self._outputs = [output / f"worker_{index}.txt" for index in range(count)]
        self._processes = [self._start(index, config, workdir) for index in range(count)]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self._processes:
            process.kill()
            process.wait()

    def kill(self, index: int) -> None:
        """As kill -9 does."""
        self._processes[index].kill()

    def wait(self, index: int, seconds: float) -> int:
        """A worker's exit status.

        Raises:
          subprocess.TimeoutExpired: it has none yet.
        """
        return self._processes[index].wait(seconds)

    def text(self, index: int) -> str:
        """What a worker has printed, on either stream."""
        return self._outputs[index].read_text()

    def wait_for(self, path: Path, seconds: float) -> None:
        """Returns once there is such a file."""
        end = time.monotonic() + seconds
        while not path.exists():
            assert all(process.poll() is None for process in self._processes), self.text(0)
            assert time.monotonic() < end, f"no {path} in {seconds} seconds"
            time.sleep(0.05)

    def _start(self, index, config, workdir):
        task = {"type": "worker", "index": index}
        described = json.dumps({"cluster": {"worker": self.addresses}, "task": task})
        environment = os.environ | {"TF_CONFIG": described, "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment["NUMBA_CACHE_DIR"] = KERNELS
        with open(self._outputs[index], "w") as output:
            return subprocess.Popen(
                [sys.executable, "-c", _WORKER, str(config), str(workdir)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
