"""Small changes of photographs that leave the person who they are."""

import tensorflow as tf

_SMALLEST_PART = 0.92  # of a picture's side
_CONTRAST = (0.8, 1.2)
_BRIGHTNESS = (-16.0, 16.0)


def vary(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirrored or not, a little nearer and shifted, brighter or darker: each picture by itself.

    Args:
      images: float32 [B, S, S, 3] in 0..255.
      seed: two integers; the same ones give the same changes.

    Returns:
      The same shape and range.
    """
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 4))
    count = tf.shape(images)[0]
    mirrored = tf.random.stateless_uniform([count, 1, 1, 1], seeds[0]) < 0.5
    images = _parts(tf.where(mirrored, images[:, :, ::-1], images), seeds[1])
    contrast = tf.random.stateless_uniform([count, 1, 1, 1], seeds[2], *_CONTRAST)
    brightness = tf.random.stateless_uniform([count, 1, 1, 1], seeds[3], *_BRIGHTNESS)
    return tf.clip_by_value(images * contrast + brightness, 0.0, 255.0)


def _parts(images, seed):
    """A square part of each picture, somewhere in it, at the size of the whole."""
    size = images.shape[1]
    count = tf.shape(images)[0]
    drawn = tf.random.stateless_uniform([3, count], seed)
    side = _SMALLEST_PART + (1 - _SMALLEST_PART) * drawn[0]
    top, left = drawn[1] * (1 - side), drawn[2] * (1 - side)
    boxes = tf.stack([top, left, top + side, left + side], axis=1)
    return tf.image.crop_and_resize(images, boxes, tf.range(count), [size, size])
