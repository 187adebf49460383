"""Interpolation and Phong reflection in one compiled pass over the covered pixels.

Positions, normals and albedo are read once a pixel, forward and backward, a block of pixels at a
time; no array of interpolated surfaces is made. The values are those of
`tensorflow_graphics.rendering.reflectance` (the tests compare them).
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, helper, inlined, run_kernel, zeros
from tf_morph.rendering.cpu_kernels.homogeneous import (
    add_weight_gradient,
    pixel_centre,
    pixel_weights,
)
from tf_morph.rendering.cpu_kernels.phong import (
    ALBEDO,
    BLOCK,
    GLOSS,
    NORMAL,
    POSITION,
    ROWS,
    SHOWN,
    TO_ALBEDO,
    TO_NORMAL,
    TO_POSITION,
    WEIGHTS,
    reflect,
    reflect_backward,
)

_BAND_ROWS = 16


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
                lambda *arrays: _run_backward(arrays, *constants),
                [upstream, triangle_ids, *seen],
                [tf.float32] * len(inputs),
            )
            return [tf.ensure_shape(g, x.shape) for g, x in zip(gradients, inputs, strict=True)]

        return image, gradient

    return differentiable(*mesh, *light, background)


@compiled
def _forward(arrays, triangles, gloss, eye, pivot):
    ids, vertices, positions, normals, albedo, lights, colors, ambient, background = arrays
    batch, height, _ = ids.shape
    image = np.empty(background.shape, np.float32)
    bands = -(-height // _BAND_ROWS)
    for task in numba.prange(batch * bands):
        b, top = task // bands, task % bands * _BAND_ROWS
        surface = vertices[b], positions[b], normals[b], albedo[b]
        light = lights[b], colors[b], ambient[b]
        _band_forward(
            top, min(top + _BAND_ROWS, height), ids[b], triangles, gloss, surface, light, eye,
            pivot, background[b], image[b],
        )  # fmt: skip
    return image


@helper
def _band_forward(
    top, bottom, ids, triangles, gloss, surface, light, eye, pivot, background, image
):
    lights, colors, ambient = light
    width = ids.shape[1]
    block, columns = np.empty((ROWS, BLOCK), np.float32), np.empty(BLOCK, np.int64)
    for row in range(top, bottom):
        for column in range(width):
            for channel in range(3):
                image[row, column, channel] = background[row, column, channel]
        start = 0
        while start < width:
            start, count = _gather(start, row, ids, triangles, gloss, surface, block, columns)
            reflect(block, count, lights, colors, ambient, eye, pivot)
            for n in range(count):
                for channel in range(3):
                    image[row, columns[n], channel] = block[SHOWN + channel, n]


def _run_backward(arrays, triangles, gloss, eye, pivot):
    to_mesh = tuple(zeros(array.shape) for array in arrays[2:6])
    to_light, to_ambient, to_background = _backward(arrays, triangles, gloss, eye, pivot, to_mesh)
    to_scene = (*to_light, to_ambient)
    return *to_mesh, *(values.astype(np.float32) for values in to_scene), to_background


@compiled
def _backward(arrays, triangles, gloss, eye, pivot, to_mesh):
    upstream, ids, vertices, positions, normals, albedo, lights, colors, ambient = arrays
    to_vertices, to_positions, to_normals, to_albedo = to_mesh
    # Sums over whole pictures, in double precision.
    to_lights, to_colors = np.zeros(lights.shape), np.zeros(colors.shape)
    to_ambient, to_background = np.zeros(ambient.shape), np.empty(upstream.shape, np.float32)
    for b in numba.prange(ids.shape[0]):
        surface = vertices[b], positions[b], normals[b], albedo[b]
        targets = to_vertices[b], to_positions[b], to_normals[b], to_albedo[b]
        light, to_light = (lights[b], colors[b]), (to_lights[b], to_colors[b])
        _image_backward(
            upstream[b], ids[b], triangles, gloss, surface, light, ambient[b], eye, pivot, targets,
            to_light, to_ambient[b], to_background[b],
        )  # fmt: skip
    return (to_lights, to_colors), to_ambient, to_background


@helper
def _image_backward(
    upstream, ids, triangles, gloss, surface, light, ambient, eye, pivot, targets, to_light,
    to_ambient, to_background,
):  # fmt: skip
    height, width = ids.shape
    block, columns = np.empty((ROWS, BLOCK), np.float32), np.empty(BLOCK, np.int64)
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                to_background[row, column, channel] = upstream[row, column, channel]
        start = 0
        while start < width:
            start, count = _gather(start, row, ids, triangles, gloss, surface, block, columns)
            for n in range(count):
                for channel in range(3):
                    block[SHOWN + channel, n] = upstream[row, columns[n], channel]
                    to_background[row, columns[n], channel] = 0
            reflect_backward(
                block, count, light[0], light[1], ambient, eye, pivot, to_light[0], to_light[1],
                to_ambient,
            )  # fmt: skip
            for n in range(count):
                t = ids[row, columns[n]]
                corners = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                pixel = pixel_centre(row, columns[n], height, width)
                _scatter(block, n, corners, pixel, surface, targets)


@inlined
def _gather(start, row, ids, triangles, gloss, surface, block, columns):
    """Fills a block from column `start` of a row on; the column after it, and how many it holds."""
    vertices, positions, normals, albedo = surface
    height, width = ids.shape
    count, column = 0, start
    while column < width and count < BLOCK:
        t = ids[row, column]
        if t >= 0:
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            pixel = pixel_centre(row, column, height, width)
            a, b, c = pixel_weights(vertices, (i, j, k), pixel)
            block[WEIGHTS, count], block[WEIGHTS + 1, count], block[WEIGHTS + 2, count] = a, b, c
            for axis in range(3):
                block[POSITION + axis, count] = (
                    a * positions[i, axis] + b * positions[j, axis] + c * positions[k, axis]
                )
                block[NORMAL + axis, count] = (
                    a * normals[i, axis] + b * normals[j, axis] + c * normals[k, axis]
                )
                block[ALBEDO + axis, count] = (
                    a * albedo[i, axis] + b * albedo[j, axis] + c * albedo[k, axis]
                )
            block[GLOSS, count] = gloss[t]
            columns[count] = column
            count += 1
        column += 1
    return column, count


@inlined
def _scatter(block, n, corners, pixel, surface, targets):
    """Hands the gradient of a block's point on to its triangle's corners."""
    weights = block[WEIGHTS, n], block[WEIGHTS + 1, n], block[WEIGHTS + 2, n]
    to_weights = (
        _scatter_to_corner(block, n, corners[0], weights[0], surface, targets),
        _scatter_to_corner(block, n, corners[1], weights[1], surface, targets),
        _scatter_to_corner(block, n, corners[2], weights[2], surface, targets),
    )
    add_weight_gradient(targets[0], corners, surface[0], pixel, weights, to_weights)


@inlined
def _scatter_to_corner(block, n, v, weight, surface, targets):
    """Adds a corner's share to the targets; the gradient of its weight."""
    _, positions, normals, albedo = surface
    _, to_positions, to_normals, to_albedo = targets
    pull = np.float32(0)
    for axis in range(3):
        to_positions[v, axis] += weight * block[TO_POSITION + axis, n]
        to_normals[v, axis] += weight * block[TO_NORMAL + axis, n]
        to_albedo[v, axis] += weight * block[TO_ALBEDO + axis, n]
        pull += block[TO_POSITION + axis, n] * positions[v, axis]
        pull += block[TO_NORMAL + axis, n] * normals[v, axis]
        pull += block[TO_ALBEDO + axis, n] * albedo[v, axis]
    return pull
