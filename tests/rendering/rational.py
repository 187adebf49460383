"""Which triangles may own a pixel, in exact fractions: nothing is rounded, no edge is excused."""

from fractions import Fraction

import numpy as np

# Kernels round depths, so that of planes that cross at a pixel's centre either may be seen.
DEPTH_SLACK = Fraction(1, 10**8)
_exactly = np.frompyfunc(Fraction, 1, 1)


def possible_owners(clip_vertices, triangles, height, width, cull_back_faces=False):
    """[T + 1, H, W] bool: which triangles are as near as the nearest; last, whether none may be.

    The image's sides must be powers of two: only then are the kernels' pixel centres not rounded.
    """
    x = _exactly(2 * np.arange(width) + 1) / width - 1
    y = 1 - _exactly(2 * np.arange(height) + 1) / height
    x, y = np.meshgrid(x, y)
    vertices = _exactly(np.asarray(clip_vertices, float))
    depths = [_depths(vertices[t], x, y, cull_back_faces) for t in np.asarray(triangles)]
    depths = np.stack([*depths, np.full(x.shape, 2)])  # 2: beyond what is visible
    certain = np.where(np.abs(depths) <= 1 - DEPTH_SLACK, depths, 2)
    near_enough = depths <= certain.min(0) + DEPTH_SLACK
    return near_enough & ((np.abs(depths) <= 1 + DEPTH_SLACK) | (depths == 2))


def _depths(corners, x, y, cull_back_faces):
    """z / w at each pixel that the triangle [3, 4] covers, 2 elsewhere."""
    a, b, c = corners[:, [0, 1, 3]]
    edges = [_cross(b, c), _cross(c, a), _cross(a, b)]
    area = sum(edges[0] * a)
    if area == 0 or (area < 0 and cull_back_faces):
        return np.full(x.shape, 2)
    if area < 0:
        area, edges = -area, [-edge for edge in edges]
    values = [edge[0] * x + edge[1] * y + edge[2] for edge in edges]
    inside = [(v > 0) | ((v == 0) & _owns(e)) for v, e in zip(values, edges, strict=True)]
    z = sum(value * corner[2] for value, corner in zip(values, corners, strict=True)) / area
    return np.where(inside[0] & inside[1] & inside[2], z, 2)


def _owns(edge):
    return edge[0] > 0 or (edge[0] == 0 and edge[1] > 0)


def _cross(p, q):
    return np.array(
        [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]], object
    )
