"""A face's drawing laid over its whole photograph, not its crop alone."""

import numpy as np
import tensorflow as tf
from PIL import Image

from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.reconstruction.fitting.face_region import face_region
from tf_morph.reconstruction.fitting.view import FittedView, with_expression
from tf_morph.reconstruction.fitting.wider_crop import (
    wider_alignment,
    wider_framing,
    wider_pixels,
)
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.color import clipped_to_srgb, srgb_to_linear
from tf_morph.rendering.renderer import Renderer

_SUPERSAMPLING = 2
_SIDES = (128, 256, 512)  # pixels, of what is drawn before it is brought into the photograph


class Overlay:
    """Draws one model's faces over photographs, by views fitted with one framing."""

    def __init__(self, model: MorphableModel, framing: Framing, size: int, kernels: str = "auto"):
        """
        Args:
          model, framing, size, kernels: the `ViewFitter`'s.
        """
        self._model, self._size = model, size
        mean, rest = model.vertices(np.zeros(1, np.float32)).numpy(), five_points(model.landmarks)
        none = np.empty(0, int)
        region = face_region(mean, model.triangles, model.color.mean, rest, len(mean), none)
        self._kept = region.vertices
        wider = wider_framing(framing)
        self._renderers = {
            side: Renderer(region.triangles, *[_SUPERSAMPLING * side] * 2, wider, kernels=kernels)
            for side in _SIDES
        }

    def __call__(
        self,
        photograph: Image.Image,
        vertices: np.ndarray,
        colors: np.ndarray,
        view: FittedView,
        alignment: np.ndarray,
    ) -> Image.Image:
        """The photograph with the face, from forehead to chin, in place of the one it shows.

        Args:
          photograph: 8-bit RGB.
          vertices: [V, 3] mm, without expression.
          colors: uint8 [V, 3], sRGB-coded albedo.
          view: fitted to the photograph's crop.
          alignment: [2, 3], (x, y, 1) of the photograph to (x, y) of the crop, pixels.

        Returns:
          8-bit RGB, of the photograph's size.
        """
        pixels = wider_pixels(alignment, self._size)
        side = next((side for side in _SIDES if side >= pixels), _SIDES[-1])
        drawn = self.draw(vertices, colors, view, side)
        into = wider_alignment(alignment, self._size, side)
        laid = Image.fromarray(drawn).transform(
            photograph.size, Image.Transform.AFFINE, tuple(into.ravel()), Image.Resampling.BILINEAR
        )
        base = photograph.convert("RGBA")
        base.alpha_composite(laid)
        return base.convert("RGB")

    def draw(
        self, vertices: np.ndarray, colors: np.ndarray, view: FittedView, side: int
    ) -> np.ndarray:
        """The face alone, uint8 sRGB and alpha [side, side, 4], in the wider crop."""
        large = _SUPERSAMPLING * side
        moved = with_expression(self._model, vertices, view)[self._kept]
        albedo = srgb_to_linear(tf.constant(colors[self._kept] / 255.0, tf.float32))
        rendering = self._renderers[side](
            tf.constant(moved[np.newaxis], tf.float32),
            albedo[tf.newaxis],
            view.scene(self._renderers[side].framing, np.zeros((large, large, 3))),
            tf.constant([view.camera_distance], tf.float32),
        )
        image = tf.clip_by_value(rendering.image, 0.0, 1.0)
        pooled = tf.concat([image, rendering.mask[..., tf.newaxis]], -1)
        pooled = tf.nn.avg_pool2d(pooled, _SUPERSAMPLING, _SUPERSAMPLING, "VALID")[0]
        color = clipped_to_srgb(pooled[..., :3] / tf.maximum(pooled[..., 3:], 1e-6))
        return np.round(255.0 * tf.concat([color, pooled[..., 3:]], -1).numpy()).astype(np.uint8)
