"""Checkpoints of a run: decoder, optimiser and the step they belong to."""

from collections.abc import Iterable
from pathlib import Path

import keras
import tensorflow as tf
from absl import logging

from tf_morph.errors import InputError
from tf_morph.regression.run_folder import RunFolder

LATEST, BEST = "latest", "best"


class Checkpoints:
    """The newest few checkpoints of a run and, beside them, the best.

    TensorFlow writes a checkpoint's files first and its name into the folder's index last, so that
    whoever goes by the index, as this does, never takes one whose writing was cut short.
    """

    def __init__(self, folder: RunFolder, decoder: keras.Model, optimizer=None, keep: int = 2):
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        parts = {"decoder": _variables(decoder.weights), "step": self.step}
        if optimizer is not None:
            optimizer.build(decoder.trainable_variables)
            parts["optimizer"] = _variables(optimizer.variables)
        self._checkpoint = tf.train.Checkpoint(**parts)
        # A variable, which all workers have to make at the same time; only one of them saves.
        self._checkpoint.save_counter  # noqa: B018
        self._manager = self._kept_in(folder.checkpoints, keep)
        self._best = self._kept_in(folder.best_checkpoint, 1)
        self._folder = folder

    def save(self, step: int) -> None:
        """Writes the state after `step` steps.

        Raises:
          InputError: it cannot be written.
        """
        self._write(self._manager, step)

    def save_best(self, step: int) -> None:
        """Writes the state, which is that after `step` steps, in place of the best one so far.

        Raises:
          InputError: it cannot be written.
        """
        if _numbers(self._best) != [step]:
            self._write(self._best, step)

    def _write(self, manager: tf.train.CheckpointManager, step: int) -> None:
        self.step.assign(step)
        try:
            manager.save(checkpoint_number=step)
        except (OSError, tf.errors.OpError) as error:
            raise InputError(
                f"{manager.directory}: the checkpoint of step {step} cannot be written "
                f"({str(error).splitlines()[0]}); make room there, then give the same command again"
            ) from error

    def resume(self) -> int:
        """Takes up the newest checkpoint that is whole; the number of steps already made.

        Raises:
          InputError: there are some, all of them damaged or of another decoder.
        """
        paths = self._manager.checkpoints
        return self._restore_first(reversed(paths)) if paths else 0

    def restore_decoder(self, which: str = LATEST) -> int:
        """Loads a decoder; the number of steps it was trained.

        Args:
          which: "latest", the newest that is whole; "best" by the recall of held-out people; or a
            number of steps.

        Raises:
          InputError: there is no such checkpoint, or it is damaged or of another decoder.
        """
        if not self._manager.checkpoints:
            raise InputError(
                f"{self._folder.checkpoints}: no checkpoint; train the run first with train.py"
            )
        if which == LATEST:
            return self._restore_first(reversed(self._manager.checkpoints))
        if which == BEST:
            return self._restore_first(self._best_path())
        return self._restore_first(self._path_of(which))

    def _best_path(self) -> list[str]:
        if not self._best.checkpoints:
            raise InputError(
                f"{self._folder.path}: no checkpoint is its best, for no people were held out to "
                "tell; train with --config.validation.people above 0"
            )
        return self._best.checkpoints

    def _path_of(self, number: str) -> list[str]:
        kept = dict(zip(map(str, _numbers(self._manager)), self._manager.checkpoints, strict=True))
        if number not in kept:
            raise InputError(
                f"{self._folder.checkpoints}: no checkpoint {number!r}; there are "
                f"{', '.join(kept)}, {LATEST} and {BEST}"
            )
        return [kept[number]]

    def _restore_first(self, paths: Iterable[str]) -> int:
        """Takes up the first that can be, and says which could not."""
        damaged = []
        for path in paths:
            try:
                restored = self._checkpoint.restore(path)
                restored.expect_partial().assert_existing_objects_matched()
            except Exception as error:  # TensorFlow raises many kinds on a damaged one
                damaged.append((path, error))
                continue
            for other, _ in damaged:
                logging.warning("%s: damaged; %s is taken in its place", other, path)
            return int(self.step.numpy())
        path, error = damaged[0]
        raise InputError(
            f"{path}: damaged, or not of this run's decoder (was its face model or a network's "
            "file changed since?); restore what was changed, or train into another --workdir"
        ) from error

    def _kept_in(self, folder: Path, keep: int) -> tf.train.CheckpointManager:
        return tf.train.CheckpointManager(self._checkpoint, str(folder), max_to_keep=keep)


def _numbers(manager: tf.train.CheckpointManager) -> list[int]:
    """The steps of the checkpoints that a manager keeps, oldest first."""
    return [int(path.rpartition("-")[2]) for path in manager.checkpoints]


def _variables(of_keras) -> list[tf.Variable]:
    """TensorFlow's own variables: tf.train.Checkpoint passes over Keras' lists of layers."""
    return [variable.value for variable in of_keras]
