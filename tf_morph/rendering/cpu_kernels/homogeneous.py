"""A pixel centre seen through a triangle: its weights, and what their gradient pulls on.

With corners v = (x, y, w) in clip space and a pixel centre p = (x, y), a corner's offset
v' = (v_x - p_x v_w, v_y - p_y v_w) is nought where it is seen at the pixel. The edge from u to v
has the value e = u'_x v'_y - u'_y v'_x there, which is that of `coverage` with the pixel as the
origin; the weights are the edges' values over their sum, which is perspective-correct.
"""

import numpy as np

from tf_morph.rendering.coverage import EDGE_ON
from tf_morph.rendering.cpu_kernels.compiled import inlined


@inlined
def pixel_centre(row, column, height, width):
    """(x, y) of a pixel centre, from -1 to 1, row 0 at the top, where y = 1."""
    return (2 * column + 1) * (1.0 / width) - 1, 1 - (2 * row + 1) * (1.0 / height)


@inlined
def offset(vertices, v, pixel):
    """How far from a pixel centre the vertex v of [V, 4] is seen, times its w."""
    w = np.float64(vertices[v, 3])
    return vertices[v, 0] - pixel[0] * w, vertices[v, 1] - pixel[1] * w


@inlined
def edge(u, v):
    """The value of the edge between two offsets; of u and v exchanged exactly the negative."""
    return u[0] * v[1] - u[1] * v[0]


@inlined
def pixel_weights(vertices, corners, pixel):
    """The three weights of a pixel centre between three vertices of [V, 4], float32."""
    i, j, k = corners
    a, b, c = offset(vertices, i, pixel), offset(vertices, j, pixel), offset(vertices, k, pixel)
    e0, e1, e2 = edge(b, c), edge(c, a), edge(a, b)
    inverse = 1.0 / (e0 + e1 + e2)
    return np.float32(e0 * inverse), np.float32(e1 * inverse), np.float32(e2 * inverse)


@inlined
def add_weight_gradient(target, corners, vertices, pixel, weights, upstream):
    """Adds to `target` [V, 4] what the upstream gradient of a pixel's weights asks of its corners.

    Triangles seen from their side (`EDGE_ON`) get nothing.
    """
    i, j, k = corners
    a, b, c = offset(vertices, i, pixel), offset(vertices, j, pixel), offset(vertices, k, pixel)
    total = edge(b, c) + edge(c, a) + edge(a, b)
    if abs(total) > EDGE_ON * (_squared(a) + _squared(b) + _squared(c)):
        mean = upstream[0] * weights[0] + upstream[1] * weights[1] + upstream[2] * weights[2]
        inverse = 1.0 / total
        g0, g1, g2 = (
            (upstream[0] - mean) * inverse,
            (upstream[1] - mean) * inverse,
            (upstream[2] - mean) * inverse,
        )
        _add(target, i, g2 * b[1] - g1 * c[1], g1 * c[0] - g2 * b[0], pixel)
        _add(target, j, g0 * c[1] - g2 * a[1], g2 * a[0] - g0 * c[0], pixel)
        _add(target, k, g1 * a[1] - g0 * b[1], g0 * b[0] - g1 * a[0], pixel)


@inlined
def _squared(p):
    return p[0] * p[0] + p[1] * p[1]


@inlined
def _add(target, v, x, y, pixel):
    """Adds the gradient (x, y) of a vertex's offset to that of the vertex."""
    target[v, 0] += x
    target[v, 1] += y
    target[v, 3] -= x * pixel[0] + y * pixel[1]
