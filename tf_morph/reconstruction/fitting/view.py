"""The view of a face in one photograph: pose, camera, light, expression."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tf_morph.morphable_model import MorphableModel
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.scene import Scene

LIGHT_DISTANCE_MM = 1500.0  # of every light from the framing's pivot


@dataclass(frozen=True, eq=False)
class FittedView:
    """What a face's drawing needs beside the face to lie over its photograph's crop.

    Attributes:
      yaw_pitch_roll: float64 [3], radians, as `pose_vertices` takes them.
      translation: float64 [3], mm, world frame.
      camera_distance: of the camera from the framing's pivot, 1: as the framing has it; the focal
        length goes with it (`seen_from`).
      light_directions: float64 [L, 3], unit vectors from the pivot to the lights.
      light_colors: float64 [L, 3], linear RGB: what a white surface facing the light shows.
      ambient: float64 [3], linear RGB.
      expression: float64 [M], standard deviations of the model's expressions; None: it has none.
      landmark_error: mean distance of the five points from those given, in % of the distance
        between the eyes given.
    """

    yaw_pitch_roll: np.ndarray
    translation: np.ndarray
    camera_distance: float
    light_directions: np.ndarray
    light_colors: np.ndarray
    ambient: np.ndarray
    expression: np.ndarray | None
    landmark_error: float

    @property
    def exposure(self) -> float:
        """What a white surface facing the camera shows, the mean of its channels."""
        facing = np.maximum(self.light_directions[:, 2], 0.0)
        return float((facing @ self.light_colors + self.ambient).mean())

    def scene(self, framing: Framing, background: np.ndarray) -> Scene:
        """The scene of one face, to be drawn with `camera_distance`.

        Args:
          framing: the one it was fitted with.
          background: [H, W, 3] linear RGB.
        """
        lights = light_positions(framing, self.light_directions)
        grey = np.full(3, 0.1)
        fields = (
            self.yaw_pitch_roll, self.translation, lights, self.light_colors, self.ambient,
            grey, grey, background,
        )  # fmt: skip
        *before, hair, clothes, behind = (tf.constant(f, tf.float32)[tf.newaxis] for f in fields)
        return Scene(*before, tf.zeros([1], tf.int32), hair, clothes, behind)


def with_expression(model: MorphableModel, vertices: np.ndarray, view: FittedView) -> np.ndarray:
    """A neutral face [V, 3] mm of the model with the view's expression, float32 [V, 3] mm."""
    if view.expression is None:
        return np.asarray(vertices, np.float32)
    moved = model.expression.displacements(view.expression).numpy()
    return np.asarray(vertices, np.float32) + moved


def light_positions(framing: Framing, directions: np.ndarray) -> np.ndarray:
    """[L, 3] mm, world frame, of lights in directions [L, 3] from the framing's pivot."""
    return np.asarray(framing.pivot_mm) + LIGHT_DISTANCE_MM * directions
