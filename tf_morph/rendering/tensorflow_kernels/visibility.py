"""Which triangle owns each pixel: a z-buffer by segment minima. Nothing flows through it.

A few images at a time: vertices to places in the image; triangles to the candidates that may own a
pixel (of a fine mesh most face away or lie between pixel centres); those to the pixels of their
boxes (`fragments`).
"""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.coverage import BOX_MARGIN, FACING_AWAY
from tf_morph.rendering.tensorflow_kernels.fragments import Boxes, nearest_triangles
from tf_morph.rendering.tensorflow_kernels.planes import corner_points, out_of_sight, planes_of

_ROUNDING = 1e-13  # of a turn in pixels^2, as a share of the square of the farthest corner's place
_TRIANGLES_AT_ONCE = 1 << 18  # of all images together: bounds memory, suits a processor's cache


def visible_triangles(
    clip_vertices: tf.Tensor, triangles: np.ndarray, height: int, width: int, cull_back_faces: bool
) -> tf.Tensor:
    """See `coverage`: [B, H, W] int32 triangle indices, -1 where there is none."""
    if len(triangles):
        ids = _visible(
            tf.stop_gradient(clip_vertices),
            tf.constant(np.ascontiguousarray(triangles.T)),
            tf.constant([height, width]),
            tf.constant(cull_back_faces),
        )
    else:
        ids = tf.fill([tf.shape(clip_vertices)[0], height, width], -1)
    return tf.ensure_shape(tf.stop_gradient(ids), [clip_vertices.shape[0], height, width])


@tf.function(reduce_retracing=True, autograph=False)
def _visible(vertices, corners, size, cull_back_faces):
    """Ids of all images, [B, H, W], of triangles with corners [3, T]."""
    batch = tf.shape(vertices)[0]
    at_once = tf.maximum(_TRIANGLES_AT_ONCE // tf.shape(corners)[1], 1)
    chunks = (batch + at_once - 1) // at_once
    found = tf.TensorArray(tf.int32, chunks, infer_shape=False, element_shape=[None])

    def draw(chunk, found):
        some = vertices[chunk * at_once : (chunk + 1) * at_once]
        boxes, planes = _candidates(some, corners, size, cull_back_faces)
        ids = nearest_triangles(boxes, planes, tf.shape(some)[0], size)
        return chunk + 1, found.write(chunk, ids)

    _, found = tf.while_loop(
        lambda chunk, _: chunk < chunks, draw, [0, found], parallel_iterations=1
    )
    return tf.reshape(found.concat(), tf.concat([[batch], size], 0))


def _candidates(vertices, corners, size, cull_back_faces):
    """Boxes and planes of those triangles of some images [K, V, 4] that may own a pixel, in order.

    Triangles that own none have empty boxes.
    """
    x, y = _places(vertices, size)
    turn, sides = _boxes(
        [tf.gather(x, corners[i], axis=1) for i in range(3)],
        [tf.gather(y, corners[i], axis=1) for i in range(3)],
        size,
    )
    left, right, top, bottom = sides
    away = turn > FACING_AWAY + _ROUNDING * _farthest(x, y) ** 2  # rows run downwards
    faces = tf.logical_not(cull_back_faces & away)
    found = tf.where(tf.math.is_nan(turn) | (faces & (left <= right) & (top <= bottom)))
    image, triangle = found[:, 0], found[:, 1]
    _, points = corner_points(vertices, corners, image, triangle)
    planes = planes_of(points, cull_back_faces)
    sides = [tf.gather_nd(side, found) for side in sides]
    boxes = _whole_image_where_crossing(sides, points, size)
    columns, rows = tf.maximum(boxes[1] - boxes[0] + 1, 0), tf.maximum(boxes[3] - boxes[2] + 1, 0)
    pixels = tf.where(planes.drawn, columns * rows, 0)
    return Boxes(image, triangle, boxes[0], boxes[2], columns, pixels), planes


def _places(vertices, size):
    """Columns and rows of the vertices, [K, V] in pixels; NaN at or behind the camera's plane."""
    height, width = tf.unstack(tf.cast(size, tf.float64))
    x, y, w = (tf.cast(vertices[..., axis], tf.float64) for axis in (0, 1, 3))
    inverse = tf.where(w > 0, 0.5 / w, np.nan)
    return (x * inverse + 0.5) * width, (0.5 - y * inverse) * height


def _farthest(x, y):
    """Of places that are numbers."""
    reach = tf.abs(x) + tf.abs(y)
    return tf.reduce_max(tf.where(tf.math.is_finite(reach), reach, 0.0))


def _boxes(x, y, size):
    """Twice the areas, negative in front, and the first and last columns and rows, as floats.

    Areas are NaN where a corner is at or behind the camera's plane: there the boxes mean nothing.
    """
    height, width = tf.unstack(tf.cast(size, tf.float64))
    turn = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
    return turn, (*_centres(x, width), *_centres(y, height))


def _centres(places, size):
    """First and last pixel whose centre may lie between three places, both in the image."""
    a, b, c = places
    low, high = tf.minimum(a, tf.minimum(b, c)), tf.maximum(a, tf.maximum(b, c))
    # Pixel centres are at +0.5.
    first = tf.floor(tf.clip_by_value(low, 0.0, size) + (0.5 - BOX_MARGIN))
    last = tf.floor(tf.clip_by_value(high, -1.0, size) + (0.5 + BOX_MARGIN)) - 1
    return first, last


def _whole_image_where_crossing(sides, points, size):
    """The boxes, where the camera's plane is crossed those of what may be in sight."""
    x, y, z, w = points
    crossing = tf.where(tf.reduce_any(~(w > 0), axis=0))
    some = [tf.gather(axis, crossing[:, 0], axis=1) for axis in (x, y, z, w)]
    height, width = tf.unstack(tf.cast(size, tf.float64))
    hidden = out_of_sight(*some)
    nowhere = tf.constant(-1.0, tf.float64)
    last_column, last_row = (tf.where(hidden, nowhere, side - 1) for side in (width, height))
    first = tf.zeros_like(last_column)
    return [
        tf.tensor_scatter_nd_update(side, crossing, value)
        for side, value in zip(sides, (first, last_column, first, last_row), strict=True)
    ]
