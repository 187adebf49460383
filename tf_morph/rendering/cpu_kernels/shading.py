"""Interpolation and Phong reflection in one compiled pass over the covered pixels.

Positions, normals and albedo are read once a pixel, forward and backward; no array of interpolated
surfaces is made. `tensorflow_graphics.rendering.reflectance` gives the same values (the tests
compare them).
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, run_kernel
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
    three,
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
            corners = three(triangles[t], 0)
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
    to_vertices = np.zeros(vertices.shape, np.float32)
    to_positions = np.zeros(positions.shape, np.float32)
    to_normals = np.zeros(normals.shape, np.float32)
    to_albedo = np.zeros(albedo.shape, np.float32)
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
            g = three(upstream[row, column], 0)
            for channel in range(3):
                to_background[row, column, channel] = 0
            if g[0] == 0 and g[1] == 0 and g[2] == 0:
                continue
            corners, pixel = three(triangles[t], 0), pixel_centre(row, column, height, width)
            weights = pixel_weights(vertices, corners, pixel)
            _surface_point(positions, normals, albedo, corners, weights, point)
            reflect_backward(
                g, point, to_point, lights, colors, ambient, gloss[t], eye, pivot, to_lights,
                to_colors, to_ambient,
            )  # fmt: skip
            first, second, third = np.float32(0), np.float32(0), np.float32(0)
            for values, target, start in (
                (positions, to_positions, POSITION),
                (normals, to_normals, NORMAL),
                (albedo, to_albedo, ALBEDO),
            ):
                pull = three(to_point, start)
                first += _scatter(values, target, corners[0], pull, weights[0])
                second += _scatter(values, target, corners[1], pull, weights[1])
                third += _scatter(values, target, corners[2], pull, weights[2])
            to_weights = (first, second, third)
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
def _scatter(values, target, v, pull, weight):
    """Adds a corner's share of the pull to `target`; the pull on its weight."""
    for axis in range(3):
        target[v, axis] += weight * pull[axis]
    return pull[0] * values[v, 0] + pull[1] * values[v, 1] + pull[2] * values[v, 2]
