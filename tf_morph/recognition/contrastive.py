"""Supervised contrastive training: photographs of one person alike, of two people not."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm


class Schedule(NamedTuple):
    """How a network is trained.

    Attributes:
      steps: how many updates.
      people: how many a step, two photographs of each.
      learning_rate: Adam's at the start; it falls to nothing along a cosine.
      temperature: of the softmax over cosines.
      seed: of the draws.
    """

    steps: int
    people: int = 64
    learning_rate: float = 2e-3
    temperature: float = 1 / 14
    seed: int = 0


def contrastive_loss(embeddings: tf.Tensor, temperature: float) -> tf.Tensor:
    """Cross entropy of finding the other photograph of the same person among all the rest.

    Args:
      embeddings: [2P, D]; rows i and P + i are the same person.
      temperature: divides the cosines.

    Returns:
      A scalar, log(2P - 1) where all are alike. (Khosla et al. 2020, with two views.)
    """
    unit = tf.math.l2_normalize(embeddings, axis=1)
    count = tf.shape(unit)[0]
    logits = tf.matmul(unit, unit, transpose_b=True) / temperature
    logits -= 1e9 * tf.eye(count)  # nobody is compared with the very same photograph
    partner = tf.roll(tf.range(count), count // 2, axis=0)
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=partner, logits=logits)
    )


def train_contrastive(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, schedule: Schedule, name: str = ""
) -> list[float]:
    """Trains `model` in place.

    Args:
      model: image [B, S, S, 3] in 0..255 -> {"embedding": [B, D], ...}.
      images: uint8 [N, S, S, 3].
      labels: [N] integers, who is on each; everybody has two or more.
      schedule: see `Schedule`; with fewer people than it asks for, all are taken each step.
      name: of the progress bar.

    Returns:
      The loss of every step.
    """
    people = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(schedule.learning_rate, schedule.steps)
    )
    pixels = tf.constant(images)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64), tf.TensorSpec([2], tf.int32)])
    def step(indices, seed):
        batch = _varied(tf.cast(tf.gather(pixels, indices), tf.float32), seed)
        with tf.GradientTape() as tape:
            embeddings = model(batch, training=True)["embedding"]
            loss = contrastive_loss(embeddings, schedule.temperature)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    losses = []
    for number in tqdm(range(schedule.steps), desc=f"training {name}".strip(), unit="step"):
        indices = _draw_pairs(people, schedule.people, [schedule.seed, number])
        losses.append(float(step(indices, tf.constant([schedule.seed, number]))))
    return losses


def _draw_pairs(people, count, seed):
    """[2P] indices: P people's one photograph, then the same people's other."""
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(people), min(count, len(people)), replace=False)
    pairs = [generator.choice(people[i], 2, replace=False) for i in chosen]
    return np.stack(pairs).T.reshape(-1).astype(np.int64)


def _varied(images, seed):
    """Mirrored, shifted by up to two pixels, brighter or darker: each picture by itself."""
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 4))
    count = tf.shape(images)[0]
    mirrored = tf.random.stateless_uniform([count, 1, 1, 1], seeds[0]) < 0.5
    images = tf.where(mirrored, images[:, :, ::-1], images)
    shift = tf.random.stateless_uniform([2], seeds[1], -2, 3, tf.int32)
    images = tf.roll(images, shift, axis=[1, 2])
    contrast = tf.random.stateless_uniform([count, 1, 1, 1], seeds[2], 0.8, 1.2)
    brightness = tf.random.stateless_uniform([count, 1, 1, 1], seeds[3], -16.0, 16.0)
    return tf.clip_by_value(images * contrast + brightness, 0.0, 255.0)
