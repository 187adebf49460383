"""The rule of `coverage` word for word in NumPy: what every kernel's ids must equal to the bit.

No boxes, and no shortlist but one of rows: each pixel asks all triangles that may reach its row.
"""

import numpy as np

from tf_morph.rendering.coverage import DEGENERATE


def visible_triangles(clip_vertices, triangles, height, width, cull_back_faces=False):
    """The ids [H, W] of one mesh: float32 [V, 4] and [T, 3]."""
    corners = np.asarray(clip_vertices, np.float32).astype(float)[np.asarray(triangles)]
    x = ((2 * np.arange(width) + 1) * (1 / width) - 1)[:, np.newaxis]
    ids = np.full((height, width), -1, np.int32)
    with np.errstate(all="ignore"):
        edges, depth, drawn = _planes(corners, cull_back_faces)
        first, last = _rows(corners, height)
        for row in range(height):
            asked = np.flatnonzero(drawn & (first <= row) & (last >= row))
            y = 1 - (2 * row + 1) * (1 / height)
            if len(asked):
                depths = _depths(edges[..., asked], depth[:, asked], x, y)
                # Of equals, argmin takes the first.
                ids[row] = np.where(depths.min(1) < np.inf, asked[depths.argmin(1)], -1)
    return ids


def barycentrics(clip_vertices, triangles, ids):
    """Weights [H, W, 3] float64 of the triangles `ids` [H, W], zero on the background."""
    height, width = ids.shape
    x = (2 * np.arange(width) + 1) / width - 1
    y = 1 - (2 * np.arange(height) + 1) / height
    pixel = np.stack([*np.meshgrid(x, y), np.ones((height, width))], -1)
    corners = np.asarray(clip_vertices, float)[np.asarray(triangles)][ids][..., [0, 1, 3]]
    a, b, c = np.moveaxis(corners, -2, 0)
    with np.errstate(all="ignore"):
        values = [(np.cross(p, q) * pixel).sum(-1) for p, q in ((b, c), (c, a), (a, b))]
        weights = np.stack(values, -1) / sum(values)[..., np.newaxis]
    return np.where(ids[..., np.newaxis] >= 0, weights, 0)


def _planes(corners, cull_back_faces):
    """Edges [3, 3, T], depth [3, T], and which triangles [T] of [T, 3, 4] are drawn at all."""
    a, b, c = (corners[:, i][:, [0, 1, 3]].T for i in range(3))
    edges = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)])
    area = edges[0, 0] * a[0] + edges[0, 1] * a[1] + edges[0, 2] * a[2]
    if not cull_back_faces:
        edges, area = np.where(area < 0, -edges, edges), np.abs(area)
    largest = [np.abs(p).max(0) for p in (a, b, c)]
    drawn = (area > DEGENERATE * (largest[0] * largest[1] * largest[2])) & (area < np.inf)
    za, zb, zc = (corners[:, i, 2] * (1 / area) for i in range(3))
    return edges, edges[0] * za + edges[1] * zb + edges[2] * zc, drawn


def _cross(p, q):
    return np.stack(
        [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
    )


def _rows(corners, height):
    """First and last row that triangles may reach, and some to spare; all, if behind the camera."""
    w = corners[..., 3]
    places = (0.5 - corners[..., 1] / w * 0.5) * height
    in_front = (w > 0).all(1) & np.isfinite(places).all(1)
    first = np.where(in_front, places.min(1, initial=np.inf) - 2, -np.inf)
    return first, np.where(in_front, places.max(1, initial=-np.inf) + 2, np.inf)


def _depths(edges, depth, x, y):
    """z / w [W, n] of triangles along a row of pixels, infinite where they do not cover one."""
    covered = True
    for edge in edges:
        value = edge[0] * x + (edge[1] * y + edge[2])
        owned = (edge[0] > 0) | ((edge[0] == 0) & (edge[1] > 0))
        covered &= (value > 0) | ((value == 0) & owned)
    z = depth[0] * x + (depth[1] * y + depth[2])
    return np.where(covered & (z >= -1) & (z <= 1), z, np.inf)
