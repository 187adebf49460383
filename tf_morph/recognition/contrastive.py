"""Supervised contrastive training: photographs of one person alike, of two people not."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.recognition.augmentation import vary
from tf_morph.recognition.training_state import TrainingState

_SAVE_EVERY = 100  # steps


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
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    schedule: Schedule,
    name: str = "",
    state: TrainingState | None = None,
) -> list[float]:
    """Trains `model` in place.

    Args:
      model: image [B, S, S, 3] in 0..255 -> {"embedding": [B, D], ...}.
      images: uint8 [N, S, S, 3].
      labels: [N] integers, who is on each; everybody has two or more.
      schedule: see `Schedule`; with fewer people than it asks for, all are taken each step.
      name: of the progress bar.
      state: taken up where it holds one, and written now and then; None keeps none.

    Returns:
      The loss of every step made by this call.
    """
    people = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(schedule.learning_rate, max(schedule.steps, 1))
    )
    optimizer.build(model.trainable_variables)
    step = _step_function(model, optimizer, tf.constant(images), schedule.temperature)
    made = state.resume(model, optimizer) if state else 0
    losses = []
    numbers = range(made, schedule.steps)
    bar = tqdm(
        numbers, f"training {name}".strip(), schedule.steps, initial=made, unit="step", leave=True
    )
    for number in bar:
        indices = _draw_pairs(people, schedule.people, [schedule.seed, number])
        losses.append(float(step(indices, tf.constant([schedule.seed, number]))))
        bar.set_postfix(loss=f"{np.mean(losses[-20:]):.3f}", refresh=False)
        if state and (number + 1) % _SAVE_EVERY == 0:
            state.save(number + 1, model, optimizer)
    return losses


def _step_function(model, optimizer, pixels, temperature):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64), tf.TensorSpec([2], tf.int32)])
    def step(indices, seed):
        batch = vary(tf.cast(tf.gather(pixels, indices), tf.float32), seed)
        with tf.GradientTape() as tape:
            embeddings = model(batch, training=True)["embedding"]
            loss = contrastive_loss(embeddings, temperature)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return step


def _draw_pairs(people, count, seed):
    """[2P] indices: P people's one photograph, then the same people's other."""
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(people), min(count, len(people)), replace=False)
    pairs = [generator.choice(people[i], 2, replace=False) for i in chosen]
    return np.stack(pairs).T.reshape(-1).astype(np.int64)
