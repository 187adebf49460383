"""The paper's size: seconds a step, their split and peak memory, on files with random numbers.

python -m benchmarks.paper_run [--compared=facenet] [--steps=5] [--files=FOLDER] [--json=FILE]

Writes files of the published layouts and sizes (1.1 GB; `tests/paper_files.py`) where they are
missing, and takes the step of configs/paper.py apart as `benchmarks.training_step` does. The
share of all drawing is that of face model, scenes and pictures; that of the renderer alone takes
vertices and colours to pictures, forward and backward.
Neither times nor memory depend on the numbers in the files.
"""

import json
import os
import resource
import runpy
import subprocess
import sys
from pathlib import Path

from absl import flags

from benchmarks import training_step
from tf_morph.atomic import whole_file
from tf_morph.config import ASSETS_VARIABLE
from tf_morph.errors import run_main
from tf_morph.memory import keep_freed_memory

FLAGS = flags.FLAGS
CONFIG = "configs/paper.py"
DRAWING = "drawing"  # begins the names of the parts that draw, face model and scenes included


def share(milliseconds: dict[str, float], kind: str, whole: str) -> float:
    """How much of the step the parts take whose names begin with `kind`."""
    parts = sum(value for part, value in milliseconds.items() if part.startswith(kind))
    return parts / milliseconds[whole]


def main(argv):
    del argv
    keep_freed_memory()  # as train.py does
    step = training_step.Step(_config())
    milliseconds = training_step.measure(step.parts(), FLAGS.steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # KiB on Linux
    whole = milliseconds[training_step.WHOLE]
    print(
        f"{CONFIG}, {FLAGS.compared} compared: {step.drawn} drawings with gradient, "
        f"{step.synthetic} without, {step.drawer.renderer.height} pixels, {os.cpu_count()} cores"
    )
    for part, value in milliseconds.items():
        print(f"{part:38s} {value / 1e3:8.2f} s {value / whole:8.1%}")
    for kind in (DRAWING, training_step.RENDERER):
        of_step = share(milliseconds, kind, training_step.WHOLE)
        print(f"{f'all {kind}':38s} {of_step * whole / 1e3:8.2f} s {of_step:8.1%}")
    print(f"{'peak memory':38s} {peak:8.2f} GiB")
    if FLAGS.json:
        record = {"compared": FLAGS.compared, "milliseconds": milliseconds, "peak_gib": peak}
        with whole_file(Path(FLAGS.json)) as temporary:
            temporary.write_text(json.dumps(record) + "\n")


def _config():
    files = Path(FLAGS.files).expanduser()
    os.environ[ASSETS_VARIABLE] = str(files)
    # In a process of its own, so that its memory does not count.
    subprocess.run([sys.executable, "-m", "tests.paper_files", str(files)], check=True)
    return runpy.run_path(CONFIG)["get_config"](FLAGS.compared)


def define_flags():
    flags.DEFINE_enum("compared", "facenet", ["facenet", "vgg_face"], "The identity loss's.")
    flags.DEFINE_integer("steps", 5, "of each part; the median counts", lower_bound=1)
    flags.DEFINE_string("files", "~/.cache/tf_morph/paper_files", "Where the files are written.")
    flags.DEFINE_string("json", None, "a file to write the figures to")


if __name__ == "__main__":
    run_main(main, define_flags=define_flags)
