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
            a, b, c = points[image, i], points[image, j], points[image, k]
            ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            for corner in (i, j, k):
                sums[image, corner, 0] += nx
                sums[image, corner, 1] += ny
                sums[image, corner, 2] += nz
    return sums


@compiled
def _backward(upstream, points, triangles):
    result = np.zeros(points.shape, np.float32)
    for image in numba.prange(points.shape[0]):
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            a, b, c = points[image, i], points[image, j], points[image, k]
            p, q, r = upstream[image, i], upstream[image, j], upstream[image, k]
            gx, gy, gz = p[0] + q[0] + r[0], p[1] + q[1] + r[1], p[2] + q[2] + r[2]
            ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
            # n = u x v, so dL/du = v x g and dL/dv = g x u.
            sx, sy, sz = vy * gz - vz * gy, vz * gx - vx * gz, vx * gy - vy * gx
            wx, wy, wz = gy * uz - gz * uy, gz * ux - gx * uz, gx * uy - gy * ux
            _add(result[image, i], -sx - wx, -sy - wy, -sz - wz)
            _add(result[image, j], sx, sy, sz)
            _add(result[image, k], wx, wy, wz)
    return result


@numba.njit(nogil=True, cache=True, inline="always")
def _add(target, x, y, z):
    target[0] += x
    target[1] += y
    target[2] += z
