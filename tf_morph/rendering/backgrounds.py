"""Backgrounds like those of portraits: out of focus, of few colours."""

import functools
import math

import numpy as np
import tensorflow as tf

from tf_morph.rendering.color import clipped_to_linear

_CELLS = (2, 3, 6)  # of the random fields, across the image; finer ones are weaker
_STRENGTHS = (1.0, 0.7, 0.4)
_THINGS = 7


def random_background(
    batch: int | tf.Tensor,
    height: int,
    width: int,
    seed: tf.Tensor,
    contrast: tf.Tensor,
    rows: tf.Tensor | None = None,
) -> tf.Tensor:
    """Blurred random backgrounds: a plain colour with smooth variation around it.

    Args:
      batch: how many.
      height, width: in pixels.
      seed: [2] int32, stateless.
      contrast: [B] standard deviation of the variation, in sRGB-coded values; 0 gives a plain one.
      rows: [b] int32, of the B backgrounds the ones wanted, and drawn; None: all.

    Returns:
      [B or b, H, W, 3] linear RGB in [0, 1].
    """
    coded = _plain_background(batch, height, width, seed, contrast, rows)
    return clipped_to_linear(coded)


def cluttered_background(
    batch: int | tf.Tensor, height: int, width: int, seed: tf.Tensor, contrast: tf.Tensor
) -> tf.Tensor:
    """`random_background` with things in it: upright boxes and discs, some in focus, some not.

    Args and returns as there; `contrast` also scales how much the things stand out.
    """
    seeds = _split(seed, 2 + _THINGS)
    coded = _plain_background(batch, height, width, seeds[0], contrast)
    # Shared by a picture's things: they stand at one depth behind the face.
    softness = tf.exp(
        tf.random.stateless_uniform([batch, 1, 1], seeds[1], math.log(0.01), math.log(0.12))
    )
    strength = contrast[:, tf.newaxis, tf.newaxis, tf.newaxis]
    for thing_seed in seeds[2:]:
        opacity, color = _thing(batch, height, width, thing_seed, softness)
        coded += opacity * (strength * color)
    return clipped_to_linear(coded)


def _plain_background(batch, height, width, seed, contrast, rows=None):
    """sRGB-coded, not clipped."""

    def wanted(values):
        return values if rows is None else tf.gather(values, rows)

    seeds = _split(seed, 2 + len(_CELLS))
    lightness = tf.random.stateless_uniform([batch, 1, 1, 1], seeds[0], 0.1, 0.9)
    tint = tf.random.stateless_normal([batch, 1, 1, 3], seeds[1], stddev=0.05)
    contrast = wanted(contrast)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    plain = tf.tile(wanted(lightness + tint), [1, height, 1, 1])
    fields, across = [plain], [np.ones((width, 1), np.float32)]
    for index, (cells, strength) in enumerate(zip(_CELLS, _STRENGTHS, strict=True)):
        seed_of_field = seeds[2 + index]
        grey = tf.random.stateless_normal([batch, cells + 1, cells + 1, 1], seed_of_field)
        color = tf.random.stateless_normal([batch, cells + 1, cells + 1, 3], seed_of_field + 1)
        noise = strength * contrast * wanted(grey + 0.25 * color)
        fields.append(tf.einsum("hi,bijc->bhjc", _bicubic(cells + 1, height), noise))
        across.append(_bicubic(cells + 1, width))
    # All in one pass over the pixels.
    return tf.matmul(np.concatenate(across, axis=1), tf.concat(fields, axis=2))


@functools.cache
def _bicubic(count: int, size: int) -> np.ndarray:
    """The weights [size, count] that `tf.image.resize` gives `count` values along an axis."""
    with tf.init_scope():
        values = tf.eye(count)[tf.newaxis, ..., tf.newaxis]
        return tf.image.resize(values, [size, count], method="bicubic")[0, ..., 0].numpy()


def _thing(batch, height, width, seed, softness):
    """Where a box or disc stands, [B, H, W, 1] in [0, 1], and its colour [B, 1, 1, 3]."""
    seeds = _split(seed, 7)

    def uniform(index, low, high, shape=(1, 1)):
        return tf.random.stateless_uniform([batch, *shape], seeds[index], low, high)

    x = (tf.range(width, dtype=tf.float32) + 0.5) / width - uniform(0, -0.1, 1.1)
    y = (tf.range(height, dtype=tf.float32)[:, tf.newaxis] + 0.5) / height - uniform(1, -0.1, 1.1)
    tilt = tf.random.stateless_normal([batch, 1, 1], seeds[2], stddev=0.08)
    half = tf.exp(uniform(3, math.log(0.03), math.log(0.5), (2, 1, 1)))
    half_width, half_height = half[:, 0], half[:, 1]
    disc = tf.cast(uniform(4, 0.0, 1.0) < 0.3, tf.float32)
    corner = disc * tf.minimum(half_width, half_height)
    across, down = tf.abs(x + tilt * y) - half_width + corner, tf.abs(y - tilt * x) - half_height
    down += corner
    outside = tf.sqrt(tf.nn.relu(across) ** 2 + tf.nn.relu(down) ** 2 + 1e-12)
    distance = outside + tf.minimum(tf.maximum(across, down), 0.0) - corner
    present = tf.cast(uniform(5, 0.0, 1.0) < 0.6, tf.float32)
    opacity = present * tf.sigmoid(-4.0 * distance / softness)
    channels = tf.random.stateless_normal([batch, 1, 1, 4], seeds[6])
    return opacity[..., tf.newaxis], 1.5 * channels[..., 3:] + 0.35 * channels[..., :3]


def _split(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    return [tf.random.experimental.stateless_fold_in(seed, index) for index in range(count)]
