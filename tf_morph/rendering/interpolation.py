"""Vertex attributes to pixels, by barycentric weights; the gradient is a scatter in compiled code.

TensorFlow's gather of three rows a pixel and its scattering gradient take several times as long.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import compiled, run_kernel


def interpolate(
    attributes: tf.Tensor,
    triangles: np.ndarray,
    triangle_ids: tf.Tensor,
    barycentrics: tf.Tensor,
) -> tf.Tensor:
    """Interpolates vertex attributes at every pixel.

    Args:
      attributes: [B, V, C] float32.
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32, -1 for background.
      barycentrics: [B, H, W, 3] float32.

    Returns:
      [B, H, W, C] float32, zero on the background. Differentiable with respect to `attributes`
      and `barycentrics`.
    """

    @tf.custom_gradient
    def differentiable(values, weights):
        inputs = [values, weights, triangle_ids]
        pixels = run_kernel(lambda v, w, ids: _forward(v, w, triangles, ids), inputs, tf.float32)
        pixels.set_shape([*triangle_ids.shape, values.shape[2]])

        def gradient(upstream):
            to_values, to_weights = run_kernel(
                lambda g, v, w, ids: _backward(g, v, w, triangles, ids),
                [upstream, *inputs],
                [tf.float32, tf.float32],
            )
            return (
                tf.ensure_shape(to_values, values.shape),
                tf.ensure_shape(to_weights, weights.shape),
            )

        return pixels, gradient

    return differentiable(attributes, barycentrics)


@compiled
def _forward(values, weights, triangles, triangle_ids):
    batch, height, width = triangle_ids.shape
    channels = values.shape[2]
    pixels = np.zeros((batch, height, width, channels), np.float32)
    for line in numba.prange(batch * height):
        image, row = line // height, line % height
        for column in range(width):
            t = triangle_ids[image, row, column]
            if t < 0:
                continue
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            a, b = weights[image, row, column, 0], weights[image, row, column, 1]
            c = weights[image, row, column, 2]
            for channel in range(channels):
                pixels[image, row, column, channel] = (
                    a * values[image, i, channel]
                    + b * values[image, j, channel]
                    + c * values[image, k, channel]
                )
    return pixels


@compiled
def _backward(upstream, values, weights, triangles, triangle_ids):
    batch, height, width = triangle_ids.shape
    to_values = np.zeros(values.shape, np.float32)
    to_weights = np.zeros(weights.shape, np.float32)
    for image in numba.prange(batch):
        for row in range(height):
            for column in range(width):
                t = triangle_ids[image, row, column]
                if t < 0:
                    continue
                i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                a, b = weights[image, row, column, 0], weights[image, row, column, 1]
                c = weights[image, row, column, 2]
                first, second, third = np.float32(0), np.float32(0), np.float32(0)
                for channel in range(values.shape[2]):
                    g = upstream[image, row, column, channel]
                    to_values[image, i, channel] += g * a
                    to_values[image, j, channel] += g * b
                    to_values[image, k, channel] += g * c
                    first += g * values[image, i, channel]
                    second += g * values[image, j, channel]
                    third += g * values[image, k, channel]
                to_weights[image, row, column, 0] = first
                to_weights[image, row, column, 1] = second
                to_weights[image, row, column, 2] = third
    return to_values, to_weights
