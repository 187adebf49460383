"""What is searched for in each photograph, as one vector of numbers of like size."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.reconstruction.fitting.placement import Placement

# What one unit of each number stands for: a first step of the search (ours).
_ANGLE = 0.02  # radians
_TRANSLATION_MM = (0.5, 0.5, 5.0)
_LOG_DISTANCE = 0.05
_EXPRESSION = 0.15  # standard deviations
_FIXED = 7  # numbers before the expression's


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


def unit_vector(placement: Placement, expressions: int) -> np.ndarray:
    """Float32 [7 + M]: a placement, the framing's own camera, no expression."""
    start = np.concatenate([*placement, np.zeros(1 + expressions)])
    return (start / _units(expressions)).astype(np.float32)


def unknowns(vectors: tf.Tensor) -> Unknowns:
    """What vectors [B, 7 + M] stand for."""
    values = vectors * tf.constant(_units(vectors.shape[1] - _FIXED), tf.float32)
    angles, translation, log_distance = values[:, :3], values[:, 3:6], values[:, 6]
    return Unknowns(angles, translation, tf.exp(log_distance), values[:, _FIXED:])


def _units(expressions: int) -> np.ndarray:
    return np.array([_ANGLE] * 3 + [*_TRANSLATION_MM, _LOG_DISTANCE] + [_EXPRESSION] * expressions)
