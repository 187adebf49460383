"""A trained run as files that can be handed on.

    python -m tf_morph.export OUT... --run=RUN

By the name of OUT: `NAME.tfmorph`, one file that --run of tf_morph.reconstruct takes in place of a
run's folder; `NAME.keras`, a Keras file, and `NAME` without suffix, a SavedModel's folder: both map
crops of faces to coefficients, vertices and colours, and need nothing of tf_morph.
"""

from collections.abc import Sequence
from pathlib import Path

from absl import flags

from tf_morph.errors import InputError, run_main


def _define_flags() -> None:
    flags.DEFINE_string("run", None, "A trained run's folder, or an exported file.", required=True)
    flags.DEFINE_bool(
        "face_model", False, "NAME.tfmorph holds the face model, too; mind its licence."
    )


def main(argv: Sequence[str]) -> None:
    # Not above: TensorFlow takes seconds, and what is wrong with the names is told at once.
    outs = [Path(name) for name in argv[1:]]
    for out in outs:
        _check_name(out)
    from tf_morph.config import expand_path
    from tf_morph.reconstruction.open_parts import open_parts

    parts = open_parts(expand_path(flags.FLAGS.run))
    for out in outs:
        _export(out, parts)
        print(out)


def _check_name(out: Path) -> None:
    if out.suffix not in ("", ".keras", ".tfmorph"):
        raise InputError(f"{out}: name it NAME.tfmorph, NAME.keras, or NAME for a SavedModel")
    if out.exists() and (out.is_dir() or not out.suffix):
        raise InputError(f"{out}: is there already; name another, or delete it")


def _export(out: Path, parts) -> None:
    from tf_morph.reconstruction.export.bundle import SUFFIX, write_bundle
    from tf_morph.reconstruction.export.keras_file import write_keras_file
    from tf_morph.reconstruction.export.saved_model import write_saved_model

    if out.suffix == SUFFIX:
        write_bundle(out, parts, flags.FLAGS.face_model)
    elif out.suffix:
        write_keras_file(out, parts)
    else:
        write_saved_model(out, parts)


if __name__ == "__main__":
    run_main(main, ("OUT...",), _define_flags)
