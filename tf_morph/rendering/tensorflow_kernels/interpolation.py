"""Vertex attributes at every pixel, and the gradient to attributes and positions at once."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.tensorflow_kernels.homogeneous import covered_pixels, surface, to_images


def interpolate(
    attributes: tf.Tensor, clip_vertices: tf.Tensor, triangles: np.ndarray, triangle_ids: tf.Tensor
) -> tf.Tensor:
    """See `interpolation.interpolate`."""
    pixels = covered_pixels(clip_vertices, triangles, triangle_ids)
    return to_images(pixels, surface(attributes, clip_vertices, pixels), triangle_ids)
