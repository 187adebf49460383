"""Where a face stands by its five points alone: the start of the fit to pixels."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from tf_morph.reconstruction.fitting.projection import posed_places
from tf_morph.rendering.camera import Framing

# Standard deviations of a normal prior (ours), wide: five points fix roll, size and place well,
# but yaw and pitch only through depths that differ from face to face.
_ANGLES = np.radians([30.0, 15.0, 30.0])
_TRANSLATION_MM = np.array([60.0, 60.0, 300.0])
POINT_NOISE = 0.03  # of a detected point, in distances between the eyes, x and y each


class Placement(NamedTuple):
    """yaw_pitch_roll [3] radians and translation [3] mm, as `pose_vertices` takes them."""

    yaw_pitch_roll: np.ndarray
    translation: np.ndarray


def place_by_points(
    framing: Framing, points_mm: np.ndarray, targets_px: np.ndarray, size: int
) -> Placement:
    """The most likely pose, the camera being as far as the framing has it.

    Args:
      framing: the camera.
      points_mm: [5, 3], of this face, model frame.
      targets_px: [5, 2] (x, y) in a picture of `size` x `size` pixels.
      size: pixels.
    """
    noise = POINT_NOISE * interocular(points_mm, targets_px)
    scales = np.concatenate([_ANGLES, _TRANSLATION_MM])

    def residuals(unit):
        values = unit * scales
        places = posed_places(framing, points_mm, values[:3], values[3:], 1.0, size)
        return np.concatenate([((places - targets_px) / noise).ravel(), unit])

    values = scales * least_squares(residuals, np.zeros(6), max_nfev=50).x
    return Placement(values[:3], values[3:])


def interocular(points_mm: np.ndarray, targets_px: np.ndarray) -> float:
    """Pixels between the eyes of a face seen from in front, as large as this one.

    Of a face turned away the eyes seem nearer, while how far points lie from where they should
    does not shrink; so size comes from all five points.

    Args:
      points_mm: [5, 3]; targets_px: [5, 2].
    """
    heights = [np.linalg.norm(p[3:].mean(0) - p[:2].mean(0)) for p in (points_mm, targets_px)]
    widths = [np.linalg.norm(p[1] - p[0]) for p in (points_mm, targets_px)]
    return float(max(widths[1], widths[0] * heights[1] / heights[0]))
