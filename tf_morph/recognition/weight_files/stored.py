"""Arrays that still lie in a file: their shapes are known, their numbers read when asked for."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError


class Stored(NamedTuple):
    """One array of a layer.

    Attributes:
      shape: its shape, as `read` gives it.
      read: reads it.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]

    def reordered(self, change: Callable[[np.ndarray], np.ndarray], shape) -> "Stored":
        """The same array after `change`, whose shape is then `shape`."""
        return Stored(tuple(shape), lambda: change(self.read()))


# {layer's published name: {kind, such as "kernel": array}}, in the order of the file.
StoredLayers = Mapping[str, Mapping[str, Stored]]


def read_all(layers: StoredLayers) -> dict[str, dict[str, np.ndarray]]:
    """Every array as float32.

    Raises:
      InputError: one cannot be read, or holds something else than finite numbers; the line names
        the layer, not the file.
    """
    return {
        layer: {kind: _numbers(layer, kind, stored.read()) for kind, stored in kinds.items()}
        for layer, kinds in layers.items()
    }


def _numbers(layer: str, kind: str, values: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "f":
        raise InputError(f"layer {layer!r}, {kind}: holds {values.dtype}, not floating point")
    values = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(values).all():
        raise InputError(f"layer {layer!r}, {kind}: not all of its numbers are finite")
    return values
