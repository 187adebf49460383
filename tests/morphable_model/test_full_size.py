"""A file of the Basel Face Model's size: how long it takes and what memory."""

import subprocess
import sys

import pytest

from tests.morphable_model.synthetic_models import full_size_model

# Peak resident memory and wall time of loading, after everything has been imported. On Linux the
# peak of getrusage outlives exec, so that a child starts with its parent's: there the kernel's own
# mark of this process is read.
_MEASURE = """
import pathlib, resource, sys, time
from tf_morph.morphable_model import MorphableModel

def peak():
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        line = next(l for l in status.read_text().splitlines() if l.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak()
start = time.perf_counter()
model = MorphableModel.load(sys.argv[1])
seconds = time.perf_counter() - start
print(peak() - before, seconds)
assert model.num_vertices == 53149 and model.shape_components == 199
"""


@pytest.mark.slow
@pytest.mark.parametrize("expression", [False, True])
@pytest.mark.parametrize("version", ["0.8", "0.9"])
def test_loads_fast_within_two_and_a_half_times_its_size(tmp_path, expression, version):
    path = tmp_path / "full.h5"
    full_size_model(expression).save(path, version=version)
    output = subprocess.run(
        [sys.executable, "-c", _MEASURE, path], capture_output=True, text=True, check=True
    ).stdout
    memory, seconds = map(float, output.split())
    size = path.stat().st_size
    print(f"{size / 1e6:.0f} MB: {seconds:.2f} s, {memory / size:.2f} times its size")
    assert seconds < 3.0
    # Less than the arrays themselves would say that the measurement is broken.
    assert 0.95 * size < memory < 2.5 * size
