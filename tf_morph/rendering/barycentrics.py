"""Where in its triangle each pixel centre lies, perspective-correct; all of geometry's gradient.

With the corners' v_i = (x, y, w) in clip space and the pixel centre p = (x, y, 1), the weights b_i
solve sum_i b_i v_i ~ p. They are b = e / sum(e) with e_0 = (v_1 x v_2) . p and so on around.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import compiled, run_kernel


def barycentrics(
    clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """Perspective-correct barycentric coordinates of every pixel centre in its triangle.

    Args:
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates (z is not used).
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32, -1 for background.

    Returns:
      [B, H, W, 3] float32, summing to one; zero on the background. The gradient flows to
      `clip_vertices`, as if each pixel's triangle went on forever: none through visibility.
    """

    @tf.custom_gradient
    def differentiable(vertices):
        weights = run_kernel(
            lambda v, ids: _forward(v, triangles, ids), [vertices, triangle_ids], tf.float32
        )
        weights.set_shape([*triangle_ids.shape, 3])

        def gradient(upstream):
            values = run_kernel(
                lambda g, w, v, ids: _backward(g, w, v, triangles, ids),
                [upstream, weights, vertices, triangle_ids],
                tf.float32,
            )
            return tf.ensure_shape(values, vertices.shape)

        return weights, gradient

    return differentiable(clip_vertices)


@numba.njit(nogil=True, cache=True, inline="always")
def _cross(p, q):
    return (
        p[1] * q[2] - p[2] * q[1],
        p[2] * q[0] - p[0] * q[2],
        p[0] * q[1] - p[1] * q[0],
    )


@numba.njit(nogil=True, cache=True, inline="always")
def _corner(vertex):
    return np.float64(vertex[0]), np.float64(vertex[1]), np.float64(vertex[3])


@numba.njit(nogil=True, cache=True, inline="always")
def _dot(p, q):
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


@compiled
def _forward(vertices, triangles, triangle_ids):
    batch, height, width = triangle_ids.shape
    weights = np.zeros((batch, height, width, 3), np.float32)
    for line in numba.prange(batch * height):
        image, row = line // height, line % height
        for column in range(width):
            t = triangle_ids[image, row, column]
            if t < 0:
                continue
            pixel = ((2 * column + 1) / width - 1, 1 - (2 * row + 1) / height, 1.0)
            a = _corner(vertices[image, triangles[t, 0]])
            b = _corner(vertices[image, triangles[t, 1]])
            c = _corner(vertices[image, triangles[t, 2]])
            e0 = _dot(_cross(b, c), pixel)
            e1 = _dot(_cross(c, a), pixel)
            e2 = _dot(_cross(a, b), pixel)
            total = e0 + e1 + e2
            weights[image, row, column, 0] = e0 / total
            weights[image, row, column, 1] = e1 / total
            weights[image, row, column, 2] = e2 / total
    return weights


@compiled
def _backward(upstream, weights, vertices, triangles, triangle_ids):
    batch, height, width = triangle_ids.shape
    result = np.zeros(vertices.shape, np.float32)
    for image in numba.prange(batch):
        for row in range(height):
            for column in range(width):
                t = triangle_ids[image, row, column]
                if t < 0:
                    continue
                pixel = ((2 * column + 1) / width - 1, 1 - (2 * row + 1) / height, 1.0)
                a = _corner(vertices[image, triangles[t, 0]])
                b = _corner(vertices[image, triangles[t, 1]])
                c = _corner(vertices[image, triangles[t, 2]])
                bc, ca, ab = _cross(b, c), _cross(c, a), _cross(a, b)
                total = _dot(bc, pixel) + _dot(ca, pixel) + _dot(ab, pixel)
                g, k = upstream[image, row, column], weights[image, row, column]
                mean = g[0] * k[0] + g[1] * k[1] + g[2] * k[2]
                g0, g1, g2 = (g[0] - mean) / total, (g[1] - mean) / total, (g[2] - mean) / total
                ap, bp, cp = _cross(a, pixel), _cross(b, pixel), _cross(c, pixel)
                _add(result[image, triangles[t, 0]], g1, cp, -g2, bp)
                _add(result[image, triangles[t, 1]], g2, ap, -g0, cp)
                _add(result[image, triangles[t, 2]], g0, bp, -g1, ap)
    return result


@numba.njit(nogil=True, cache=True, inline="always")
def _add(target, scale_p, p, scale_q, q):
    """d e_1 / d a = p x c ... : the two edges that a corner is part of pull on it."""
    target[0] -= scale_p * p[0] + scale_q * q[0]
    target[1] -= scale_p * p[1] + scale_q * q[1]
    target[3] -= scale_p * p[2] + scale_q * q[2]
