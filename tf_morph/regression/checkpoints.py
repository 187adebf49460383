"""Checkpoints of a run: decoder, optimiser and the step they belong to."""

import keras
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.regression.run_folder import RunFolder


class Checkpoints:
    """The newest few checkpoints in a run's folder; each is whole or, by its index, absent."""

    def __init__(self, folder: RunFolder, decoder: keras.Model, optimizer=None, keep: int = 2):
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        parts = {"decoder": _variables(decoder.weights), "step": self.step}
        if optimizer is not None:
            optimizer.build(decoder.trainable_variables)
            parts["optimizer"] = _variables(optimizer.variables)
        self._checkpoint = tf.train.Checkpoint(**parts)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(folder.checkpoints), max_to_keep=keep
        )
        self._folder = folder

    def save(self, step: int) -> None:
        """Writes the state after `step` steps."""
        self.step.assign(step)
        self._manager.save(checkpoint_number=step)

    def resume(self) -> int:
        """Takes up the newest checkpoint, if there is one; the number of steps already made.

        Raises:
          InputError: it is damaged, or of another decoder.
        """
        if not self._manager.latest_checkpoint:
            return 0
        return self._restore()

    def restore_decoder(self) -> int:
        """Loads the newest decoder; the number of steps it was trained.

        Raises:
          InputError: the run has no checkpoint, or it is damaged or of another decoder.
        """
        if not self._manager.latest_checkpoint:
            raise InputError(
                f"{self._folder.checkpoints}: no checkpoint; train the run first with train.py"
            )
        return self._restore()

    def _restore(self) -> int:
        path = self._manager.latest_checkpoint
        try:
            restored = self._checkpoint.restore(path)
            restored.expect_partial().assert_existing_objects_matched()
        except Exception as error:  # TensorFlow raises many kinds on a damaged one
            raise InputError(
                f"{path}: damaged, or not of this run's decoder (was its face model or a network's "
                "file changed since?); restore what was changed, or train into another --workdir"
            ) from error
        return int(self.step.numpy())


def _variables(of_keras) -> list[tf.Variable]:
    """TensorFlow's own variables: tf.train.Checkpoint passes over Keras' lists of layers."""
    return [variable.value for variable in of_keras]
