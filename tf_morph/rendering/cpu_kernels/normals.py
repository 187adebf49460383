"""Vertex normals and their gradient, in compiled code."""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.cpu_kernels.compiled import compiled, kept, run_kernel, zeros
from tf_morph.rendering.reflection import SMALLEST as _SMALLEST

_inlined = kept(nogil=True, inline="always")


def vertex_normals(vertices: tf.Tensor, triangles: np.ndarray) -> tf.Tensor:
    """See `normals.vertex_normals`."""

    @tf.custom_gradient
    def differentiable(points):
        normals, inverses = run_kernel(
            lambda p: _forward(p, triangles, zeros(p.shape), zeros(p.shape[:2])),
            [points],
            [tf.float32, tf.float32],
        )
        normals.set_shape(points.shape)

        def gradient(upstream):
            values = run_kernel(
                lambda g, n, i, p: _backward(g, n, i, p, triangles, zeros(p.shape), zeros(p.shape)),
                [upstream, normals, inverses, points],
                tf.float32,
            )
            return tf.ensure_shape(values, points.shape)

        return normals, gradient

    return differentiable(vertices)


@compiled
def _forward(points, triangles, sums, inverses):
    for image in numba.prange(points.shape[0]):
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ux, uy, uz = _side(points, image, i, j)
            vx, vy, vz = _side(points, image, i, k)
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            _add(sums, image, i, nx, ny, nz)
            _add(sums, image, j, nx, ny, nz)
            _add(sums, image, k, nx, ny, nz)
    for image in numba.prange(points.shape[0]):
        for v in range(points.shape[1]):
            x, y, z = sums[image, v, 0], sums[image, v, 1], sums[image, v, 2]
            length = np.sqrt(x * x + y * y + z * z)
            inverse = np.float32(0) if length < _SMALLEST else np.float32(1) / length
            inverses[image, v] = inverse
            for axis in range(3):
                sums[image, v, axis] *= inverse
    return sums, inverses


@compiled
def _backward(upstream, normals, inverses, points, triangles, to_sums, result):
    for image in numba.prange(points.shape[0]):
        for v in range(points.shape[1]):
            along = np.float32(0)
            for axis in range(3):
                along += upstream[image, v, axis] * normals[image, v, axis]
            for axis in range(3):
                across = upstream[image, v, axis] - along * normals[image, v, axis]
                to_sums[image, v, axis] = across * inverses[image, v]
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            gx = to_sums[image, i, 0] + to_sums[image, j, 0] + to_sums[image, k, 0]
            gy = to_sums[image, i, 1] + to_sums[image, j, 1] + to_sums[image, k, 1]
            gz = to_sums[image, i, 2] + to_sums[image, j, 2] + to_sums[image, k, 2]
            if gx == 0 and gy == 0 and gz == 0:  # most: their corners are not seen
                continue
            ux, uy, uz = _side(points, image, i, j)
            vx, vy, vz = _side(points, image, i, k)
            # n = u x v, so dL/du = v x g and dL/dv = g x u.
            sx, sy, sz = vy * gz - vz * gy, vz * gx - vx * gz, vx * gy - vy * gx
            wx, wy, wz = gy * uz - gz * uy, gz * ux - gx * uz, gx * uy - gy * ux
            _add(result, image, i, -sx - wx, -sy - wy, -sz - wz)
            _add(result, image, j, sx, sy, sz)
            _add(result, image, k, wx, wy, wz)
    return result


@_inlined
def _side(points, image, start, end):
    return (
        points[image, end, 0] - points[image, start, 0],
        points[image, end, 1] - points[image, start, 1],
        points[image, end, 2] - points[image, start, 2],
    )


@_inlined
def _add(target, image, vertex, x, y, z):
    target[image, vertex, 0] += x
    target[image, vertex, 1] += y
    target[image, vertex, 2] += z
