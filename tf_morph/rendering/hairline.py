"""Where hair begins, on a head's skin; by it both the painter and the shells of hair go.

Places are from the head's centre, mm at scale 1 (surround_shapes.Head). Every number is ours.
"""

import numpy as np

from tf_morph.rendering.surround_shapes import HEAD_RADII, Head, ear_middle

_EAR_REACH = np.array([32.0, 40.0, 30.0])


def inside_hairline(
    surface: np.ndarray, ear: np.ndarray, ragged: np.ndarray, recession: float = 0.0
) -> np.ndarray:
    """How far inside the hairline points lie.

    Args:
      surface: [..., 3] from the head's centre, mm at scale 1.
      ear: [3], the ear's middle, likewise.
      ragged: mm by which strands end lower, broadcast over the points.
      recession: mm by which the corners of the forehead have gone back.

    Returns:
      [...] mm, negative outside.
    """
    x, y, z = np.moveaxis(surface, -1, 0)
    corners = np.exp(-(((np.abs(x) - 40.0) / 20.0) ** 2))
    recess = 7.0 * np.exp(-(((np.abs(x) - 44.0) / 15.0) ** 2))
    forehead = 44.0 + 0.06 * x + recess - 12.0 * (np.abs(x) / 66.0) ** 4
    above = y - forehead - recession * (0.4 + 0.6 * corners) + ragged
    temple = 36.0 + 0.35 * np.minimum(y, 30.0) - 0.7 * recession * np.clip((y - 5) / 25.0, 0, 1)
    behind = np.minimum(temple - z + ragged, y + 55.0)
    behind = np.where(z > 0.0, np.minimum(behind, y + 38.0), behind)
    # Hair leaves the ear bare.
    around_ear = 34.0 * np.exp(-(((y - ear[1]) / 26.0) ** 2) - ((z - ear[2]) / 24.0) ** 2)
    return _smooth_maximum(above, behind - around_ear, 6.0)


def _smooth_maximum(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    return width * np.logaddexp(first / width, second / width)


def hairline_depth(head: Head, vertices: np.ndarray, recession: float = 0.0) -> np.ndarray:
    """How far inside the hairline a face's vertices [V, 3] mm lie: [V] mm, negative outside."""
    offsets = (np.asarray(vertices, float) - head.center) / head.scale
    return inside_hairline(offsets, ear_middle(head, vertices)[0], 0.0, recession)


def of_ears(head: Head, vertices: np.ndarray) -> np.ndarray:
    """Bool [V], which vertices [V, 3] mm stand out from the skull beside it, as ears do."""
    offsets = (np.asarray(vertices, float) - head.center) / head.scale
    middle, there = ear_middle(head, vertices)
    if not there:
        return np.zeros(len(offsets), bool)
    out = np.linalg.norm(offsets / HEAD_RADII, axis=1) > 1.02
    beside = np.abs(offsets) - np.array([HEAD_RADII[0], 0.0, 0.0])
    beside[:, 1:] = np.abs(offsets[:, 1:] - middle[1:])
    return out & (np.abs(beside) < _EAR_REACH).all(axis=1)
