"""How far the drawings of faces are from their photographs."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.morphable_model import LinearBasis
from tf_morph.reconstruction.fitting.face_points import FacePoints
from tf_morph.reconstruction.fitting.light import light_directions
from tf_morph.reconstruction.fitting.placement import POINT_NOISE
from tf_morph.reconstruction.fitting.robust import robust_loss
from tf_morph.reconstruction.fitting.unknowns import Unknowns
from tf_morph.reconstruction.fitting.view import light_positions
from tf_morph.rendering.camera import clip_coordinates, pose_vertices, seen_from
from tf_morph.rendering.color import clipped_to_srgb
from tf_morph.rendering.renderer import Renderer, Rendering
from tf_morph.rendering.scene import Scene

# Weights (ours): what all pixels say against what the five points and the priors do.
_PIXELS = 300.0
_LOG_DISTANCE = 0.35  # standard deviation: portraits are taken from near and far
_BACKWARDS = 0.2  # standard deviations that a unit may run backwards
_SMALLEST_SHARE = 0.02  # of the picture that a face covers


class Photographed(NamedTuple):
    """Faces and the photographs of them.

    Attributes:
      vertices: [B, V, 3] mm, at no expression.
      albedo: [B, V, 3] linear RGB.
      crops: [B, S, S, 3] sRGB-coded, in [0, 1].
      points_px: [B, 5, 2], the five points in the crops.
      interocular_px: [B].
    """

    vertices: tf.Tensor
    albedo: tf.Tensor
    crops: tf.Tensor
    points_px: tf.Tensor
    interocular_px: tf.Tensor


class Lighting(NamedTuple):
    """colors [B, L, 3] of the lights of `light_directions`, ambient [B, 3], linear RGB; spread [B],
    sRGB-coded, how far pixels may be off before they are given up."""

    colors: tf.Tensor
    ambient: tf.Tensor
    spread: tf.Tensor


class Comparison:
    """Draws the region of faces that is compared, and compares."""

    def __init__(
        self,
        renderer: Renderer,
        points: FacePoints,
        expression: LinearBasis | None,
        one_way: bool = False,
    ):
        """
        Args:
          renderer: of the region's triangles, without surround.
          points: the five points on it.
          expression: offsets of the region's vertices; None: it has none.
          one_way: expressions are units that have no opposite.
        """
        self.renderer = renderer
        self.points = points
        self.expression = expression
        self.one_way = one_way
        self.lights = light_positions(renderer.framing, light_directions())

    def moved(self, vertices: tf.Tensor, expression: tf.Tensor) -> tf.Tensor:
        """Faces [B, V, 3] mm with expressions [B, M]."""
        if self.expression is None:
            return vertices
        return vertices + self.expression.displacements(expression)

    def draw(
        self, vertices: tf.Tensor, albedo: tf.Tensor, view: Unknowns, colors, ambient
    ) -> Rendering:
        """The region before black, under lights of colours [B, L, 3] and ambient light [B, 3]."""
        batch = tf.shape(vertices)[0]
        size = self.renderer.height
        nothing = tf.zeros([batch, 3])
        lights = tf.constant(self.lights, tf.float32)[tf.newaxis] + nothing[:, tf.newaxis]
        scene = Scene(
            view.yaw_pitch_roll, view.translation, lights, colors, ambient,
            tf.zeros([batch], tf.int32), nothing, nothing, tf.zeros([batch, size, size, 3]),
        )  # fmt: skip
        moved = self.moved(vertices, view.expression)
        return self.renderer(moved, albedo, scene, view.camera_distance)

    def places(self, vertices: tf.Tensor, view: Unknowns) -> tf.Tensor:
        """The five points [B, 5, 2] (x, y), pixels."""
        framing, size = self.renderer.framing, self.renderer.height
        points = self.points.on(self.moved(vertices, view.expression))
        world = pose_vertices(framing, points, view.yaw_pitch_roll, view.translation)
        clip = clip_coordinates(framing, seen_from(framing, world, view.camera_distance), 1.0)
        return size * (0.5 + 0.5 * tf.constant([1.0, -1.0]) * clip[..., :2] / clip[..., 3:])

    def loss(self, photographed: Photographed, lighting: Lighting, view: Unknowns) -> tf.Tensor:
        """[B]: pixels, five points and priors."""
        off, mask = self.pixels_off(photographed, lighting, view)
        spread = lighting.spread[:, tf.newaxis, tf.newaxis]
        least = _SMALLEST_SHARE * np.square(float(self.renderer.height))
        covered = tf.maximum(tf.reduce_sum(mask, [1, 2]), least)
        pixels = tf.reduce_sum(mask * robust_loss(off, spread), [1, 2]) / covered
        apart = self.places(photographed.vertices, view) - photographed.points_px
        apart /= (POINT_NOISE * photographed.interocular_px)[:, tf.newaxis, tf.newaxis]
        points = tf.reduce_sum(apart**2, [1, 2])
        log_distance = tf.math.log(view.camera_distance) / _LOG_DISTANCE
        priors = log_distance**2 + tf.reduce_sum(view.expression**2, 1)
        if self.one_way:
            backwards = tf.nn.relu(-view.expression) / _BACKWARDS
            priors += tf.reduce_sum(backwards**2, 1)
        return _PIXELS * pixels + 0.5 * (points + priors)

    def pixels_off(self, photographed, lighting, view) -> tuple[tf.Tensor, tf.Tensor]:
        """Squared sRGB-coded distances [B, S, S] of drawing and photograph, and the mask."""
        drawn = self.draw(
            photographed.vertices, photographed.albedo, view, lighting.colors, lighting.ambient
        )
        off = clipped_to_srgb(drawn.image) - photographed.crops
        return tf.reduce_sum(off**2, -1), drawn.mask
