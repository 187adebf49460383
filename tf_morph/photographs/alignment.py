"""Faces brought into a template by turning, scaling and shifting the photograph."""

import math

import numpy as np
from PIL import Image

# Photograph pixels an output pixel; beyond it the photograph is scaled down first.
_LARGEST_SAMPLED_SHRINKAGE = 2
_ROUNDING = 0.1  # of it, by the whole pixels of a photograph that was scaled down


def similarity_transform(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The rotation, uniform scaling and shift, never a reflection, that fits points best.

    The least squares of Umeyama (1991), which in the plane are a line through complex numbers.

    Args:
      source: [P, 2] points (x, y), not all in one place.
      target: [P, 2] where they should come to lie.

    Returns:
      float64 [2, 3]: (x, y, 1) of the source to (x, y) of the target.

    Raises:
      ValueError: all source points are in one place, or all target points are.
    """
    source, target = (np.asarray(points, np.float64) @ (1, 1j) for points in (source, target))
    centred = source - source.mean()
    spread = np.vdot(centred, centred).real
    turn = np.vdot(centred, target - target.mean()) / spread if spread > 0 else 0
    if abs(turn) == 0:
        raise ValueError("its points lie all in one place")
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def warp(photograph: Image.Image, matrix: np.ndarray, size: int) -> np.ndarray:
    """The photograph turned, scaled and shifted; black where it ends.

    Each pixel is the mean of bilinear samples that lie at most a photograph's pixel apart, so that
    nothing is aliased; a photograph much larger than the image is first scaled down.

    Args:
      photograph: 8-bit RGB.
      matrix: [2, 3] from (x, y, 1) in the photograph to (x, y) in the image, in pixels.
      size: side of the image, pixels.

    Returns:
      uint8 [size, size, 3], sRGB-coded RGB.
    """
    inverse = _inverted(matrix)
    if _shrinkages(inverse).min() > _LARGEST_SAMPLED_SHRINKAGE:
        photograph, inverse = _scaled_down(photograph, inverse, size)
    samples = max(1, math.ceil(_shrinkages(inverse).max() - _ROUNDING))
    inverse = inverse * (1 / samples, 1 / samples, 1)
    sampled = photograph.transform(
        (size * samples, size * samples),
        Image.Transform.AFFINE,
        tuple(inverse.ravel()),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(sampled.reduce(samples) if samples > 1 else sampled)


def _inverted(matrix: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def _shrinkages(inverse: np.ndarray) -> np.ndarray:
    """[2]: photograph pixels an output pixel, along the image's rows and columns."""
    return np.hypot(*inverse[:, :2])


def _scaled_down(
    photograph: Image.Image, inverse: np.ndarray, size: int
) -> tuple[Image.Image, np.ndarray]:
    """The part of the photograph that is needed, at two pixels an output pixel; its transform."""
    shrinkage = _shrinkages(inverse).min() / _LARGEST_SAMPLED_SHRINKAGE
    corners = inverse @ [[0, size, 0, size], [0, 0, size, size], [1, 1, 1, 1]]
    low = np.maximum(np.floor(corners.min(1) - 2 * shrinkage), 0)
    high = np.minimum(np.ceil(corners.max(1) + 2 * shrinkage), photograph.size)
    if (high <= low).any():  # all of the image lies outside
        return Image.new("RGB", (1, 1)), np.array([[0.0, 0, -9], [0, 0, -9]])
    small = np.maximum(np.rint((high - low) / shrinkage), 1).astype(int)
    part = photograph.resize(tuple(small), Image.Resampling.BILINEAR, box=(*low, *high))
    factor = small / (high - low)
    inverse = np.column_stack([inverse[:, :2], inverse[:, 2] - low]) * factor[:, None]
    return part, inverse
