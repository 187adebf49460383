"""The five points by which photographs are aligned, from a model's landmarks."""

from collections.abc import Mapping

import numpy as np

from tf_morph.errors import InputError

FIVE_POINTS = ("right eye", "left eye", "nose tip", "right mouth corner", "left mouth corner")

_SOURCES = (
    ("right.eye.corner_outer", "right.eye.corner_inner"),
    ("left.eye.corner_outer", "left.eye.corner_inner"),
    ("center.nose.tip",),
    ("right.lips.corner",),
    ("left.lips.corner",),
)


def five_points(landmarks: Mapping[str, np.ndarray]) -> np.ndarray:
    """The middles of the eyes (between their corners), nose tip and mouth corners.

    Args:
      landmarks: Basel ids -> [3], mm; "right" is the subject's right.

    Returns:
      float64 [5, 3], mm, in the order of `FIVE_POINTS`.

    Raises:
      InputError: the model lacks one of the landmarks.
    """
    missing = [name for names in _SOURCES for name in names if name not in landmarks]
    if missing:
        raise InputError(f"the model has no landmark {', '.join(missing)}: faces cannot be framed")
    return np.stack([np.mean([landmarks[n] for n in names], axis=0) for names in _SOURCES])
