"""The supervised ceiling: regressors trained on the true coefficients, which no run has.

They tell how much of a face the encoder's features hold at all: a decoder like the run's, and the
best linear map, which so few photographs serve better at times.
"""

import keras
import numpy as np
import tensorflow as tf

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.regression.batches import training_batches
from tf_morph.regression.decoder import Decoder

BATCH = 128
EPOCHS = 16
LEARNING_RATE = 3e-4
PENALTIES = 10.0 ** np.arange(-3.0, 2.0, 0.5)  # of the linear map, per photograph
_VALIDATED = 0.1  # share of the photographs that decide on the penalty


def train_supervised(decoder: Decoder, features: np.ndarray, true: Coefficients, seed: int) -> None:
    """Trains a decoder to the least mean squared error of all coefficients.

    Every photograph is mixed at random with another, features and coefficients alike (mixup, Zhang
    et al., ICLR 2018), which puts off that the decoder learns them by heart.

    Args:
      decoder: built, with random weights.
      features: [N, E] the encoder's, of training photographs, a person's side by side.
      true: [N] coefficients of the faces on them, in the decoder's own model.
      seed: of the order of the photographs, and of the mixing.
    """
    decoder.adapt(features)
    steps = -(-len(features) // BATCH)
    data = {"encoder": features, **true._asdict()}
    batches = training_batches(data, seed, BATCH, 0, steps * EPOCHS)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps * EPOCHS)
    decoder.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=["mse", "mse"],
        loss_weights=[decoder.shape_components, decoder.texture_components],
    )
    mixed = batches.map(lambda batch: _mixed(batch, seed))
    decoder.fit(mixed, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=0)


def linear_prediction(features: np.ndarray, true: Coefficients, asked: np.ndarray) -> Coefficients:
    """Coefficients [M] by ridge regression, its penalty the best of `PENALTIES` on held-out rows.

    Args:
      features, true: as of `train_supervised`.
      asked: [M, E] features of other photographs.
    """
    mean, deviation = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    known, asked = (((rows - mean) / deviation).astype(np.float64) for rows in (features, asked))
    values, kept = np.concatenate(true, axis=1), _kept(len(features))
    errors = [
        np.mean(np.square(_ridge(known[:kept], values[:kept], known[kept:], p) - values[kept:]))
        for p in PENALTIES
    ]
    found = _ridge(known, values, asked, PENALTIES[np.argmin(errors)]).astype(np.float32)
    return Coefficients(*np.split(found, [true.shape.shape[1]], axis=1))


def _kept(count: int) -> int:
    """The rows to train on, the first; a person's lie together, so that few are on both sides."""
    return count - int(np.ceil(_VALIDATED * count))


def _mixed(batch: dict[str, tf.Tensor], seed: int):
    share = tf.random.stateless_uniform(
        [BATCH, 1], tf.stack([tf.cast(seed, tf.int64), batch["step"]])
    )

    def mixed(values):
        return share * values + (1.0 - share) * tf.reverse(values, [0])

    return mixed(batch["encoder"]), (mixed(batch["shape"]), mixed(batch["texture"]))


def _ridge(known: np.ndarray, values: np.ndarray, asked: np.ndarray, penalty: float) -> np.ndarray:
    centre, level = known.mean(axis=0), values.mean(axis=0)
    centred = known - centre
    covariance = centred.T @ centred / len(known) + penalty * np.eye(known.shape[1])
    weights = np.linalg.solve(covariance, centred.T @ (values - level) / len(known))
    return (asked - centre) @ weights + level
