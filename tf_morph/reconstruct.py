"""Heads from photographs.

    python -m tf_morph.reconstruct PHOTO_OR_FOLDER... --run=RUN --out=FOLDER

RUN is the folder of a trained run. Of each face found OUT gets a folder: the head as GLB, OBJ and
PLY, its coefficients as JSON and NPZ, a picture, and a page with the head to turn.
"""

import sys
from collections.abc import Sequence

from absl import flags

from tf_morph.config import expand_path
from tf_morph.errors import InputError, InputErrors, run_main

_MOST_LINES = 20  # of what is wrong with photographs


def _define_flags() -> None:
    flags.DEFINE_string("run", None, "The folder of a trained run.", required=True)
    flags.DEFINE_string("out", None, "The folder to write heads into.", required=True)


def main(argv: Sequence[str]) -> None:
    from tf_morph.reconstruction.photograph_list import named_photographs
    from tf_morph.reconstruction.reconstruct_files import reconstruct_files
    from tf_morph.reconstruction.regressor import Regressor

    values = flags.FLAGS
    photographs, skipped = named_photographs(argv[1:])
    regressor = Regressor.load(expand_path(values.run))
    out = expand_path(values.out)
    done = reconstruct_files(regressor, photographs, out)
    faults = [f"{d.photograph.path}: {d.reason}" for d in done if d.reason]
    faults += [f"{path}: {reason}" for path, reason in skipped]
    _report(out, sum(len(d.folders) for d in done), faults)


def _report(out, heads: int, faults: list[str]) -> None:
    if not heads:
        shown = faults[:_MOST_LINES]
        if len(faults) == 1:
            raise InputError(shown[0])
        raise InputErrors(f"none of {len(faults)} photographs gives a head", shown)
    for fault in faults[:_MOST_LINES]:
        print(f"skipped: {fault}", file=sys.stderr)
    print(f"{out}: {heads} heads")


if __name__ == "__main__":
    run_main(main, ("PHOTO_OR_FOLDER...",), _define_flags)
