"""Times the rasterizer: both sets of kernels, beside TF-Graphics' where it can be built.

    python -m benchmarks.rasterizer [--quick] [--json=FILE]

From the root of the clone; without --quick about 20 minutes on two cores. A row of the table is a
mesh, a size of the pictures, a batch, a number of threads and a kernel; drawn are heads, of which
about half faces away and is left out, each of its own shape and pose. `forward_ms` and `total_ms`
are milliseconds an image, the fastest of several calls, of vertices in the world to clip space,
visibility, and colours [B, V, 3] to pixels, in a `tf.function` on the CPU; total with the gradient
to vertices and colours. `peak_mb` is how far the process's memory rises above its level at rest in
one such call, forward and backward, for the whole batch, without its inputs (memory.py; not on
Linux: an upper bound). TF-Graphics' kernel is compiled by g++ from the sources in its wheel and
called through its own Python.
"""

from functools import partial
from pathlib import Path

from absl import flags

from benchmarks.rasterizer import text
from benchmarks.rasterizer.cases import all_cases, few_cases
from benchmarks.rasterizer.machine import cores, free_mb, machine
from benchmarks.rasterizer.processes import measuring
from benchmarks.rasterizer.rows import measured_rows, write_rows
from tf_morph.errors import run_main

_QUICK_SECONDS, _SECONDS = 0.3, 1.5
_MEMORY_SHARE = 1 / 3  # the process that times keeps what the one that weighs needs again


def main(argv):
    del argv
    values, here = flags.FLAGS, machine()
    threads = sorted({1, cores()})
    cases = few_cases(threads) if values.quick else all_cases(threads)
    seconds = values.seconds or (_QUICK_SECONDS if values.quick else _SECONDS)
    rows = []
    print(text.heading(here), flush=True)
    limits = values.limit_seconds, _MEMORY_SHARE * free_mb()
    for row in measured_rows(cases, partial(measuring, seconds=seconds), *limits):
        rows.append(row)
        print(text.line(row), flush=True)
        if values.json:
            write_rows(Path(values.json), here, rows)  # whatever may break it off later
    print("\n" + "\n\n".join(filter(None, [text.shares(rows), text.growth(rows)])))


def _define_flags():
    flags.DEFINE_bool("quick", False, "106,032 triangles at 224 x 224 in a batch of 8 only")
    flags.DEFINE_string("json", None, "file to write the rows and the machine to")
    flags.DEFINE_float("seconds", None, "about how long a figure is measured", lower_bound=0)
    flags.DEFINE_float(
        "limit_seconds", 60.0, "rows that would take longer are not run", lower_bound=0
    )


if __name__ == "__main__":
    run_main(main, define_flags=_define_flags)
