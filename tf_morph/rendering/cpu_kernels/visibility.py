"""Which triangle owns each pixel: a compiled z-buffer. Nothing flows through it.

Three passes, each in parallel: vertices to places in the image; triangles to the few that may own a
pixel (of a fine mesh most face away or lie between pixel centres), found without a branch; those to
pixels. Where there are fewer images than threads, each pass is split up within the images.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.coverage import BOX_MARGIN, DEGENERATE, FACING_AWAY
from tf_morph.rendering.cpu_kernels.compiled import compiled, helper, inlined, run_kernel

_ROUNDING = 1e-14  # of a turn in pixels^2, as a share of the square of the triangle's extent


def visible_triangles(
    clip_vertices: tf.Tensor, triangles: np.ndarray, height: int, width: int, cull_back_faces: bool
) -> tf.Tensor:
    """See `coverage`: [B, H, W] int32 triangle indices, -1 where there is none."""

    def kernel(vertices):
        ids = np.empty((len(vertices), height, width), np.int32)
        parts = -(-numba.get_num_threads() // max(len(vertices), 1))
        if parts == 1:
            _whole_images(vertices, triangles, cull_back_faces, ids)
        else:
            _divided_images(vertices, triangles, parts, cull_back_faces, ids)
        return ids

    ids = run_kernel(kernel, [tf.stop_gradient(clip_vertices)], tf.int32)
    ids.set_shape([clip_vertices.shape[0], height, width])
    return ids


@compiled
def _whole_images(vertices, triangles, cull_back_faces, ids):
    batch, height, width = ids.shape
    for image in numba.prange(batch):
        places = np.empty((vertices.shape[1], 2))
        candidates = np.empty(triangles.shape[0], np.int32)
        _place(vertices[image], height, width, 0, len(places), places)
        count = _gather_candidates(
            places, triangles, height, width, cull_back_faces, 0, len(triangles), candidates
        )
        depths = np.full((height, width), np.inf)
        ids[image] = -1
        _fill_band(
            vertices[image], places, triangles, candidates[:count], 0, height, cull_back_faces,
            depths, ids[image],
        )  # fmt: skip


@compiled
def _divided_images(vertices, triangles, parts, cull_back_faces, ids):
    batch, height, width = ids.shape
    count = triangles.shape[0]
    places = np.empty((batch, vertices.shape[1], 2))
    candidates = np.empty((batch, count), np.int32)
    found = np.zeros((batch, parts), np.int64)
    depths = np.full(ids.shape, np.inf)
    for task in numba.prange(batch * parts):
        image, part = task // parts, task % parts
        first, stop = _share(part, parts, places.shape[1])
        _place(vertices[image], height, width, first, stop, places[image])
    for task in numba.prange(batch * parts):
        image, part = task // parts, task % parts
        first, stop = _share(part, parts, count)
        found[image, part] = _gather_candidates(
            places[image], triangles, height, width, cull_back_faces, first, stop,
            candidates[image, first:stop],
        )  # fmt: skip
    for task in numba.prange(batch * parts):
        image, band = task // parts, task % parts
        top, bottom = _share(band, parts, height)
        ids[image, top:bottom] = -1
        for part in range(parts):
            first, _ = _share(part, parts, count)
            _fill_band(
                vertices[image], places[image], triangles,
                candidates[image, first : first + found[image, part]], top, bottom,
                cull_back_faces, depths[image], ids[image],
            )  # fmt: skip


@helper
def _share(part, parts, count):
    return part * count // parts, (part + 1) * count // parts


@helper
def _place(vertices, height, width, first, stop, places):
    """Columns and rows of the vertices, in pixels; NaN at or behind the camera's plane."""
    for v in range(first, stop):
        w = np.float64(vertices[v, 3])
        inverse = 0.5 / w if w > 0 else np.nan
        places[v, 0] = (vertices[v, 0] * inverse + 0.5) * width
        places[v, 1] = (0.5 - vertices[v, 1] * inverse) * height


@helper
def _gather_candidates(places, triangles, height, width, cull_back_faces, first, stop, candidates):
    """Writes the triangles that may own a pixel, in order, and returns how many."""
    count = 0
    for t in range(first, stop):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by = places[a, 0], places[a, 1], places[b, 0], places[b, 1]
        cx, cy = places[c, 0], places[c, 1]
        turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        west, east = min(ax, min(bx, cx)), max(ax, max(bx, cx))
        north, south = min(ay, min(by, cy)), max(ay, max(by, cy))
        left, right = _centres(west, east, width)
        top, bottom = _centres(north, south, height)
        extent = east - west + south - north
        away = turn > FACING_AWAY + _ROUNDING * extent * extent  # rows run downwards
        faces = (not cull_back_faces) | (not away)
        candidates[count] = t
        count += (turn != turn) | (faces & (left <= right) & (top <= bottom))
    return count


@inlined
def _centres(low, high, size):
    """First and last pixel whose centre may lie between two places, both in the image."""
    # Pixel centres are at +0.5; a cast cuts towards zero, and these are not negative.
    first = int(min(max(low, 0.0), float(size)) + (0.5 - BOX_MARGIN))
    last = int(max(min(high, float(size)), -1.0) + (0.5 + BOX_MARGIN)) - 1
    return first, last


@helper
def _fill_band(vertices, places, triangles, candidates, top, bottom, cull_back_faces, depths, ids):
    """Draws candidates, which come in order, into the rows from top to bottom."""
    height, width = ids.shape
    for t in candidates:
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by = places[a, 0], places[a, 1], places[b, 0], places[b, 1]
        cx, cy = places[c, 0], places[c, 1]
        turn = ax + ay + bx + by + cx + cy
        if turn == turn:
            left, right = _centres(min(ax, min(bx, cx)), max(ax, max(bx, cx)), width)
            first, last = _centres(min(ay, min(by, cy)), max(ay, max(by, cy)), height)
            first, last = max(first, top), min(last, bottom - 1)
            if first > last:
                continue
        elif _out_of_sight(vertices, a, b, c):
            continue
        else:
            left, right, first, last = 0, width - 1, top, bottom - 1
        _fill_triangle(vertices, a, b, c, t, left, right, first, last, cull_back_faces, depths, ids)


@helper
def _out_of_sight(vertices, a, b, c):
    """Whether all corners lie beyond one plane of what is visible, or behind the camera."""
    beyond = (True, True, True, True, True, True, True)
    for v in (a, b, c):
        x, y, z, w = vertices[v, 0], vertices[v, 1], vertices[v, 2], vertices[v, 3]
        left, right, low, high, near, far, behind = beyond
        beyond = (
            left & (x < -w), right & (x > w), low & (y < -w), high & (y > w),
            near & (z < -w), far & (z > w), behind & (w <= 0),
        )  # fmt: skip
    left, right, low, high, near, far, behind = beyond
    return left | right | low | high | near | far | behind


@inlined
def _fill_triangle(vertices, i, j, k, t, left, right, first, last, cull_back_faces, depths, ids):
    height, width = ids.shape
    a, b, c = _corner(vertices, i), _corner(vertices, j), _corner(vertices, k)
    ax, ay, a1 = _cross(b, c)
    bx, by, b1 = _cross(c, a)
    cx, cy, c1 = _cross(a, b)
    area = ax * a[0] + ay * a[1] + a1 * a[2]
    if area < 0 and not cull_back_faces:
        area = -area
        ax, ay, a1, bx, by, b1, cx, cy, c1 = -ax, -ay, -a1, -bx, -by, -b1, -cx, -cy, -c1
    if not (area > DEGENERATE * (_largest(a) * _largest(b) * _largest(c)) and area < np.inf):
        return
    inverse = 1.0 / area
    za, zb, zc = vertices[i, 2] * inverse, vertices[j, 2] * inverse, vertices[k, 2] * inverse
    zx = ax * za + bx * zb + cx * zc
    zy = ay * za + by * zb + cy * zc
    z1 = a1 * za + b1 * zb + c1 * zc
    column_step, row_step = 1.0 / width, 1.0 / height
    for row in range(first, last + 1):
        y = 1 - (2 * row + 1) * row_step
        a_row, b_row, c_row, z_row = ay * y + a1, by * y + b1, cy * y + c1, zy * y + z1
        for column in range(left, right + 1):
            x = (2 * column + 1) * column_step - 1
            ea, eb, ec = ax * x + a_row, bx * x + b_row, cx * x + c_row
            if ea < 0 or eb < 0 or ec < 0:
                continue
            if (
                (ea > 0 or _owns_edge(ax, ay))
                and (eb > 0 or _owns_edge(bx, by))
                and (ec > 0 or _owns_edge(cx, cy))
            ):
                z = zx * x + z_row
                if z < depths[row, column] and z >= -1 and z <= 1:
                    depths[row, column] = z
                    ids[row, column] = t


@inlined
def _corner(vertices, v):
    """(x, y, w) of a vertex."""
    return np.float64(vertices[v, 0]), np.float64(vertices[v, 1]), np.float64(vertices[v, 3])


@inlined
def _cross(p, q):
    """The cross product; of p and q exchanged exactly the negative."""
    return p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]


@inlined
def _largest(p):
    return max(abs(p[0]), max(abs(p[1]), abs(p[2])))


@inlined
def _owns_edge(x, y):
    """Whether pixel centres on an edge are the triangle's: the rule negates with the edge."""
    return x > 0 or (x == 0 and y > 0)
