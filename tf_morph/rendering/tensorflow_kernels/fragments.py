"""Triangles' boxes to their pixels, and each pixel's nearest: in blocks of bounded size."""

from typing import NamedTuple

import tensorflow as tf

from tf_morph.rendering.tensorflow_kernels.planes import Planes

_AT_ONCE = 1 << 18  # pixels of boxes, some 300 bytes each
_NONE = tf.int32.max


class Boxes(NamedTuple):
    """Where N triangles are looked for, in the order of images and triangles.

    Attributes:
      image, triangle: [N] int64.
      left, top: [N] float64, first column and row.
      columns: [N] float64, how many.
      pixels: [N] float64, how many; none where nothing is drawn.
    """

    image: tf.Tensor
    triangle: tf.Tensor
    left: tf.Tensor
    top: tf.Tensor
    columns: tf.Tensor
    pixels: tf.Tensor


def nearest_triangles(
    boxes: Boxes, planes: Planes, images: tf.Tensor, size: tf.Tensor
) -> tf.Tensor:
    """The triangle that owns each pixel, [images * H * W] int32, -1 where there is none.

    Args:
      boxes, planes: of the triangles.
      images: how many.
      size: [2] int32, height and width.
    """
    ends = tf.cumsum(boxes.pixels)
    total = tf.cast(tf.reduce_sum(boxes.pixels), tf.int64)
    pixels = images * size[0] * size[1]
    nowhere = tf.cast(pixels, tf.int64)  # beyond the last pixel: what covers nothing
    table = _table(boxes, planes, ends)

    def draw(start, depths, ids):
        stop = tf.minimum(start + _AT_ONCE, total)
        owner, column, row, values = _inside(start, stop, table, size)
        z, covered = _depths(owner, column, row, values, planes, size)
        pixel = tf.where(covered, _pixel(owner, column, row, boxes, size), nowhere)
        nearest = tf.math.unsorted_segment_min(z, pixel, pixels + 1)
        triangle = tf.cast(tf.gather(boxes.triangle, owner), tf.int32)
        foremost = tf.where(z == tf.gather(nearest, pixel), triangle, _NONE)
        foremost = tf.math.unsorted_segment_min(foremost, pixel, pixels + 1)
        # Blocks come in order: of two equally near triangles, the one before has the lower id.
        nearer = nearest < depths
        return stop, tf.where(nearer, nearest, depths), tf.where(nearer, foremost, ids)

    far = tf.fill([pixels + 1], tf.constant(tf.float64.max, tf.float64))  # of segments without any
    state = [tf.constant(0, tf.int64), far, tf.fill([pixels + 1], -1)]
    _, _, ids = tf.while_loop(lambda start, *_: start < total, draw, state)
    return ids[:pixels]


def _table(boxes, planes, ends):
    """[N, 13] float64, a row for each triangle: many a gather would take many times as long."""
    edges = [plane for edge in planes.edges for plane in tf.unstack(edge)]
    left, top = 2 * boxes.left + 1, 2 * boxes.top + 1
    return tf.stack([ends - boxes.pixels, boxes.columns, left, top, *edges], axis=1)


def _inside(start, stop, table, size):
    """Owner, odd column and row (2 n + 1), and the edges' values, of pixels not outside an edge."""
    owner = _owners(tf.cast(table[:, 0], tf.int64) - start, stop - start)
    first, columns, left, top, *edges = tf.unstack(tf.gather(table, owner), axis=1)
    offset = tf.cast(tf.range(start, stop), tf.float64) - first
    row = tf.floor((offset + 0.5) / columns)
    column = left + 2 * (offset - row * columns)
    row = top + 2 * row
    x, y = _centres(column, row, size)
    planes = zip(edges[:3], edges[3:6], edges[6:], strict=True)
    values = [ex * x - (ey * y - e1) for ex, ey, e1 in planes]
    found = tf.where(tf.minimum(values[0], tf.minimum(values[1], values[2])) >= 0)[:, 0]
    owner, column, row = (tf.gather(each, found) for each in (owner, column, row))
    return owner, column, row, tf.stack([tf.gather(value, found) for value in values])


def _owners(starts, count):
    """Which box each of `count` pixels belongs to: the last that starts at or before it."""
    starts = tf.clip_by_value(starts, 0, count)
    begun = tf.math.unsorted_segment_sum(tf.ones_like(starts), starts, count + 1)
    return tf.cumsum(begun[:count]) - 1


def _depths(owner, column, row, values, planes, size):
    """Depths of pixels, and whether they are covered."""
    x, y = _centres(column, row, size)
    zx, zy, z1 = (tf.gather(plane, owner) for plane in planes.depth)
    z = zx * x - (zy * y - z1)
    owned = tf.reduce_all((values > 0) | tf.gather(planes.owns, owner, axis=1), axis=0)
    return z, owned & (z >= -1) & (z <= 1)


def _pixel(owner, column, row, boxes, size):
    """Index into all images' pixels, int64."""
    height, width = tf.unstack(tf.cast(size, tf.float64))
    line = tf.cast(tf.gather(boxes.image, owner), tf.float64) * height + (row - 1) / 2
    return tf.cast(line * width + (column - 1) / 2, tf.int64)


def _centres(column, row, size):
    """x and the negative of y: with it a sum of sums becomes subtractions only, see `planes`."""
    height, width = tf.unstack(tf.cast(size, tf.float64))
    return column * (1.0 / width) - 1, row * (1.0 / height) - 1
