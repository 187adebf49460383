"""Vertex attributes to pixels."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import AUTO, kernels_named


def interpolate(
    attributes: tf.Tensor,
    clip_vertices: tf.Tensor,
    triangles: np.ndarray,
    triangle_ids: tf.Tensor,
    kernels: str = AUTO,
) -> tf.Tensor:
    """Interpolates vertex attributes at every pixel, perspective-correctly.

    Args:
      attributes: [B, V, C] float32.
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates.
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32, -1 for background, as `rasterize` gives them.
      kernels: see `kernels`.

    Returns:
      [B, H, W, C] float32, zero on the background. Differentiable with respect to `attributes` and
      `clip_vertices`, as if each pixel's triangle went on for ever: nothing flows through
      visibility. A triangle seen from its very side passes nothing on to `clip_vertices`.

    Raises:
      InputError: there are no such kernels.
    """
    return kernels_named(kernels).interpolate(attributes, clip_vertices, triangles, triangle_ids)
