"""Barycentric weights of every pixel, and their gradient, in compiled code."""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, run_kernel, zeros
from tf_morph.rendering.cpu_kernels.homogeneous import (
    add_weight_gradient,
    pixel_centre,
    pixel_weights,
)


def barycentrics(
    clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """See `rasterizer.rasterize`: the weights [B, H, W, 3] of given triangle ids [B, H, W]."""

    @tf.custom_gradient
    def differentiable(vertices):
        weights = run_kernel(
            lambda v, ids: _forward(v, triangles, ids, zeros((*ids.shape, 3))),
            [vertices, triangle_ids],
            tf.float32,
        )
        weights.set_shape([*triangle_ids.shape, 3])

        def gradient(upstream):
            values = run_kernel(
                lambda g, w, v, ids: _backward(g, w, v, triangles, ids, zeros(v.shape)),
                [upstream, weights, vertices, triangle_ids],
                tf.float32,
            )
            return tf.ensure_shape(values, vertices.shape)

        return weights, gradient

    return differentiable(clip_vertices)


@compiled
def _forward(vertices, triangles, triangle_ids, weights):
    batch, height, width = triangle_ids.shape
    for line in numba.prange(batch * height):
        image, row = line // height, line % height
        for column in range(width):
            t = triangle_ids[image, row, column]
            if t < 0:
                continue
            corners = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            pixel = pixel_centre(row, column, height, width)
            found = pixel_weights(vertices[image], corners, pixel)
            for axis in range(3):
                weights[image, row, column, axis] = found[axis]
    return weights


@compiled
def _backward(upstream, weights, vertices, triangles, triangle_ids, result):
    batch, height, width = triangle_ids.shape
    for image in numba.prange(batch):
        for row in range(height):
            for column in range(width):
                t = triangle_ids[image, row, column]
                if t < 0:
                    continue
                add_weight_gradient(
                    result[image],
                    (triangles[t, 0], triangles[t, 1], triangles[t, 2]),
                    vertices[image],
                    pixel_centre(row, column, height, width),
                    weights[image, row, column],
                    upstream[image, row, column],
                )
    return result
