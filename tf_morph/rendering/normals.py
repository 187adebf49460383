"""Vertex normals of a deformed mesh.

The same as `tensorflow_graphics.geometry.representation.mesh.normals.vertex_normals` (the tests
compare them), which needs the batch size at trace time and whose [B, T, 3, 3] intermediates and
scattering gradient take many times as long.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import compiled, run_kernel

_SMALLEST = 1e-12  # mm^2: a shorter sum has no direction, and its normal and gradient are zero


def vertex_normals(vertices: tf.Tensor, triangles: np.ndarray) -> tf.Tensor:
    """Unit normals: the area-weighted mean of the adjoining triangles' normals.

    Args:
      vertices: [B, V, 3] float32, any unit.
      triangles: [T, 3] int32, counter-clockwise seen from outside.

    Returns:
      [B, V, 3] float32 unit vectors pointing outside; zero, with zero gradient, at vertices
      without a triangle of any area.
    """
    sums = _normal_sums(vertices, triangles)
    squared = tf.reduce_sum(sums * sums, axis=-1, keepdims=True)
    usable = squared > _SMALLEST**2
    inverse = tf.where(usable, tf.math.rsqrt(tf.where(usable, squared, 1.0)), 0.0)
    return sums * inverse


def _normal_sums(vertices: tf.Tensor, triangles: np.ndarray) -> tf.Tensor:
    @tf.custom_gradient
    def differentiable(points):
        sums = run_kernel(lambda p: _forward(p, triangles), [points], tf.float32)
        sums.set_shape(points.shape)

        def gradient(upstream):
            values = run_kernel(
                lambda g, p: _backward(g, p, triangles), [upstream, points], tf.float32
            )
            return tf.ensure_shape(values, points.shape)

        return sums, gradient

    return differentiable(vertices)


@compiled
def _forward(points, triangles):
    sums = np.zeros(points.shape, np.float32)
    for image in numba.prange(points.shape[0]):
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ux, uy, uz = _side(points, image, i, j)
            vx, vy, vz = _side(points, image, i, k)
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            _add(sums, image, i, nx, ny, nz)
            _add(sums, image, j, nx, ny, nz)
            _add(sums, image, k, nx, ny, nz)
    return sums


@compiled
def _backward(upstream, points, triangles):
    result = np.zeros(points.shape, np.float32)
    for image in numba.prange(points.shape[0]):
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            gx = upstream[image, i, 0] + upstream[image, j, 0] + upstream[image, k, 0]
            gy = upstream[image, i, 1] + upstream[image, j, 1] + upstream[image, k, 1]
            gz = upstream[image, i, 2] + upstream[image, j, 2] + upstream[image, k, 2]
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


@numba.njit(nogil=True, cache=True, inline="always")
def _side(points, image, start, end):
    return (
        points[image, end, 0] - points[image, start, 0],
        points[image, end, 1] - points[image, start, 1],
        points[image, end, 2] - points[image, start, 2],
    )


@numba.njit(nogil=True, cache=True, inline="always")
def _add(target, image, vertex, x, y, z):
    target[image, vertex, 0] += x
    target[image, vertex, 1] += y
    target[image, vertex, 2] += z
