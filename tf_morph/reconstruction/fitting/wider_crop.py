"""The crop and as much again around it: faces reach beyond what a network is shown."""

import dataclasses

import numpy as np

from tf_morph.rendering.camera import Framing

_SIDES = 2.0  # of the crop


def wider_framing(framing: Framing) -> Framing:
    """The same camera, taking in the wider crop."""
    tangent = _SIDES * np.tan(framing.field_of_view / 2)
    return dataclasses.replace(framing, field_of_view=float(2 * np.arctan(tangent)))


def wider_alignment(alignment: np.ndarray, size: int, side: int) -> np.ndarray:
    """float64 [2, 3], (x, y, 1) of the photograph to (x, y) of the wider crop, pixels.

    Args:
      alignment: [2, 3], the same to the crop.
      size: side of the crop, pixels.
      side: of the wider crop, pixels.
    """
    into = side / (_SIDES * size) * np.asarray(alignment, float)
    into[:, 2] += side * (1 - 1 / _SIDES) / 2
    return into


def wider_pixels(alignment: np.ndarray, size: int) -> float:
    """The photograph's pixels along a side of the wider crop."""
    return float(_SIDES * size / np.sqrt(abs(np.linalg.det(np.asarray(alignment)[:, :2]))))
