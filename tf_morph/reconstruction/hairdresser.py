"""Hair for heads that are shown and written: a style's shell as a mesh of its own."""

import dataclasses

import numpy as np
import tensorflow as tf

from tf_morph.hairstyles import NO_HAIR, style_index
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.rendering.color import clipped_to_srgb, srgb_to_linear
from tf_morph.rendering.scene import frontal_scene
from tf_morph.rendering.surround import HAIR, build_surround


class Hairdresser:
    """Lays hair around heads of one face model."""

    def __init__(self, model: MorphableModel, hair_from_scalp: bool):
        """
        Args:
          model: the heads'.
          hair_from_scalp: its mesh is painted with hair, whose colour the hair takes.

        Raises:
          InputError: the model has no landmarks to place hair by.
        """
        mean = model.vertices(np.zeros(1, np.float32)).numpy()
        points = five_points(model.landmarks)
        surround = build_surround(
            mean, model.triangles, points, hair_from_scalp=hair_from_scalp, clothes=False
        )
        self.surround = surround.part(HAIR)

    def dress(self, head: Mesh, style: str) -> tuple[Mesh, Mesh | None]:
        """A head with hair.

        Args:
          head: on the face model's own vertices, without a texture.
          style: one of `HAIR_CHOICES`.

        Returns:
          The head, its scalp bare where the style has it so, and the hair; None where the style
          is of none.

        Raises:
          InputError: there is no such style.
        """
        if style == NO_HAIR:
            return head, None
        scene = frontal_scene(1, 1, 1)._replace(hair_style=tf.constant([style_index(style)]))
        albedo = srgb_to_linear(tf.constant(head.colors[np.newaxis] / np.float32(255)))
        face = tf.constant(head.vertices[np.newaxis], tf.float32)
        places, colors = self.surround.attach(face, albedo, scene)
        bare = _coded(self.surround.scalp.repaint(albedo, scene.hair_style))
        head = dataclasses.replace(head, colors=bare)
        if not self.surround.is_drawn(style):
            return head, None
        return head, Mesh(places[0].numpy(), _coded(colors), self.surround.triangles)


def _coded(albedo: tf.Tensor) -> np.ndarray:
    return np.round(255.0 * clipped_to_srgb(albedo)[0].numpy()).astype(np.uint8)
