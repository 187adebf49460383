"""The part of a face mesh whose pixels a photograph is compared by: no hair, ears or neck."""

from typing import NamedTuple

import numpy as np

from tf_morph.rendering.level_of_detail import simplified

# In distances between the eyes (ours): an ellipse about a point between eyes and mouth, from the
# middle of the forehead to the chin, and how far back cheeks are kept.
_CENTRE_BELOW_EYES = 0.45
_HALF_WIDTH, _HALF_HEIGHT = 1.05, 1.2
_DEPTH = 1.1  # behind the nose's tip
_COLOR_MM = 40.0  # what black to white counts for, in millimetres, where vertices are left out


class FaceRegion(NamedTuple):
    """A mesh of some of a model's vertices.

    Attributes:
      vertices: int [N], increasing, of the model's.
      triangles: int32 [R, 3], indices into `vertices`.
    """

    vertices: np.ndarray
    triangles: np.ndarray


def face_region(
    mean_vertices: np.ndarray,
    triangles: np.ndarray,
    mean_colors: np.ndarray,
    five_points: np.ndarray,
    most: int,
    always: np.ndarray,
) -> FaceRegion:
    """The region of a model's faces.

    Args:
      mean_vertices: [V, 3] mm, of the mean face.
      triangles: [T, 3].
      mean_colors: [V, 3] in [0, 1]; where they change, vertices are kept.
      five_points: [5, 3] mm, on the mean face.
      most: vertices, at most about so many.
      always: vertices kept whether the region has them or not.
    """
    inside = _inside(np.asarray(mean_vertices, float), np.asarray(five_points, float))
    chosen = triangles[inside[triangles].all(1)]
    if len(np.unique(chosen)) > most:
        chosen = simplified(mean_vertices, chosen, most, _COLOR_MM * np.asarray(mean_colors))
    kept = np.union1d(np.unique(chosen), always)
    return FaceRegion(kept, np.searchsorted(kept, chosen).astype(np.int32))


def _inside(vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
    tip, unit = points[2], np.linalg.norm(points[1] - points[0])
    in_front = vertices[:, 2] > tip[2] - _DEPTH * unit
    return (off_centre(vertices, points) < 1.0) & in_front


def off_centre(vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[V], 0 between eyes and mouth, 1 on the region's rim, of vertices [V, 3] mm on the mean face.

    Args:
      points: [5, 3] mm, the mean face's five points.
    """
    eyes, unit = points[:2].mean(0), np.linalg.norm(points[1] - points[0])
    x, y = ((vertices - eyes) / unit)[:, :2].T
    return np.hypot(x / _HALF_WIDTH, (y + _CENTRE_BELOW_EYES) / _HALF_HEIGHT)
