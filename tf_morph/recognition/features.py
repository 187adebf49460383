"""Features of photographs or of prepared inputs, in a file.

    python -m tf_morph.recognition.features --network=NAME --output=LAYER IN OUT.npz

IN is a folder of photographs, cropped and prepared as the network wants them, or a .npy file of
inputs [N, s, s, 3] that are prepared already. OUT.npz holds each output as float32 [N, D] under its
name, as the network gives it, not normalised; for a folder also `paths`. The network is named or
given as a path, as `recognition.named` takes it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.photographs import list_photographs
from tf_morph.recognition.feature_files import (
    PATHS,
    features_of_folder,
    features_of_prepared,
    write_features,
)
from tf_morph.recognition.load import load_network
from tf_morph.recognition.named import named_network
from tf_morph.recognition.photograph_crop import crop_for, crop_rule, read_files


def _define_flags():
    flags.DEFINE_string("network", None, "a network's name or its file", required=True)
    flags.DEFINE_string("weights", None, "the weight file, for a network that is named")
    flags.DEFINE_list("output", None, "outputs or layers, separated by commas", required=True)
    flags.DEFINE_string(
        "crop", None, "of photographs, as evaluate.py has it: left,top,right,bottom, or a rule"
    )


def main(argv: Sequence[str]) -> None:
    values = flags.FLAGS
    source, out = expand_path(argv[1]), expand_path(argv[2])
    if out.suffix != ".npz":
        raise InputError(f"{out}: name a file that ends in .npz")
    if PATHS in values.output:
        raise InputError(f"--output={PATHS}: that name is taken by the photographs' paths")
    config = named_network(values.network, values.weights, values.output)
    if source.is_dir():
        arrays = _of_photographs(config, source, values.crop)
    else:
        arrays = features_of_prepared(load_network(config), source)
    write_features(out, arrays)
    shapes = (f"{name} {list(array.shape)}" for name, array in arrays.items() if name != PATHS)
    print(f"{out}: {', '.join(shapes)}")


def _of_photographs(config, folder: Path, asked: str | None):
    photographs = list_photographs(folder)
    crop = crop_for(config.kind, crop_rule(asked, read_files(photographs.paths)))
    found = features_of_folder(load_network(config), photographs.paths, crop)
    for path, reason in (*photographs.skipped, *found.skipped):
        print(f"{path}: skipped: {reason}", file=sys.stderr)
    return found.arrays


if __name__ == "__main__":
    run_main(main, ("IN", "OUT.npz"), _define_flags)
