"""A preparation that is killed, and one that several processes share."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.photographs.prepared.conftest import contents, make
from tf_morph.photographs.prepared.plan import make_plan
from tf_morph.photographs.prepared.shards import finished_shard

ROOT = Path(__file__).parents[3]
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
