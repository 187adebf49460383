"""Coefficients to drawings: joins the morphable model with the renderer."""

from collections.abc import Mapping

import tensorflow as tf

from tf_morph.morphable_model import MorphableModel
from tf_morph.rendering.color import clipped_to_linear, clipped_to_srgb
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.scene import Scene, frontal_scene, sample_scene


class Drawer:
    """Draws faces given by coefficients, framed as photographs of them would be."""

    def __init__(self, model: MorphableModel, renderer: Renderer, distribution: Mapping):
        self.model = model
        self.renderer = renderer
        self.distribution = distribution

    def __call__(self, shape: tf.Tensor, texture: tf.Tensor, scene: Scene) -> tf.Tensor:
        """Draws each face in its scene.

        Args:
          shape: [B, k] coefficients in standard deviations.
          texture: [B, l] coefficients in standard deviations.
          scene: of leading dimension B, or N * B for N views of each face side by side.

        Returns:
          sRGB images [B or N * B, H, W, 3] in [0, 1].
        """
        vertices = self.model.vertices(shape)
        albedo = clipped_to_linear(self.model.albedo(texture))
        views = tf.shape(scene.translation)[0] // tf.shape(shape)[0]
        vertices = tf.repeat(vertices, views, axis=0)
        albedo = tf.repeat(albedo, views, axis=0)
        image = self.renderer(vertices, albedo, scene).image
        return clipped_to_srgb(image)

    def random_scene(self, batch, seed: tf.Tensor, rows: tf.Tensor | None = None) -> Scene:
        """`batch` scenes from the config's distribution, fixed by the seed [2] int32.

        Args:
          rows: [b] int32, of these scenes the ones wanted; None: all.
        """
        return sample_scene(
            self.distribution, batch, self.renderer.height, self.renderer.width, seed, rows
        )

    def frontal_scene(self, batch) -> Scene:
        """`batch` times the evaluation's view: frontal, evenly lit, plain background."""
        return frontal_scene(batch, self.renderer.height, self.renderer.width)
