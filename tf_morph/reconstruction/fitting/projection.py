"""Points of a posed face in its picture, in NumPy: for the few points of a least squares fit."""

import dataclasses

import numpy as np
from scipy.spatial.transform import Rotation

from tf_morph.rendering.camera import Framing, project


def posed_places(
    framing: Framing,
    points_mm: np.ndarray,
    yaw_pitch_roll: np.ndarray,
    translation: np.ndarray,
    camera_distance: float,
    size: int,
) -> np.ndarray:
    """The same as `camera.image_places`, of one face, in pixels.

    Args:
      framing: the camera.
      points_mm: [N, 3], model frame.
      yaw_pitch_roll: [3] radians; translation: [3] mm (`pose_vertices`).
      camera_distance: see `seen_from`.
      size: side of the picture, pixels.

    Returns:
      float64 [N, 2] (x, y).
    """
    yaw, pitch, roll = yaw_pitch_roll
    turn = Rotation.from_euler("xyz", [-(pitch + framing.pitch), yaw, roll])
    pivot = np.asarray(framing.pivot_mm)
    world = turn.apply(points_mm - pivot) + pivot + translation
    world[:, 2] = pivot[2] + (world[:, 2] - pivot[2]) / camera_distance
    return project(dataclasses.replace(framing, pitch=0.0), world, size)
