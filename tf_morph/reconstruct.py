"""Heads from photographs.

    python -m tf_morph.reconstruct PHOTO_OR_FOLDER... [--out=FOLDER] [--run=RUN]

RUN is the folder of a trained run, or a file that `python -m tf_morph.export` made of one; without
it the regressor that comes with the package reads them. Each
face found gets a folder in FOLDER, named after its photograph: the head as GLB, OBJ and PLY, its
coefficients as JSON and NPZ, a picture, and a page with the head to turn. The same command again
goes on where it was broken off. With --person all photographs are of one person and give one head.
"""

import sys
from collections.abc import Sequence

from absl import flags

from tf_morph.errors import InputError, InputErrors, run_main
from tf_morph.hairstyles import HAIR_CHOICES, NO_HAIR
from tf_morph.reconstruction.finish import TEXTURES, Finish

_KINDS = ("glb", "obj", "ply", "coefficients", "picture", "page")
_MOST_LINES = 20  # of what is wrong with photographs


def _define_flags() -> None:
    flags.DEFINE_string(
        "run", None, "A trained run's folder, or an exported file; default: what comes with this."
    )
    flags.DEFINE_string("out", "heads", "The folder to write heads into.")
    flags.DEFINE_bool("person", False, "One head of all photographs, which show one person.")
    flags.DEFINE_multi_enum("write", _KINDS, _KINDS, "What is written; again for each.")
    flags.DEFINE_bool("every_face", True, "--noevery_face: of a photograph the prominent one.")
    flags.DEFINE_enum(
        "texture", "model", TEXTURES, "Of the meshes: the model's colours, or the photograph's."
    )
    flags.DEFINE_enum("hair", NO_HAIR, HAIR_CHOICES, "A style, or the head as its model has it.")
    flags.DEFINE_bool("expression", False, "The fitted expression in the meshes, not the neutral.")
    flags.DEFINE_bool(
        "fit", True, "Pose, camera and light of each photograph; --nofit: faster, none of them."
    )


def main(argv: Sequence[str]) -> None:
    finish = _finish()
    # Not above: TensorFlow takes seconds, and what is wrong with the flags is told at once.
    import tensorflow as tf

    from tf_morph.config import expand_path
    from tf_morph.reconstruction.photograph_list import named_photographs
    from tf_morph.reconstruction.regressor import Regressor

    values = flags.FLAGS
    tf.get_logger().setLevel("ERROR")  # it warns of functions compiled for several sizes
    photographs, unusable = named_photographs(argv[1:])
    regressor = Regressor.load(values.run and expand_path(values.run), len(photographs))
    out = expand_path(values.out)
    if values.person:
        from tf_morph.reconstruction.person import reconstruct_person

        done = reconstruct_person(regressor, photographs, out, values.write, values.hair)
        heads = int(any(not one.reason for one in done))
    else:
        from tf_morph.reconstruction.overview import write_overview
        from tf_morph.reconstruction.reconstruct_files import Settings, reconstruct_files

        settings = Settings(tuple(values.write), values.every_face, values.fit, *finish)
        done = reconstruct_files(regressor, photographs, out, settings)
        write_overview(out, done, unusable)
        heads = sum(len(one.folders) for one in done)
    faults = [f"{one.photograph.path}: {one.reason}" for one in done if one.reason]
    _report(out, heads, [*faults, *(f"{path}: {reason}" for path, reason in unusable)])


def _finish() -> tuple[str, bool, str]:
    """Texture, expression and hair of the meshes, where they go with the other flags."""
    values = flags.FLAGS
    finish = Finish(values.texture, values.expression, values.hair)
    if values.person and finish.needs_photograph:
        raise InputError(
            "--person: a head of several photographs has the model's colours and no expression; "
            "leave out --texture and --expression"
        )
    finish.check(values.fit)
    return finish.texture, finish.expression, finish.hair


def _report(out, heads: int, faults: list[str]) -> None:
    if not heads and len(faults) == 1:
        raise InputError(faults[0])
    shown, left = faults[:_MOST_LINES], len(faults) - _MOST_LINES
    shown += [f"and {left:,} more (skipped.csv)"] if left > 0 else []
    if not heads:
        raise InputErrors(f"none of {len(faults):,} photographs gives a head", shown)
    for fault in shown:
        print(f"skipped: {fault}", file=sys.stderr)
    print(f"{out / 'index.html'}: {heads:,} {'head' if heads == 1 else 'heads'}")


if __name__ == "__main__":
    run_main(main, ("PHOTO_OR_FOLDER...",), _define_flags)
