"""The mean of embeddings over people, to be taken off embeddings that are not centred.

    python -m tf_morph.recognition.features --network=dlib_resnet --output=embedding \\
      --crop=aligned $TF_MORPH_ASSETS/lfw features.npz
    python -m tf_morph.recognition.mean_embedding features.npz mean.npy

So was made architectures/dlib_mean_embedding.npy.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tf_morph.array_cache import read_arrays
from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.recognition.feature_files import PATHS

_OUTPUT = "embedding"


def mean_over_people(embeddings: np.ndarray, identities: Sequence[str]) -> np.ndarray:
    """The mean of everybody's mean, so that nobody weighs more for having more photographs.

    Args:
      embeddings: [N, D].
      identities: the person's name, one a row.

    Returns:
      float32 [D].
    """
    _, person, photographs = np.unique(identities, return_inverse=True, return_counts=True)
    weights = 1.0 / photographs[person]
    return (weights @ embeddings / weights.sum()).astype(np.float32)


def main(argv: Sequence[str]) -> None:
    source, out = expand_path(argv[1]), expand_path(argv[2])
    arrays = read_arrays(source, (_OUTPUT, PATHS)) if source.is_file() else None
    if arrays is None:
        raise InputError(
            f"{source}: no features with {_OUTPUT!r} and {PATHS!r}; make them with "
            f"python -m tf_morph.recognition.features --output={_OUTPUT} FOLDER"
        )
    if out.suffix != ".npy":
        raise InputError(f"{out}: name a file that ends in .npy")
    embeddings, paths = arrays
    identities = [Path(path).parent.name for path in paths]
    mean = mean_over_people(embeddings, identities)
    with whole_file(out) as temporary, temporary.open("wb") as file:
        np.save(file, mean)
    print(f"{out}: the mean of {len(set(identities))} people in {len(paths)} photographs")


if __name__ == "__main__":
    run_main(main, ("FEATURES.npz", "OUT.npy"))
