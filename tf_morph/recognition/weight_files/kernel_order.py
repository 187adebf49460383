"""Kernels of other backends and layouts, put in TensorFlow's order.

Theano flips a kernel before it multiplies, and pictures with their channels first flatten in
another order: both change what a file's numbers mean, and the second does not show in any shape.

Source: what Keras 2 converts when it loads a file of another backend.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files.stored import Stored, StoredLayers

_LARGEST_KERNEL = 11  # pixels; more is a number of channels


class KernelOrder(NamedTuple):
    """What a file says of its kernels.

    Attributes:
      backend: "tensorflow", "theano", "cntk", or "" where it says nothing.
      channels_first: whether it says that pictures are [B, C, H, W].
    """

    backend: str = ""
    channels_first: bool = False


def in_order(path: Path, layers: StoredLayers, said: KernelOrder) -> StoredLayers:
    """The layers with kernels [h, w, in, out], not flipped, for pictures [B, H, W, C].

    Raises:
      InputError: the kernels are [out, in, h, w], and the file does not say whether flipped.
    """
    outer = _convolutions(layers) and all(_is_outer(s) for s in _convolutions(layers))
    if outer and not said.backend:
        raise InputError(
            f"{path}: its kernels are [out, in, h, w] and it does not say by which backend they "
            "were trained, so whether they are flipped is not known; give a file of TensorFlow's"
        )
    flipped = said.backend == "theano"
    if not (outer or flipped or said.channels_first):
        return layers
    changed = {
        layer: {kind: _kernel(stored, outer, flipped) for kind, stored in kinds.items()}
        for layer, kinds in layers.items()
    }
    return _flattened(changed) if outer or said.channels_first else changed


def _convolutions(layers: StoredLayers) -> list[Stored]:
    return [s for kinds in layers.values() for s in kinds.values() if len(s.shape) == 4]


def _is_outer(kernel: Stored) -> bool:
    return max(kernel.shape[2:]) <= _LARGEST_KERNEL < max(kernel.shape[:2])


def _kernel(stored: Stored, outer: bool, flipped: bool) -> Stored:
    if len(stored.shape) != 4:
        return stored
    axes = (2, 3, 1, 0) if outer else (0, 1, 2, 3)

    def change(kernel: np.ndarray) -> np.ndarray:
        kernel = kernel.transpose(axes)
        return kernel[::-1, ::-1] if flipped else kernel

    return stored.reordered(change, [stored.shape[axis] for axis in axes])


def _flattened(layers: StoredLayers) -> StoredLayers:
    """The first dense kernel's rows from (c, h, w) to (h, w, c), where it follows a whole map."""
    channels = 0
    changed = {layer: dict(kinds) for layer, kinds in layers.items()}
    for kinds in changed.values():
        kernel = kinds.get("kernel")
        if kernel is not None and len(kernel.shape) == 4:
            channels = kernel.shape[-1]
        elif kernel is not None and len(kernel.shape) == 2 and channels:
            kinds["kernel"] = _rows_in_order(kernel, channels)
            return changed
    return changed


def _rows_in_order(kernel: Stored, channels: int) -> Stored:
    rows, units = kernel.shape
    side = round((rows / channels) ** 0.5)
    if rows != channels * side * side or side == 1:
        return kernel

    def change(values: np.ndarray) -> np.ndarray:
        values = values.reshape(channels, side, side, units)
        return values.transpose(1, 2, 0, 3).reshape(rows, units)

    return kernel.reordered(change, kernel.shape)
