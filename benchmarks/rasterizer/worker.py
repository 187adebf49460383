"""A process that measures cases: one in, as a line of JSON on stdin, one line of JSON out.

Threads are a process's, and so is the memory it holds; hence processes apart (see processes.py).

    python -m benchmarks.rasterizer.worker time|memory THREADS SECONDS
"""

import json
import sys
from typing import TextIO

import tensorflow as tf

from benchmarks.peers.tfg_rasterizer import Unavailable
from benchmarks.rasterizer.cases import Case
from benchmarks.rasterizer.memory import peak_mb
from benchmarks.rasterizer.pictures import Meshes, drawer, forward_step, make_meshes, total_step
from benchmarks.timing import fastest_seconds

TIME, MEMORY = "time", "memory"
READY = {"ready": True}
_REPEATS = 50  # at most, of what takes far less than the seconds given


def main():
    measure, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    _tell(answers, READY)
    for line in sys.stdin:
        _tell(answers, answer(Case(**json.loads(line)), measure, seconds))


def answer(case: Case, measure: str, seconds: float) -> dict:
    """What `measure_time` or `measure_memory` gives, or why the kernel is not there."""
    meshes = make_meshes(case.triangles, case.size, case.batch)
    try:
        if measure == MEMORY:
            return measure_memory(case, meshes)
        return measure_time(case, meshes, seconds)
    except (ImportError, Unavailable) as error:
        return {"unavailable": " ".join(str(error).split())}
    except tf.errors.ResourceExhaustedError:
        return {"not_run": "out of memory"}


def measure_time(case: Case, meshes: Meshes, seconds: float) -> dict[str, float]:
    """Milliseconds an image of `forward_step` and `total_step`; what the pictures show."""
    draw = drawer(case.kernel, meshes, case.culled)
    forward, total = forward_step(draw, meshes), total_step(draw, meshes)
    to_milliseconds = 1e3 / case.batch
    return {
        "forward_ms": to_milliseconds * fastest_seconds(forward, _REPEATS, seconds),
        "total_ms": to_milliseconds * fastest_seconds(total, _REPEATS, seconds),
        "facing_away": meshes.facing_away(),
        "covered": float(tf.reduce_mean(tf.cast(forward()[..., 0] > 0, tf.float32))),
    }


def measure_memory(case: Case, meshes: Meshes) -> dict[str, float]:
    """Peak memory of `total_step`, see `memory.peak_mb`."""
    draw = drawer(case.kernel, meshes, case.culled)
    return {"peak_mb": peak_mb(total_step(draw, meshes))}


def _tell(answers: TextIO, values: dict) -> None:
    answers.write(json.dumps(values) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
