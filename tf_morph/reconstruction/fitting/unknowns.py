"""What is searched for in each photograph, as a vector, and in which coordinates it is searched."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.reconstruction.fitting.placement import Placement
from tf_morph.reconstruction.fitting.projection import posed_places
from tf_morph.rendering.camera import Framing

_FIXED = 7  # numbers before the expression's
_NUDGES = np.array([1e-3] * 3 + [0.1] * 3 + [1e-3])
_EXPRESSION_NUDGE = 0.01
# How far each number goes where the picture hardly changes with it (ours).
_REACH = np.array([0.2] * 3 + [10.0, 10.0, 60.0, 0.3])
_EXPRESSION_REACH = 0.5
_STEP = 0.015  # in distances between the eyes: how far points move by one unit of a coordinate


class Unknowns(NamedTuple):
    """Of B photographs, float32.

    Attributes:
      yaw_pitch_roll: [B, 3] radians.
      translation: [B, 3] mm.
      camera_distance: [B], see `seen_from`.
      expression: [B, M], standard deviations; M may be 0.
    """

    yaw_pitch_roll: tf.Tensor
    translation: tf.Tensor
    camera_distance: tf.Tensor
    expression: tf.Tensor


def start_vector(placement: Placement, expressions: int) -> np.ndarray:
    """Float64 [7 + M]: a placement, the framing's own camera, no expression."""
    return np.concatenate([*placement, np.zeros(1 + expressions)])


def unknowns(vectors: tf.Tensor) -> Unknowns:
    """What vectors [B, 7 + M] stand for."""
    angles, translation, log_distance = vectors[:, :3], vectors[:, 3:6], vectors[:, 6]
    return Unknowns(angles, translation, tf.exp(log_distance), vectors[:, _FIXED:])


def search_axes(
    framing: Framing,
    vector: np.ndarray,
    points_mm: np.ndarray,
    expression: np.ndarray,
    interocular: float,
) -> np.ndarray:
    """Directions of search along each of which the picture changes as much, each in its own way.

    Turning and shifting a head, or stepping back and shrinking it, look much alike; a search along
    the numbers themselves zigzags between them.

    Args:
      framing: the camera.
      vector: [7 + M], where the search begins.
      points_mm: [N, 3], points all over the face, without expression.
      expression: [N, 3, M] mm a standard deviation.
      interocular: the eyes' distance, as a share of the picture's side.

    Returns:
      float64 [7 + M, 7 + M], a direction a column: as long as moves the points by `_STEP` (root
      mean square), or as far as is worth while.
    """

    def places(values):
        moved = points_mm + expression @ values[_FIXED:]
        distance = np.exp(values[6])
        return posed_places(framing, moved, values[:3], values[3:6], distance, 1).ravel()

    more = len(vector) - _FIXED
    nudges = np.concatenate([_NUDGES, np.full(more, _EXPRESSION_NUDGE)])
    rest = places(vector)
    slopes = np.stack(
        [(places(vector + row) - rest) / row.sum() for row in np.diag(nudges)], axis=1
    )
    slopes /= _STEP * interocular * np.sqrt(len(points_mm))
    reach = np.concatenate([_REACH, np.full(more, _EXPRESSION_REACH)])
    scaled = slopes * reach  # numbers of like size, for the eigenvectors' sake
    curvature, axes = np.linalg.eigh(scaled.T @ scaled + np.eye(len(vector)))
    return reach[:, np.newaxis] * axes / np.sqrt(curvature)
