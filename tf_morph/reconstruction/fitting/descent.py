"""Adam (Kingma and Ba 2015) on many small problems side by side, none of which feels another."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

_FIRST_DECAY, _SECOND_DECAY = 0.8, 0.9  # short memories: there are a few dozen steps
_TINY = 1e-6


def descend(
    loss: Callable[[tf.Tensor], tf.Tensor], start: tf.Tensor, steps: int, rate: float
) -> tf.Tensor:
    """Vectors of lower loss.

    Args:
      loss: vectors [B, P] to losses [B], each of its own vector alone.
      start: [B, P].
      steps: how many.
      rate: the first step's length in each number; it falls to zero by half a cosine.
    """

    def step(done, vectors, mean, square):
        gradient = _gradient(loss, vectors)
        mean = _FIRST_DECAY * mean + (1.0 - _FIRST_DECAY) * gradient
        square = _SECOND_DECAY * square + (1.0 - _SECOND_DECAY) * gradient**2
        time = tf.cast(done, tf.float32) + 1.0
        ahead = mean / (1.0 - _FIRST_DECAY**time)
        width = tf.sqrt(square / (1.0 - _SECOND_DECAY**time)) + _TINY
        pace = 0.5 * rate * (1.0 + tf.cos(np.pi * (time - 1.0) / steps))
        return done + 1, vectors - pace * ahead / width, mean, square

    state = (0, start, tf.zeros_like(start), tf.zeros_like(start))
    return tf.while_loop(lambda done, *_: done < steps, step, state)[1]


def _gradient(loss, vectors: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        total = tf.reduce_sum(loss(vectors))
    gradient = tape.gradient(total, vectors)
    return tf.where(tf.math.is_finite(gradient), gradient, 0.0)
