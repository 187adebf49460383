"""Backgrounds like those of portraits: out of focus, of few colours."""

import tensorflow as tf

from tf_morph.rendering.color import srgb_to_linear

_CELLS = (2, 3, 6)  # of the random fields, across the image; finer ones are weaker
_STRENGTHS = (1.0, 0.7, 0.4)


def random_background(
    batch: int | tf.Tensor, height: int, width: int, seed: tf.Tensor, contrast: tf.Tensor
) -> tf.Tensor:
    """Blurred random backgrounds: a plain colour with smooth variation around it.

    Args:
      batch: how many.
      height, width: in pixels.
      seed: [2] int32, stateless.
      contrast: [B] standard deviation of the variation, in sRGB-coded values; 0 gives a plain one.

    Returns:
      [B, H, W, 3] linear RGB in [0, 1].
    """
    seeds = _split(seed, 2 + len(_CELLS))
    lightness = tf.random.stateless_uniform([batch, 1, 1, 1], seeds[0], 0.1, 0.9)
    tint = tf.random.stateless_normal([batch, 1, 1, 3], seeds[1], stddev=0.05)
    field = tf.zeros([batch, height, width, 3])
    for index, (cells, strength) in enumerate(zip(_CELLS, _STRENGTHS, strict=True)):
        seed_of_field = seeds[2 + index]
        grey = tf.random.stateless_normal([batch, cells + 1, cells + 1, 1], seed_of_field)
        color = tf.random.stateless_normal([batch, cells + 1, cells + 1, 3], seed_of_field + 1)
        noise = grey + 0.25 * color
        field += strength * tf.image.resize(noise, [height, width], method="bicubic")
    coded = lightness + tint + contrast[:, tf.newaxis, tf.newaxis, tf.newaxis] * field
    return srgb_to_linear(tf.clip_by_value(coded, 0.0, 1.0))


def _split(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    return [tf.random.experimental.stateless_fold_in(seed, index) for index in range(count)]
