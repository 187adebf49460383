"""The edges and the depth of triangles as planes over the image, in the order of `coverage`.

Sums are written so that no rewriting of graphs can reorder them: TensorFlow may turn several
additions into one, but leaves subtractions alone.
"""

from typing import NamedTuple

import tensorflow as tf

from tf_morph.rendering.coverage import DEGENERATE


class Planes(NamedTuple):
    """What decides over the pixels of N triangles.

    Attributes:
      edges: three of [3, N] float64: Ex, Ey, E1 of each edge.
      depth: three of [N] float64: Zx, Zy, Z1.
      owns: [3, N], whether pixel centres on an edge are the triangle's.
      drawn: [N], False for degenerate triangles, and for culled ones.
    """

    edges: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    depth: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    owns: tf.Tensor
    drawn: tf.Tensor


def corner_points(
    vertices: tf.Tensor, corners: tf.Tensor, image: tf.Tensor, triangle: tf.Tensor
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    """Corners of N triangles: indices into all images' vertices, [3, N]; x, y, z and w of each.

    Args:
      vertices: [B, V, 4] float32.
      corners: [3, T] int32, vertex indices.
      image, triangle: [N] int64.
    """
    count = tf.shape(vertices, tf.int64)[1]
    index = tf.cast(tf.gather(corners, triangle, axis=1), tf.int64) + image * count
    points = tf.cast(tf.gather(tf.reshape(vertices, [-1, 4]), index), tf.float64)
    return index, tuple(points[..., axis] for axis in range(4))


def _edges_of(x: tf.Tensor, y: tf.Tensor, w: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The cross products of the two corners that each corner [3, N] faces: Ex, Ey, E1."""
    x1, y1, w1 = (tf.roll(axis, -1, 0) for axis in (x, y, w))
    x2, y2, w2 = (tf.roll(axis, -2, 0) for axis in (x, y, w))
    return y1 * w2 - w1 * y2, w1 * x2 - x1 * w2, x1 * y2 - y1 * x2


def planes_of(points: tuple[tf.Tensor, ...], cull_back_faces: tf.Tensor) -> Planes:
    """The planes of N triangles, from `corner_points`."""
    x, y, z, w = points
    ex, ey, e1 = _edges_of(x, y, w)
    area = _inner((ex[0], ey[0], e1[0]), (x[0], y[0], w[0]))
    sign = tf.where((area < 0) & ~cull_back_faces, tf.constant(-1.0, tf.float64), 1.0)
    area, ex, ey, e1 = area * sign, ex * sign, ey * sign, e1 * sign
    size = tf.reduce_max(tf.abs(tf.stack([x, y, w])), axis=0)
    drawn = (area > DEGENERATE * (size[0] * size[1] * size[2])) & (area < float("inf"))
    slopes = z * (1.0 / area)
    depth = tuple(_inner(edge, slopes) for edge in (ex, ey, e1))
    owns = (ex > 0) | ((ex == 0) & (ey > 0))
    return Planes((ex, ey, e1), depth, owns, drawn)


def out_of_sight(x: tf.Tensor, y: tf.Tensor, z: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
    """Whether all corners [3, N] lie beyond one plane of what is visible, or behind the camera."""
    beyond = tf.stack([x < -w, x > w, y < -w, y > w, z < -w, z > w, w <= 0])
    return tf.reduce_any(tf.reduce_all(beyond, axis=1), axis=0)


def _inner(p, q):
    """p[0] q[0] + p[1] q[1] + p[2] q[2], from left to right."""
    return p[0] * q[0] - p[1] * -q[1] - p[2] * -q[2]
