"""Interpolation and Phong reflection in one compiled pass over the covered pixels.

Positions, normals and albedo are read once a pixel, forward and backward; no array of interpolated
surfaces is made. `tensorflow_graphics.rendering.reflectance` gives the same values (the tests
compare them).
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, run_kernel, zeros
from tf_morph.rendering.cpu_kernels.homogeneous import (
    add_weight_gradient,
    helper,
    inlined,
    pixel_centre,
    pixel_weights,
)
from tf_morph.rendering.cpu_kernels.phong import (
    ALBEDO,
    CHANNELS,
    NORMAL,
    POSITION,
    reflect,
    reflect_backward,
)


def shade(mesh, triangles, triangle_ids, gloss, light, background, eye, pivot):
    """See `shading.shade`."""
    constants = [triangles, *(np.ascontiguousarray(x, np.float32) for x in (gloss, eye, pivot))]

    @tf.custom_gradient
    def differentiable(*inputs):
        *seen, background = inputs
        image = run_kernel(
            lambda *arrays: _forward(arrays, *constants),
            [triangle_ids, *seen, background],
            tf.float32,
        )
        image.set_shape([*triangle_ids.shape, 3])

        def gradient(upstream):
            gradients = run_kernel(
                lambda *arrays: _backward(arrays, *constants),
                [upstream, triangle_ids, *seen],
                [tf.float32] * len(inputs),
            )
            return [tf.ensure_shape(g, x.shape) for g, x in zip(gradients, inputs, strict=True)]

        return image, gradient

    return differentiable(*mesh, *light, background)


@compiled
def _forward(arrays, triangles, gloss, eye, pivot):
    ids, vertices, positions, normals, albedo, lights, colors, ambient, background = arrays
    batch, height, width = ids.shape
    image = background.copy()
    for line in numba.prange(batch * height):
        b, row = line // height, line % height
        point = np.empty(CHANNELS, np.float32)
        for column in range(width):
            t = ids[b, row, column]
            if t < 0:
                continue
            corners = (triangles[t, 0], triangles[t, 1], triangles[t, 2])
            weights = pixel_weights(vertices[b], corners, pixel_centre(row, column, height, width))
            _surface_point(positions[b], normals[b], albedo[b], corners, weights, point)
            reflect(
                point, lights[b], colors[b], ambient[b], gloss[t], eye, pivot,
                image[b, row, column],
            )  # fmt: skip
    return image


@compiled
def _backward(arrays, triangles, gloss, eye, pivot):
    upstream, ids, vertices, positions, normals, albedo, lights, colors, ambient = arrays
    to_vertices = zeros(vertices.shape)
    to_positions = zeros(positions.shape)
    to_normals = zeros(normals.shape)
    to_albedo = zeros(albedo.shape)
    # Sums over whole pictures, in double precision.
    to_lights, to_colors = np.zeros(lights.shape), np.zeros(colors.shape)
    to_ambient, to_background = np.zeros(ambient.shape), upstream.copy()
    for b in numba.prange(ids.shape[0]):
        _image_backward(
            upstream[b], ids[b], vertices[b], positions[b], normals[b], albedo[b], lights[b],
            colors[b], ambient[b], triangles, gloss, eye, pivot, to_vertices[b], to_positions[b],
            to_normals[b], to_albedo[b], to_lights[b], to_colors[b], to_ambient[b],
            to_background[b],
        )  # fmt: skip
    return (
        to_vertices,
        to_positions,
        to_normals,
        to_albedo,
        to_lights.astype(np.float32),
        to_colors.astype(np.float32),
        to_ambient.astype(np.float32),
        to_background,
    )


@helper
def _image_backward(
    upstream, ids, vertices, positions, normals, albedo, lights, colors, ambient, triangles, gloss,
    eye, pivot, to_vertices, to_positions, to_normals, to_albedo, to_lights, to_colors, to_ambient,
    to_background,
):  # fmt: skip
    height, width = ids.shape
    point, to_point = np.empty(CHANNELS, np.float32), np.empty(CHANNELS, np.float32)
    for row in range(height):
        for column in range(width):
            t = ids[row, column]
            if t < 0:
                continue
            g = upstream[row, column, 0], upstream[row, column, 1], upstream[row, column, 2]
            for channel in range(3):
                to_background[row, column, channel] = 0
            if g[0] == 0 and g[1] == 0 and g[2] == 0:
                continue
            corners, pixel = (
                (triangles[t, 0], triangles[t, 1], triangles[t, 2]),
                pixel_centre(row, column, height, width),
            )
            weights = pixel_weights(vertices, corners, pixel)
            _surface_point(positions, normals, albedo, corners, weights, point)
            reflect_backward(
                g, point, to_point, lights, colors, ambient, gloss[t], eye, pivot, to_lights,
                to_colors, to_ambient,
            )  # fmt: skip
            values, targets = (positions, normals, albedo), (to_positions, to_normals, to_albedo)
            to_weights = (
                _scatter(to_point, corners[0], weights[0], values, targets),
                _scatter(to_point, corners[1], weights[1], values, targets),
                _scatter(to_point, corners[2], weights[2], values, targets),
            )
            add_weight_gradient(to_vertices, corners, vertices, pixel, weights, to_weights)


@helper
def _surface_point(positions, normals, albedo, corners, weights, point):
    i, j, k = corners
    a, b, c = weights
    for axis in range(3):
        point[POSITION + axis] = (
            a * positions[i, axis] + b * positions[j, axis] + c * positions[k, axis]
        )
        point[NORMAL + axis] = a * normals[i, axis] + b * normals[j, axis] + c * normals[k, axis]
        point[ALBEDO + axis] = a * albedo[i, axis] + b * albedo[j, axis] + c * albedo[k, axis]


@inlined
def _scatter(to_point, v, weight, values, targets):
    """Adds a corner's share of the point's gradient to `targets`; the pull on its weight."""
    positions, normals, albedo = values
    to_positions, to_normals, to_albedo = targets
    pull = np.float32(0)
    for axis in range(3):
        to_positions[v, axis] += weight * to_point[POSITION + axis]
        to_normals[v, axis] += weight * to_point[NORMAL + axis]
        to_albedo[v, axis] += weight * to_point[ALBEDO + axis]
        pull += to_point[POSITION + axis] * positions[v, axis]
        pull += to_point[NORMAL + axis] * normals[v, axis]
        pull += to_point[ALBEDO + axis] * albedo[v, axis]
    return pull
