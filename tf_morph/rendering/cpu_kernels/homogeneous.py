"""A pixel centre seen through a triangle: its weights, and what their gradient pulls on.

With the corners' v_i = (x, y, w) in clip space and the pixel centre p = (x, y, 1), the weights b_i
solve sum_i b_i v_i ~ p. They are b = e / sum(e) with e_0 = (v_1 x v_2) . p and so on around, which
is perspective-correct (Olano and Greer 1997).
"""

import numba
import numpy as np

# Sum of e over that of its edges' sizes, below which a triangle is seen too much from its side for
# its weights to have a gradient.
EDGE_ON = 1e-9


@numba.njit(nogil=True, cache=True, inline="always")
def pixel_centre(row, column, height, width):
    """(x, y, 1) of a pixel centre, x and y from -1 to 1, row 0 at y = 1."""
    return (2 * column + 1) * (1.0 / width) - 1, 1 - (2 * row + 1) * (1.0 / height), 1.0


@numba.njit(nogil=True, cache=True, inline="always")
def corner(vertices, v):
    """(x, y, w) of a vertex of [V, 4]."""
    return np.float64(vertices[v, 0]), np.float64(vertices[v, 1]), np.float64(vertices[v, 3])


@numba.njit(nogil=True, cache=True, inline="always")
def pixel_weights(a, b, c, pixel):
    """The three weights of a pixel centre between corners a, b and c, float32."""
    e0, e1, e2 = dot(cross(b, c), pixel), dot(cross(c, a), pixel), dot(cross(a, b), pixel)
    inverse = 1.0 / (e0 + e1 + e2)
    return np.float32(e0 * inverse), np.float32(e1 * inverse), np.float32(e2 * inverse)


@numba.njit(nogil=True, cache=True)
def add_weight_gradient(target, corners, vertices, pixel, weights, upstream):
    """Adds to `target` [V, 4] what the upstream gradient of a pixel's weights asks of its corners.

    Triangles seen from their side (`EDGE_ON`) get nothing.
    """
    i, j, k = corners
    a, b, c = corner(vertices, i), corner(vertices, j), corner(vertices, k)
    bc, ca, ab = cross(b, c), cross(c, a), cross(a, b)
    total = dot(bc, pixel) + dot(ca, pixel) + dot(ab, pixel)
    if not abs(total) > EDGE_ON * (_size(bc) + _size(ca) + _size(ab)):
        return
    mean = upstream[0] * weights[0] + upstream[1] * weights[1] + upstream[2] * weights[2]
    inverse = 1.0 / total
    g0, g1, g2 = (
        (upstream[0] - mean) * inverse,
        (upstream[1] - mean) * inverse,
        (upstream[2] - mean) * inverse,
    )
    ap, bp, cp = cross(a, pixel), cross(b, pixel), cross(c, pixel)
    _add(target, i, g1, cp, -g2, bp)
    _add(target, j, g2, ap, -g0, cp)
    _add(target, k, g0, bp, -g1, ap)


@numba.njit(nogil=True, cache=True, inline="always")
def cross(p, q):
    """The cross product; of p and q exchanged exactly the negative."""
    return p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]


@numba.njit(nogil=True, cache=True, inline="always")
def dot(p, q):
    """The inner product."""
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


@numba.njit(nogil=True, cache=True, inline="always")
def _size(p):
    return abs(p[0]) + abs(p[1]) + abs(p[2])


@numba.njit(nogil=True, cache=True, inline="always")
def _add(target, v, scale_p, p, scale_q, q):
    """d e_1 / d a = p x c and so on: the two edges that a corner is part of pull on it."""
    target[v, 0] -= scale_p * p[0] + scale_q * q[0]
    target[v, 1] -= scale_p * p[1] + scale_q * q[1]
    target[v, 3] -= scale_p * p[2] + scale_q * q[2]
