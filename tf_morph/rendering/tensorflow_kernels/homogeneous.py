"""Covered pixels seen through their triangles: weights, and what their gradient pulls on.

The formulas are those of `cpu_kernels.homogeneous`. Only covered pixels are gathered, into lists of
P; what concerns their corners is [3, P].
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.rendering.coverage import EDGE_ON
from tf_morph.rendering.tensorflow_kernels.planes import corner_points


class Pixels(NamedTuple):
    """The covered pixels of some images.

    Attributes:
      places: [P, 3] int64: image, row, column.
      triangles: [P] int32.
      corners: [3, P] int64, indices into all images' vertices.
      centres: two of [P] float64, x and y from -1 to 1, row 0 at the top, where y = 1.
      offsets: two of [3, P] float64, how far from the centres the corners are seen, times their w.
      inverse: [P] float64, one over the sum of the edges' values; zero where the triangle is seen
        from its very side.
      weights: [3, P] float32.
    """

    places: tf.Tensor
    triangles: tf.Tensor
    corners: tf.Tensor
    centres: tuple[tf.Tensor, tf.Tensor]
    offsets: tuple[tf.Tensor, tf.Tensor]
    inverse: tf.Tensor
    weights: tf.Tensor


def covered_pixels(
    clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> Pixels:
    """The pixels of `triangle_ids` [B, H, W] that show a triangle; no gradient flows through."""
    height, width = triangle_ids.shape[1:]
    places = tf.where(tf.cast(triangle_ids, tf.int64) >= 0)
    shown = tf.gather_nd(triangle_ids, places)
    vertices = tf.stop_gradient(clip_vertices)
    corners = tf.constant(np.ascontiguousarray(triangles.T))
    corners, (x, y, _, w) = corner_points(vertices, corners, places[:, 0], shown)
    columns, rows = tf.cast(places[:, 2], tf.float64), tf.cast(places[:, 1], tf.float64)
    at_x, at_y = (2 * columns + 1) * (1.0 / width) - 1, 1 - (2 * rows + 1) * (1.0 / height)
    x, y = x - at_x * w, y - at_y * w
    edges = _next(x) * _last(y) - _next(y) * _last(x)
    total = tf.reduce_sum(edges, axis=0)
    weights = tf.cast(edges * tf.math.divide_no_nan(tf.ones_like(total), total), tf.float32)
    steady = tf.abs(total) > EDGE_ON * tf.reduce_sum(x * x + y * y, axis=0)
    inverse = tf.where(steady, 1.0 / tf.where(steady, total, 1.0), 0.0)
    return Pixels(places, shown, corners, (at_x, at_y), (x, y), inverse, weights)


def weight_gradient(pixels: Pixels, upstream: tf.Tensor) -> tf.Tensor:
    """What the upstream gradient [3, P] of the weights asks of the corners, [3, P, 4] float32.

    Triangles seen from their side (`EDGE_ON`) get nothing.
    """
    mean = tf.reduce_sum(upstream * pixels.weights, axis=0)
    g = tf.cast(upstream - mean, tf.float64) * pixels.inverse
    x, y = pixels.offsets
    to_x = _last(g) * _next(y) - _next(g) * _last(y)
    to_y = _next(g) * _last(x) - _last(g) * _next(x)
    to_w = -(to_x * pixels.centres[0] + to_y * pixels.centres[1])
    pulls = tf.stack([to_x, to_y, tf.zeros_like(to_x), to_w], axis=-1)
    return tf.cast(pulls, tf.float32)


def scatter_to_corners(pixels: Pixels, pulls: tf.Tensor, vertices: tf.Tensor) -> tf.Tensor:
    """Sums of what pulls on the pixels' corners, [3, P, C], as [B, V, C] like `vertices`."""
    batch, count = tf.shape(vertices)[0], tf.shape(vertices)[1]
    sums = tf.math.unsorted_segment_sum(pulls, pixels.corners, batch * count)
    sums = tf.reshape(sums, [batch, count, pulls.shape[2]])
    return tf.ensure_shape(sums, [*vertices.shape[:2], pulls.shape[2]])


def surface(values: tf.Tensor, pixels: Pixels) -> tuple[tf.Tensor, Callable]:
    """Values [B, V, C] at the pixels, [P, C], and what their upstream gradient [P, C] asks.

    That is a function to the gradients of values and of clip coordinates, [B, V, C] and [B, V, 4].
    """
    channels = values.shape[2]
    gathered = tf.gather(tf.reshape(values, [-1, channels]), pixels.corners)
    weights = pixels.weights[..., tf.newaxis]

    def gradient(upstream):
        to_weights = tf.reduce_sum(gathered * upstream, axis=2)
        # Scattered at once: what takes its time is the number of rows.
        both = tf.concat([weights * upstream, weight_gradient(pixels, to_weights)], axis=2)
        sums = scatter_to_corners(pixels, both, values)
        return sums[..., :channels], sums[..., channels:]

    return tf.reduce_sum(weights * gathered, axis=0), gradient


def to_images(pixels: Pixels, values: tf.Tensor, triangle_ids: tf.Tensor) -> tf.Tensor:
    """[P, C] to images [B, H, W, C], zero where nothing is seen."""
    shape = tf.shape(triangle_ids)
    image, row, column = (pixels.places[:, axis] for axis in range(3))
    height, width = triangle_ids.shape[1:]
    place = (image * height + row) * width + column
    # No two share a place; a segment sum is faster than a scattering by several indices.
    images = tf.math.unsorted_segment_sum(values, place, shape[0] * (height * width))
    images = tf.reshape(images, [-1, height, width, values.shape[1]])
    return tf.ensure_shape(images, [*triangle_ids.shape, values.shape[1]])


def _next(corners: tf.Tensor) -> tf.Tensor:
    """Of each corner [3, ...] the next one's."""
    return tf.roll(corners, -1, axis=0)


def _last(corners: tf.Tensor) -> tf.Tensor:
    """Of each corner the next but one's, which is the last of the three."""
    return tf.roll(corners, -2, axis=0)
