"""Features of prepared inputs in a .npy file, or of a folder of photographs, as they come."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.array_cache import write_arrays
from tf_morph.errors import InputError
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.decode import Crop
from tf_morph.recognition.feature_computation import feature_step
from tf_morph.recognition.network import RecognitionNetwork

PATHS = "paths"  # the array that names a folder's photographs
_BATCH = 32  # pictures a step of the network
_BLOCK = 256  # photographs decoded at a time: 39 MB at 224 x 224


class FolderFeatures(NamedTuple):
    """Features of a folder's photographs.

    Attributes:
      arrays: {output name: float32 [N, D], `PATHS`: N paths}.
      skipped: (path, reason) of the photographs that have no features.
    """

    arrays: dict[str, np.ndarray]
    skipped: tuple[tuple[str, str], ...]


def features_of_prepared(network: RecognitionNetwork, path: Path) -> dict[str, np.ndarray]:
    """Features of inputs that are prepared already, as the network's convention would.

    Args:
      network: what computes them.
      path: a .npy file, [N, s, s, 3] of finite numbers.

    Returns:
      {output name: float32 [N, D]}, not normalised; maps are flattened.

    Raises:
      InputError: no such file, no array in it, or one of another shape or of numbers that are not
        finite.
    """
    inputs = _read(path, network)

    @tf.function(input_signature=[tf.TensorSpec([None, *inputs.shape[1:]], tf.float32)])
    def step(batch):
        return network.features_of_prepared(batch)

    def prepared(batch):
        batch = np.asarray(batch, np.float32)
        if not np.isfinite(batch).all():
            raise InputError(f"{path}: holds numbers that are not finite")
        return step(tf.constant(batch))

    # At least one step, so that no inputs still give arrays of the right width.
    starts = range(0, max(len(inputs), 1), _BATCH)
    bar = tqdm(starts, f"{network.name} features", unit="batch", disable=None)
    return _joined(network, (prepared(inputs[start : start + _BATCH]) for start in bar))


def features_of_folder(
    network: RecognitionNetwork, paths: Iterable[str], crop: Crop | str | None
) -> FolderFeatures:
    """Features of photographs.

    Args:
      network: what computes them.
      paths: of the photographs.
      crop: as `load_aligned` takes it.

    Raises:
      InputError: none of the photographs can be used.
    """
    paths = list(paths)
    step = feature_step(network, network.input_size, network.input_size)
    parts, kept, skipped = [], [], []
    bar = tqdm(total=len(paths), desc=f"{network.name} features", unit="photo", disable=None)
    with bar:
        for start in range(0, len(paths), _BLOCK):
            block = paths[start : start + _BLOCK]
            loaded = load_aligned(block, crop, network.input_size, progress=False)
            kept += [block[index] for index in loaded.kept]
            skipped += loaded.skipped
            images = loaded.images
            parts += [step(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
            bar.update(len(block))
    if not parts:
        raise InputError(f"{skipped[0][0]}: {skipped[0][1]}; so it is with all {len(paths)}")
    return FolderFeatures({**_joined(network, parts), PATHS: np.array(kept)}, tuple(skipped))


def write_features(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes a .npz file, whole or not at all.

    Raises:
      InputError: it cannot be written there.
    """
    try:
        write_arrays(path, **arrays)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error


def _read(path: Path, network: RecognitionNetwork) -> np.ndarray:
    wanted = "give a .npy file of prepared inputs or a folder of photographs"
    if not path.is_file():
        raise InputError(f"{path}: no such file; {wanted}")
    try:
        inputs = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: no array of numbers, or a damaged one; {wanted}") from error
    size = network.input_size
    shape = getattr(inputs, "shape", None)
    if shape is None or len(shape) != 4 or shape[1:] != (size, size, 3):
        raise InputError(
            f"{path}: holds {list(shape or ())}; {network.name} takes [N, {size}, {size}, 3]"
        )
    if inputs.dtype.kind not in "fiu":
        raise InputError(f"{path}: holds {inputs.dtype.name}; give numbers, such as float32")
    return inputs


def _joined(network: RecognitionNetwork, parts) -> dict[str, np.ndarray]:
    parts = list(parts)
    return {
        name: np.concatenate([part[name].numpy() for part in parts])
        for name in network.output_names
    }
