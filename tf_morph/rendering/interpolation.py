"""Vertex attributes to pixels, by barycentric weights; the gradient is a scatter in compiled code.

TensorFlow's gather of three rows a pixel and its scattering gradient take several times as long.
"""

from collections.abc import Sequence

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import compiled, run_kernel


def interpolate(
    attributes: Sequence[tf.Tensor],
    triangles: np.ndarray,
    triangle_ids: tf.Tensor,
    barycentrics: tf.Tensor,
) -> tf.Tensor:
    """Interpolates vertex attributes at every pixel.

    Args:
      attributes: arrays [B, V, 3] float32, N of them.
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32, -1 for background.
      barycentrics: [B, H, W, 3] float32.

    Returns:
      [B, H, W, 3 N] float32, one attribute after the other, zero on the background.
      Differentiable with respect to `attributes` and `barycentrics`.
    """

    @tf.custom_gradient
    def differentiable(weights, *values):
        inputs = [weights, triangle_ids, *values]
        pixels = run_kernel(lambda w, ids, *v: _forward(v, w, triangles, ids), inputs, tf.float32)
        pixels.set_shape([*triangle_ids.shape, 3 * len(values)])

        def gradient(upstream):
            gradients = run_kernel(
                lambda g, w, ids, *v: _run_backward(g, v, w, triangles, ids),
                [upstream, *inputs],
                [tf.float32] * (1 + len(values)),
            )
            of = (weights, *values)
            return [tf.ensure_shape(g, x.shape) for g, x in zip(gradients, of, strict=True)]

        return pixels, gradient

    return differentiable(barycentrics, *attributes)


@compiled
def _forward(values, weights, triangles, triangle_ids):
    batch, height, width = triangle_ids.shape
    pixels = np.zeros((batch, height, width, 3 * len(values)), np.float32)
    for line in numba.prange(batch * height):
        image, row = line // height, line % height
        for column in range(width):
            t = triangle_ids[image, row, column]
            if t < 0:
                continue
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            a, b = weights[image, row, column, 0], weights[image, row, column, 1]
            c = weights[image, row, column, 2]
            for index in range(len(values)):
                value = values[index]
                for axis in range(3):
                    pixels[image, row, column, 3 * index + axis] = (
                        a * value[image, i, axis]
                        + b * value[image, j, axis]
                        + c * value[image, k, axis]
                    )
    return pixels


def _run_backward(upstream, values, weights, triangles, triangle_ids):
    to_values = tuple(np.zeros_like(value) for value in values)
    return _backward(upstream, values, weights, triangles, triangle_ids, to_values), *to_values


@compiled
def _backward(upstream, values, weights, triangles, triangle_ids, to_values):
    """Adds to `to_values` and returns the gradient of `weights`."""
    batch, height, width = triangle_ids.shape
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
                for index in range(len(values)):
                    value, target = values[index], to_values[index]
                    for axis in range(3):
                        g = upstream[image, row, column, 3 * index + axis]
                        target[image, i, axis] += g * a
                        target[image, j, axis] += g * b
                        target[image, k, axis] += g * c
                        first += g * value[image, i, axis]
                        second += g * value[image, j, axis]
                        third += g * value[image, k, axis]
                to_weights[image, row, column, 0] = first
                to_weights[image, row, column, 1] = second
                to_weights[image, row, column, 2] = third
    return to_weights
