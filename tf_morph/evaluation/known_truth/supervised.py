"""The supervised ceiling: a decoder like the run's, trained on the true coefficients.

No run has them. It tells how much of a face the encoder's features hold at all, for a decoder of
that size and so many photographs.
"""

import keras
import numpy as np

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.regression.batches import training_batches
from tf_morph.regression.decoder import Decoder

BATCH = 128
MOST_EPOCHS = 16
LEARNING_RATE = 1e-3
_VALIDATED = 0.1  # share of the photographs that decide when to stop
_PATIENCE = 3  # epochs


def train_supervised(decoder: Decoder, features: np.ndarray, true: Coefficients, seed: int) -> None:
    """Trains a decoder to the least mean squared error of all coefficients, stopping early.

    Args:
      decoder: built, with random weights; holds those of its best epoch afterwards.
      features: [N, E] the encoder's, of training photographs, a person's side by side.
      true: [N] coefficients of the faces on them, in the decoder's own model.
      seed: of the order of the photographs.
    """
    decoder.adapt(features)
    # The last rows: a person's photographs lie together, so that at most one person is on both
    # sides.
    kept = len(features) - int(np.ceil(_VALIDATED * len(features)))
    data = {"encoder": features[:kept], **true.rows(slice(kept))._asdict()}
    steps = -(-kept // BATCH)
    batches = training_batches(data, seed, BATCH, 0, steps * MOST_EPOCHS)
    decoder.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE),
        loss=["mse", "mse"],
        loss_weights=[decoder.shape_components, decoder.texture_components],
    )
    held_out = true.rows(slice(kept, None))
    decoder.fit(
        batches.map(lambda batch: (batch["encoder"], (batch["shape"], batch["texture"]))),
        validation_data=(features[kept:], (held_out.shape, held_out.texture)),
        epochs=MOST_EPOCHS,
        steps_per_epoch=steps,
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.EarlyStopping(patience=_PATIENCE, restore_best_weights=True)],
    )
