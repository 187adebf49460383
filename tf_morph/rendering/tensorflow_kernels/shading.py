"""Interpolation and Phong reflection of the covered pixels only.

Positions, normals and albedo are read once a pixel. The reflection is plain TensorFlow, and so is
its gradient; where something has no direction, it and its gradient are zero.
"""

import tensorflow as tf

from tf_morph.rendering.reflection import LOBE, SHININESS, SMALLEST
from tf_morph.rendering.tensorflow_kernels.homogeneous import covered_pixels, surface


def shade(mesh, triangles, triangle_ids, gloss, light, background, eye, pivot):
    """See `shading.shade`."""
    pixels = covered_pixels(mesh.clip_vertices, triangles, triangle_ids)
    attributes = tf.concat([mesh.positions, mesh.normals, mesh.albedo], axis=2)
    points = tf.custom_gradient(lambda values, _: surface(values, pixels))(
        attributes, mesh.clip_vertices
    )
    strength = LOBE * tf.gather(tf.constant(gloss, tf.float32), pixels.triangles)
    eye, pivot = tf.constant(eye, tf.float32), tf.constant(pivot, tf.float32)
    color = _reflected(points, strength, light, pixels.places[:, 0], eye, pivot)
    return tf.tensor_scatter_nd_update(background, pixels.places, color)


def _reflected(points, strength, light, image, eye, pivot):
    """What surface points [P, 9] reflect into the eye, [P, 3]."""
    position, normal, albedo = tf.split(points, 3, axis=1)
    normal, _ = _direction(normal)
    outgoing, _ = _direction(eye - position)
    # [P, L, 3] of each point's lights.
    places, colors = _of_images(light.positions, image), _of_images(light.colors, image)
    incoming, inverse = _direction(places - position[:, tf.newaxis])
    cosine = tf.nn.relu(_dot(normal[:, tf.newaxis], incoming))
    falloff = tf.reduce_sum((places - pivot) ** 2, axis=2, keepdims=True) * inverse**2
    facing = _dot(normal, outgoing)[:, tf.newaxis]
    mirrored = tf.nn.relu(2 * cosine * facing - _dot(incoming, outgoing[:, tf.newaxis]))
    reflected = albedo[:, tf.newaxis] + strength[:, tf.newaxis, tf.newaxis] * mirrored**SHININESS
    ambient = _of_images(light.ambient, image)
    return albedo * ambient + tf.reduce_sum(reflected * (cosine * falloff) * colors, axis=1)


@tf.custom_gradient
def _of_images(values, image):
    """Values of each pixel's image; the gradient is a sum over whole pictures, in float64."""

    def gradient(upstream):
        count, upstream = tf.shape(values)[0], tf.cast(upstream, tf.float64)
        sums = tf.math.unsorted_segment_sum(upstream, image, count)
        return tf.ensure_shape(tf.cast(sums, tf.float32), values.shape), None

    return tf.gather(values, image), gradient


def _direction(vectors):
    """Unit vectors and one over their lengths; both zero where there is no direction."""
    squared = tf.reduce_sum(vectors**2, axis=-1, keepdims=True)
    some = squared >= SMALLEST
    inverse = tf.where(some, tf.math.rsqrt(tf.where(some, squared, 1.0)), 0.0)
    return vectors * inverse, inverse


def _dot(p, q):
    return tf.reduce_sum(p * q, axis=-1, keepdims=True)
