"""A preparation that is killed, and one that several processes share."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.photographs.prepared.conftest import RECIPE, compute, contents, make
from tf_morph.photographs.prepared.manifest import write_manifest
from tf_morph.photographs.prepared.plan import make_plan
from tf_morph.photographs.prepared.shards import finished_shard
from tf_morph.photographs.prepared.workers import make_shards

ROOT = Path(__file__).parents[3]
SHARED = """
import sys
from pathlib import Path
from tests.photographs.prepared import conftest, test_killed
if __name__ == "__main__":
    test_killed.make_with_processes(Path(sys.argv[1]), Path(sys.argv[2]))
"""
SLOWLY = """
import sys, time
from pathlib import Path
from tests.photographs.prepared import conftest
compute = conftest.compute
def slowly(images):
    time.sleep(0.2)
    return compute(images)
conftest.compute = slowly
print("begun", flush=True)
conftest.make(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def slow_compute():
    def slowly(images):
        time.sleep(0.3)
        return compute(images)

    return slowly


def make_with_processes(source, out):
    plan = make_plan(source, RECIPE, 8)
    shards = [plan.shard(number) for number in range(len(plan.shards))]
    missing = [shard for shard in shards if finished_shard(shard, out) is None]
    make_shards(missing, out, slow_compute, 2, lambda photographs: None)
    return write_manifest(plan, out)


def _children(process):
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
    return [int(child) for child in found.stdout.split()]


def _is_running(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.slow
def test_processes_end_with_a_killed_parent_and_give_what_one_gives(source, prepared, tmp_path):
    out, script = tmp_path / "out", tmp_path / "script.py"
    script.write_text(SHARED)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(source), str(out)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while not list(out.glob("shards/*.json")):
        assert process.poll() is None
        time.sleep(0.01)
    children = _children(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while any(map(_is_running, children)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(children) >= 2 and not (out / "manifest.json").exists()
    assert subprocess.run(command, cwd=ROOT, env=environment).returncode == 0
    assert contents(out) == contents(prepared.path)


def test_a_killed_preparation_goes_on_to_the_same_shards(source, prepared, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-c", SLOWLY, str(source), str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    process.stdout.readline()
    while len(list(out.glob("shards/*.json"))) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    plan = make_plan(source, prepared.recipe, 8)
    there = [finished_shard(plan.shard(number), out) is not None for number in range(6)]
    assert 2 <= sum(there) < 6 and not (out / "manifest.json").exists()
    made = {path: path.stat().st_mtime_ns for path in out.glob("shards/*.json")}
    make(source, out, [number for number in range(6) if not there[number]])
    assert contents(out) == contents(prepared.path)
    assert all(path.stat().st_mtime_ns == time for path, time in made.items())
