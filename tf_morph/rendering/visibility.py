"""Which triangle owns each pixel: a compiled z-buffer on the CPU. Nothing flows through it.

Inside tests use homogeneous edge functions (Olano and Greer, "Triangle Scan Conversion using 2D
Homogeneous Coordinates", 1997), so a triangle that crosses the camera's plane needs no clipping.
An edge's function is computed by the same operations in both triangles that share it, so that
their values are exact negatives, and a pixel centre on the edge belongs to just one of them.
"""

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import compiled, run_kernel

_BAND_ROWS = 32  # at least: thinner bands spend more on visiting triangles than on pixels
_MARGIN = 1e-6  # pixels by which a bounding box is widened: the edges decide, not the box


def visible_triangles(
    clip_vertices: tf.Tensor,
    triangles: np.ndarray,
    height: int,
    width: int,
    cull_back_faces: bool = False,
) -> tf.Tensor:
    """The nearest triangle at each pixel centre.

    Args:
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates, -w <= x, y, z <= w visible.
      triangles: [T, 3] int32 vertex indices.
      height, width: of the image, in pixels.
      cull_back_faces: leave out triangles that appear clockwise in the image.

    Returns:
      [B, H, W] int32 triangle indices, -1 where there is none. Row 0 is the top (y = +w).
      Of equally near triangles the one with the lower index wins. No gradient.
    """

    def kernel(vertices):
        return _rasterize(vertices, triangles, height, width, cull_back_faces)

    ids = run_kernel(kernel, [tf.stop_gradient(clip_vertices)], tf.int32)
    ids.set_shape([clip_vertices.shape[0], height, width])
    return ids


def _rasterize(vertices, triangles, height, width, cull_back_faces):
    batch = vertices.shape[0]
    bands = 1
    if batch < numba.get_num_threads():
        bands = max(1, min(numba.get_num_threads() // max(batch, 1), height // _BAND_ROWS))
    ids = np.empty((batch, height, width), np.int32)
    _fill_bands(vertices, triangles, bands, cull_back_faces, ids)
    return ids


@compiled
def _fill_bands(vertices, triangles, bands, cull_back_faces, ids):
    batch, height, width = ids.shape
    for task in numba.prange(batch * bands):
        image, band = task // bands, task % bands
        top, bottom = band * height // bands, (band + 1) * height // bands
        _fill_band(vertices[image], triangles, top, bottom, cull_back_faces, ids[image])


@numba.njit(nogil=True, cache=True)
def _fill_band(vertices, triangles, top, bottom, cull_back_faces, ids):
    height, width = ids.shape
    places = _image_places(vertices, height, width)
    depths = np.full((bottom - top, width), np.inf)
    ids[top:bottom] = -1
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = places[a, 0], places[a, 1]
        bx, by = places[b, 0], places[b, 1]
        cx, cy = places[c, 0], places[c, 1]
        left, right = 0, width - 1
        first, last = top, bottom - 1
        turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if turn == turn:
            if cull_back_faces and turn > _MARGIN:  # rows run downwards
                continue
            box_left, box_right = min(ax, min(bx, cx)), max(ax, max(bx, cx))
            box_top, box_bottom = min(ay, min(by, cy)), max(ay, max(by, cy))
            if not (box_right > 0 and box_left < width and box_bottom > top and box_top < bottom):
                continue
            # Pixel centres are at +0.5; a cast cuts towards zero, and these are not negative.
            left = int(max(box_left, 0.0) + (0.5 - _MARGIN))
            right = min(right, int(min(box_right, float(width)) + (0.5 + _MARGIN)) - 1)
            first = max(first, int(max(box_top, 0.0) + (0.5 - _MARGIN)))
            last = min(last, int(min(box_bottom, float(height)) + (0.5 + _MARGIN)) - 1)
            if left > right or first > last:
                continue
        elif not (vertices[a, 3] > 0 or vertices[b, 3] > 0 or vertices[c, 3] > 0):
            continue
        _fill_triangle(
            vertices, a, b, c, t, left, right, first, last, top, cull_back_faces, depths, ids
        )


@numba.njit(nogil=True, cache=True)
def _image_places(vertices, height, width):
    """Columns and rows [V, 2] of the vertices, in pixels; NaN at or behind the camera's plane."""
    places = np.full((vertices.shape[0], 2), np.nan)
    for v in range(vertices.shape[0]):
        if vertices[v, 3] > 0:
            inverse = 0.5 / np.float64(vertices[v, 3])
            places[v, 0] = (vertices[v, 0] * inverse + 0.5) * width
            places[v, 1] = (0.5 - vertices[v, 1] * inverse) * height
    return places


@numba.njit(nogil=True, cache=True, inline="always")
def _edge(vertices, p, q):
    """Coefficients (x, y, 1) of the edge function of p to q: their cross product in (x, y, w)."""
    px, py, pw = np.float64(vertices[p, 0]), np.float64(vertices[p, 1]), np.float64(vertices[p, 3])
    qx, qy, qw = np.float64(vertices[q, 0]), np.float64(vertices[q, 1]), np.float64(vertices[q, 3])
    return py * qw - pw * qy, pw * qx - px * qw, px * qy - py * qx


@numba.njit(nogil=True, cache=True, inline="always")
def _owns_edge(x, y):
    """Whether pixel centres on an edge are the triangle's: the rule negates with the edge."""
    return x > 0 or (x == 0 and y > 0)


@numba.njit(nogil=True, cache=True)
def _fill_triangle(
    vertices, a, b, c, t, left, right, first, last, top, cull_back_faces, depths, ids
):
    height, width = ids.shape
    ax, ay, a1 = _edge(vertices, b, c)
    bx, by, b1 = _edge(vertices, c, a)
    cx, cy, c1 = _edge(vertices, a, b)
    area = ax * vertices[a, 0] + ay * vertices[a, 1] + a1 * vertices[a, 3]
    if area < 0 and not cull_back_faces:
        area = -area
        ax, ay, a1 = -ax, -ay, -a1
        bx, by, b1 = -bx, -by, -b1
        cx, cy, c1 = -cx, -cy, -c1
    if not (area > 0 and area < np.inf):
        return
    inverse = 1.0 / area
    za, zb, zc = vertices[a, 2] * inverse, vertices[b, 2] * inverse, vertices[c, 2] * inverse
    column_step, row_step = 1.0 / width, 1.0 / height
    zx = ax * za + bx * zb + cx * zc
    zy = ay * za + by * zb + cy * zc
    z1 = a1 * za + b1 * zb + c1 * zc
    for row in range(first, last + 1):
        y = 1 - (2 * row + 1) * row_step
        a_row, b_row, c_row = ay * y + a1, by * y + b1, cy * y + c1
        z_row = zy * y + z1
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
                if z < depths[row - top, column] and z >= -1 and z <= 1:
                    depths[row - top, column] = z
                    ids[row, column] = t
