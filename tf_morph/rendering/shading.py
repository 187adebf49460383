"""Phong reflection of two point lights and ambient light, pixel by pixel.

`tensorflow_graphics.rendering.reflectance` gives the same values (the tests compare them), but
takes an unknown batch size for one, and its arrays [..., 3] cost several times the time of the
planes [3, B, H, W] used here. Lights are given by the irradiance they make at the face, so
nothing has to be divided by pi.
"""

import tensorflow as tf

# Ours: skin reflects some 4 % straight on (Fresnel, index about 1.4), broadly.
SPECULAR = 0.035
SHININESS = 12.0  # see `_power`
_SMALLEST = 1e-6  # mm: nearer lights and eyes have no direction


def shade(
    positions: tf.Tensor,
    normals: tf.Tensor,
    albedo: tf.Tensor,
    gloss: tf.Tensor,
    eye: tf.Tensor,
    light_positions: tf.Tensor,
    light_colors: tf.Tensor,
    ambient: tf.Tensor,
    pivot: tf.Tensor,
) -> tf.Tensor:
    """Light that leaves the surface towards the eye.

    Args:
      positions, normals: [3, B, H, W] mm, world frame; the normals need not be of unit length.
      albedo: [3, B, H, W] linear RGB.
      gloss: [B, H, W], the share of the skin's specular reflection that the surface has.
      eye: [3] mm.
      light_positions: [B, L, 3] mm.
      light_colors: [B, L, 3] linear RGB: what a white surface at `pivot` facing the light shows.
        It falls off with the distance squared.
      ambient: [B, 3] linear RGB, what a white surface shows without the lights.
      pivot: [3] mm, where the light colours are measured.

    Returns:
      [3, B, H, W] linear RGB.
    """
    normal = _unit(normals)
    outgoing = _unit(_planes(eye[tf.newaxis]) - positions)
    facing = _dot(normal, outgoing)
    diffuse = _planes(ambient) + tf.zeros_like(albedo)
    specular = tf.zeros_like(albedo)
    for light in range(light_positions.shape[1]):
        place, color = light_positions[:, light], light_colors[:, light]
        towards = _planes(place) - positions
        squared = tf.maximum(_dot(towards, towards), _SMALLEST**2)
        incoming = towards * tf.math.rsqrt(squared)
        reference = tf.reduce_sum((place - pivot) ** 2, axis=-1)[:, tf.newaxis, tf.newaxis]
        cosine = _dot(normal, incoming)
        arriving = tf.nn.relu(cosine) * reference / squared
        # The mirrored light's cosine with the eye: (2 (n.l) n - l) . v.
        mirrored = 2.0 * cosine * facing - _dot(incoming, outgoing)
        highlight = _power(mirrored) * arriving
        diffuse += _planes(color) * arriving
        specular += _planes(color) * highlight
    # (n + 2) / 2 pi makes Phong's lobe reflect the share SPECULAR; pi is in the light's unit.
    return albedo * diffuse + (SPECULAR * (SHININESS + 2.0) / 2.0) * gloss * specular


def _power(cosine: tf.Tensor) -> tf.Tensor:
    """max(cosine, 0) ** SHININESS, by squaring: a general power takes ten times as long."""
    fourth = tf.square(tf.square(tf.nn.relu(cosine)))
    return tf.square(fourth) * fourth


def _planes(colors: tf.Tensor) -> tf.Tensor:
    """[B, 3] to [3, B, 1, 1]."""
    return tf.transpose(colors)[:, :, tf.newaxis, tf.newaxis]


def _dot(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(first * second, axis=0)


def _unit(vectors: tf.Tensor) -> tf.Tensor:
    return vectors * tf.math.rsqrt(tf.maximum(_dot(vectors, vectors), _SMALLEST**2))
