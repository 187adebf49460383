"""Vertex attributes at every pixel, and the gradient to attributes and positions at once.

Weights are worked out in registers, forward and backward; no array of them is made.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, helper, run_kernel, zeros
from tf_morph.rendering.cpu_kernels.homogeneous import (
    add_weight_gradient,
    pixel_centre,
    pixel_weights,
)


def interpolate(
    attributes: tf.Tensor, clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """See `interpolation.interpolate`."""

    @tf.custom_gradient
    def differentiable(values, vertices):
        inputs = [values, vertices, triangle_ids]
        pixels = run_kernel(lambda *arrays: _run_forward(*arrays, triangles), inputs, tf.float32)
        pixels.set_shape([*triangle_ids.shape, values.shape[2]])

        def gradient(upstream):
            gradients = run_kernel(
                lambda *arrays: _run_backward(*arrays, triangles),
                [upstream, *inputs],
                [tf.float32] * 2,
            )
            of = (values, vertices)
            return [tf.ensure_shape(g, x.shape) for g, x in zip(gradients, of, strict=True)]

        return pixels, gradient

    return differentiable(attributes, clip_vertices)


def _run_forward(values, vertices, triangle_ids, triangles):
    pixels = zeros((*triangle_ids.shape, values.shape[2]))
    return _forward(values, vertices, triangle_ids, triangles, pixels)


def _run_backward(upstream, values, vertices, triangle_ids, triangles):
    to_values, to_vertices = zeros(values.shape), zeros(vertices.shape)
    _backward(upstream, values, vertices, triangle_ids, triangles, to_values, to_vertices)
    return to_values, to_vertices


@compiled
def _forward(values, vertices, triangle_ids, triangles, pixels):
    batch, height, width = triangle_ids.shape
    channels = values.shape[2]
    for line in numba.prange(batch * height):
        image, row = line // height, line % height
        for column in range(width):
            t = triangle_ids[image, row, column]
            if t < 0:
                continue
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            pixel = pixel_centre(row, column, height, width)
            a, b, c = pixel_weights(vertices[image], (i, j, k), pixel)
            for channel in range(channels):
                pixels[image, row, column, channel] = (
                    a * values[image, i, channel]
                    + b * values[image, j, channel]
                    + c * values[image, k, channel]
                )
    return pixels


@compiled
def _backward(upstream, values, vertices, triangle_ids, triangles, to_values, to_vertices):
    for image in numba.prange(triangle_ids.shape[0]):
        _image_backward(
            upstream[image], values[image], vertices[image], triangle_ids[image], triangles,
            to_values[image], to_vertices[image],
        )  # fmt: skip


@helper
def _image_backward(upstream, values, vertices, triangle_ids, triangles, to_values, to_vertices):
    height, width = triangle_ids.shape
    zero = np.float32(0)
    for row in range(height):
        for column in range(width):
            t = triangle_ids[row, column]
            if t < 0:
                continue
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            pixel = pixel_centre(row, column, height, width)
            weights = pixel_weights(vertices, (i, j, k), pixel)
            first, second, third = zero, zero, zero
            for channel in range(values.shape[1]):
                g = upstream[row, column, channel]
                to_values[i, channel] += g * weights[0]
                to_values[j, channel] += g * weights[1]
                to_values[k, channel] += g * weights[2]
                first += g * values[i, channel]
                second += g * values[j, channel]
                third += g * values[k, channel]
            to_weights = (first, second, third)
            add_weight_gradient(to_vertices, (i, j, k), vertices, pixel, weights, to_weights)
