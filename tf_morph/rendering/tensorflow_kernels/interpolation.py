"""Vertex attributes at every pixel, and the gradient to attributes and positions at once."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.tensorflow_kernels.homogeneous import covered_pixels, surface, to_images


def interpolate(
    attributes: tf.Tensor, clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """See `interpolation.interpolate`."""

    @tf.custom_gradient
    def differentiable(values, vertices):
        pixels = covered_pixels(vertices, triangles, triangle_ids)
        found, pulls = surface(values, pixels)

        def gradient(upstream):
            return pulls(tf.gather_nd(upstream, pixels.places))

        return to_images(pixels, found, triangle_ids), gradient

    return differentiable(attributes, clip_vertices)
