"""Covered pixels seen through their triangles: weights, and what their gradient pulls on.

The formulas are those of `cpu_kernels.homogeneous`. Only covered pixels are gathered, into lists of
P; what concerns their corners is [3, P].
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.rendering.tensorflow_kernels.planes import corner_points

# As in `cpu_kernels.homogeneous`: the sum of the edges' values over that of the squared offsets,
# below which a triangle is seen too much from its side for its weights to have a gradient.
EDGE_ON = 1e-9


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


def weight_gradient(pixels: Pixels, upstream: tf.Tensor, clip_vertices: tf.Tensor) -> tf.Tensor:
    """What the upstream gradient [3, P] of the weights asks of `clip_vertices` [B, V, 4].

    Triangles seen from their side (`EDGE_ON`) get nothing.
    """
    mean = tf.reduce_sum(upstream * pixels.weights, axis=0)
    g = tf.cast(upstream - mean, tf.float64) * pixels.inverse
    x, y = pixels.offsets
    to_x, to_y = (
        _last(g) * _next(y) - _next(g) * _last(y),
        _next(g) * _last(x) - _last(g) * _next(x),
    )
    to_w = -(to_x * pixels.centres[0] + to_y * pixels.centres[1])
    pulls = tf.stack([to_x, to_y, tf.zeros_like(to_x), to_w], axis=-1)
    return scatter_to_corners(pixels, tf.cast(pulls, tf.float32), clip_vertices)


def scatter_to_corners(pixels: Pixels, pulls: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """Sums of what pulls on the pixels' corners, [3, P, C], as [B, V, C]."""
    shape = tf.shape(like)
    sums = tf.math.unsorted_segment_sum(pulls, pixels.corners, shape[0] * shape[1])
    return tf.ensure_shape(tf.reshape(sums, shape), like.shape)


def surface(values: tf.Tensor, clip_vertices: tf.Tensor, pixels: Pixels) -> tf.Tensor:
    """Values [B, V, C] at the pixels, [P, C], with the gradient to values and positions."""

    @tf.custom_gradient
    def differentiable(values, vertices):
        gathered = tf.gather(tf.reshape(values, [-1, values.shape[2]]), pixels.corners)
        weights = pixels.weights[..., tf.newaxis]

        def gradient(upstream):
            to_values = scatter_to_corners(pixels, weights * upstream, values)
            to_weights = tf.reduce_sum(gathered * upstream, axis=2)
            return to_values, weight_gradient(pixels, to_weights, vertices)

        return tf.reduce_sum(weights * gathered, axis=0), gradient

    return differentiable(values, clip_vertices)


def to_images(pixels: Pixels, values: tf.Tensor, triangle_ids: tf.Tensor) -> tf.Tensor:
    """[P, C] to images [B, H, W, C], zero where nothing is seen."""
    shape = tf.concat([tf.shape(triangle_ids), tf.shape(values)[1:]], 0)
    images = tf.scatter_nd(pixels.places, values, tf.cast(shape, tf.int64))
    return tf.ensure_shape(images, [*triangle_ids.shape, values.shape[1]])


def _next(corners: tf.Tensor) -> tf.Tensor:
    """Of each corner [3, ...] the next one's."""
    return tf.roll(corners, -1, axis=0)


def _last(corners: tf.Tensor) -> tf.Tensor:
    """Of each corner the next but one's, which is the last of the three."""
    return tf.roll(corners, -2, axis=0)
