"""Vertex normals and their gradient."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.reflection import SMALLEST

_TRIANGLES_AT_ONCE = 1 << 18  # of all images together: bounds memory


def vertex_normals(vertices: tf.Tensor, triangles: np.ndarray) -> tf.Tensor:
    """See `normals.vertex_normals`."""
    corners = tf.constant(np.ascontiguousarray(triangles.T))

    @tf.custom_gradient
    def differentiable(points):
        sums = tf.map_fn(lambda p: _sums(p, corners), points)
        sums = tf.reshape(sums, tf.shape(points))  # of no images eagerly it has no other dimension
        lengths = tf.norm(sums, axis=-1, keepdims=True)
        inverses = tf.where(lengths < SMALLEST, 0.0, 1.0 / lengths)
        normals = sums * inverses

        def gradient(upstream):
            along = tf.reduce_sum(upstream * normals, axis=-1, keepdims=True)
            to_sums = (upstream - along * normals) * inverses
            pulls = tf.map_fn(
                lambda both: _sums_gradient(*both, corners),
                (points, to_sums),
                fn_output_signature=tf.float32,
            )
            return tf.reshape(pulls, tf.shape(points))

        return normals, gradient

    return differentiable(vertices)


def _sums(points, corners):
    """Sums of the adjoining triangles' normals, [V, 3] of [V, 3]."""
    a, b, c = (tf.gather(points, corners[i]) for i in range(3))
    normals = tf.linalg.cross(b - a, c - a)
    return sum(_scatter(normals, corners[i], points) for i in range(3))


def _sums_gradient(points, upstream, corners):
    a, b, c = (tf.gather(points, corners[i]) for i in range(3))
    g = sum(tf.gather(upstream, corners[i]) for i in range(3))
    # n = u x v, so dL/du = v x g and dL/dv = g x u.
    to_u, to_v = tf.linalg.cross(c - a, g), tf.linalg.cross(g, b - a)
    pulls = (-to_u - to_v, to_u, to_v)
    return sum(_scatter(pull, corners[i], points) for i, pull in enumerate(pulls))


def _scatter(values, corner, points):
    return tf.math.unsorted_segment_sum(values, corner, tf.shape(points)[0])
