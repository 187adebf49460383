"""Barycentric weights of every pixel, and their gradient."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.tensorflow_kernels.homogeneous import (
    covered_pixels,
    scatter_to_corners,
    to_images,
    weight_gradient,
)


def barycentrics(
    clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """See `rasterizer.rasterize`: the weights [B, H, W, 3] of given triangle ids [B, H, W]."""

    @tf.custom_gradient
    def differentiable(vertices):
        pixels = covered_pixels(vertices, triangles, triangle_ids)

        def gradient(upstream):
            pulls = tf.transpose(tf.gather_nd(upstream, pixels.places))
            return scatter_to_corners(pixels, weight_gradient(pixels, pulls), vertices)

        return to_images(pixels, tf.transpose(pixels.weights), triangle_ids), gradient

    return differentiable(clip_vertices)
