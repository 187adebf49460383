"""Heads drawn for people to look at: the whole head in the picture, evenly lit, smooth edges."""

import functools

import numpy as np
import tensorflow as tf

from tf_morph.reconstruction.mesh import Mesh, joined
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.color import clipped_to_srgb, srgb_to_linear
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.scene import frontal_scene

FRONT = (0.0, 0.0, 0.0)
THREE_QUARTER = (np.deg2rad(40.0), 0.0, 0.0)
PROFILE = (np.deg2rad(90.0), 0.0, 0.0)
_SUPERSAMPLING = 2
_FIELD_OF_VIEW = np.deg2rad(20.0)
_MARGIN = 1.04  # of the space around the head


class Portraits:
    """Draws heads of one mesh."""

    def __init__(self, mean_vertices: np.ndarray, triangles: np.ndarray, kernels: str):
        """
        Args:
          mean_vertices: [V, 3] mm, of the mean face, by which the camera is placed.
          triangles: int32 [T, 3].
          kernels: as `Renderer` has them.
        """
        self._triangles, self._kernels = triangles, kernels
        self._framing = _framing(mean_vertices)

    def draw(
        self,
        vertices: np.ndarray,
        colors: np.ndarray,
        poses: np.ndarray,
        size: int,
        hair: Mesh | None = None,
    ) -> np.ndarray:
        """One head from several sides.

        Args:
          vertices: [V, 3] mm.
          colors: uint8 [V, 3], sRGB-coded albedo.
          poses: [N, 3] yaw, pitch, roll in radians (docs/conventions.md).
          size: of the pictures, pixels.
          hair: around the head.

        Returns:
          uint8 sRGB [N, size, size, 3].
        """
        poses = np.asarray(poses, np.float32)
        large = size * _SUPERSAMPLING
        renderer = self._renderer(large)
        if hair is not None:
            whole = joined(Mesh(vertices, colors, self._triangles), hair)
            vertices, colors, framing = whole.vertices, whole.colors, _framing(whole.vertices)
            renderer = Renderer(whole.triangles, large, large, framing, kernels=self._kernels)
        scene = frontal_scene(len(poses), large, large)
        scene = scene._replace(
            yaw_pitch_roll=tf.constant(poses), background=tf.ones_like(scene.background)
        )
        albedo = srgb_to_linear(tf.constant(colors, tf.float32) / 255.0)
        drawn = renderer(
            tf.repeat(tf.constant(vertices, tf.float32)[tf.newaxis], len(poses), axis=0),
            tf.repeat(albedo[tf.newaxis], len(poses), axis=0),
            scene,
        )
        cells = tf.nn.avg_pool2d(
            tf.clip_by_value(drawn.image, 0.0, 1.0), *[_SUPERSAMPLING] * 2, "VALID"
        )
        return np.round(255.0 * clipped_to_srgb(cells).numpy()).astype(np.uint8)

    @functools.lru_cache(maxsize=4)  # noqa: B019 - a regressor and its portraits live as long
    def _renderer(self, size: int) -> Renderer:
        return Renderer(self._triangles, size, size, self._framing, kernels=self._kernels)


def _framing(vertices: np.ndarray) -> Framing:
    """A camera that sees the whole head from whichever side, turned about its middle."""
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    radius = _MARGIN * np.linalg.norm(vertices - middle, axis=1).max()
    distance = radius / np.sin(_FIELD_OF_VIEW / 2)
    camera = middle + (0, 0, distance)
    return Framing(tuple(camera.tolist()), float(_FIELD_OF_VIEW), tuple(middle.tolist()))
