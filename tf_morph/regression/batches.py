"""Which photographs a training step sees: a function of (seed, step) alone."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from tf_morph.regression.prepared_features import PreparedFeatures


def photograph_indices(step: tf.Tensor, seed: int, photographs: int, batch: int) -> tf.Tensor:
    """Indices [batch] of step `step`: every epoch visits each photograph once, in its own order.

    Args:
      step: scalar int64.
      seed: the run's.
      photographs: how many there are.
      batch: how many a step takes; may be more than there are.
    """
    position = tf.cast(step, tf.int64) * batch + tf.range(batch, dtype=tf.int64)
    epoch = position // photographs
    seeds = tf.stack([tf.fill([batch], tf.constant(seed, tf.int64)), epoch, epoch * 0], axis=1)
    last = tf.fill([batch], tf.constant(photographs - 1, tf.int64))
    # The op itself: its wrapper tf.random.experimental.index_shuffle refuses a seed per index.
    return tf.raw_ops.RandomIndexShuffle(
        index=position % photographs, seed=seeds, max_index=last, rounds=4
    )


def training_batches(
    features: Mapping[str, np.ndarray] | PreparedFeatures,
    seed: int,
    batch: int,
    first_step: int,
    steps: int,
) -> tf.data.Dataset:
    """Batches of steps `first_step` to `steps` - 1.

    Which photographs a step sees is a function of seed and step alone, for each kind of `features`
    in an order of its own.

    Args:
      features: arrays [N, ...] that rows are gathered from, or a prepared folder's, which are read
        as they are needed.
      seed: the run's.
      batch: photographs of a step, D.
      first_step: from 0; nothing before it is read.
      steps: the step to end before.

    Returns:
      Of each step {name: [D, ...]}, and `step`, scalar int64.
    """
    if isinstance(features, PreparedFeatures):
        return features.batches(seed, batch, first_step, steps)
    constants = {name: tf.constant(values) for name, values in features.items()}
    photographs = len(next(iter(constants.values())))

    def gather(step):
        indices = photograph_indices(step, seed, photographs, batch)
        gathered = {name: tf.gather(values, indices) for name, values in constants.items()}
        return gathered | {"step": step}

    return tf.data.Dataset.range(first_step, steps).map(gather).prefetch(2)
