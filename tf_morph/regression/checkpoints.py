"""Checkpoints of a run: decoder, optimiser and the step they belong to."""

import re
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

    Which there are is told by their own files. TensorFlow writes a checkpoint's `.index` last, so
    that one whose writing was cut short is not taken; the text file `checkpoint`, which lists them,
    is not asked: where it is lost or damaged, the checkpoints are not.
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
        self._folder, self._keep = folder, keep
        self._managers: dict[Path, tf.train.CheckpointManager] = {}

    def save(self, step: int) -> None:
        """Writes the state after `step` steps.

        Raises:
          InputError: it cannot be written.
        """
        self._write(self._folder.checkpoints, self._keep, step)

    def save_best(self, step: int) -> None:
        """Writes the state, which is that after `step` steps, in place of the best one so far.

        Raises:
          InputError: it cannot be written.
        """
        if list(_kept(self._folder.best_checkpoint)) != [step]:
            self._write(self._folder.best_checkpoint, 1, step)

    def _write(self, folder: Path, keep: int, step: int) -> None:
        self.step.assign(step)
        try:
            self._manager(folder, keep).save(checkpoint_number=step)
            for old in list(_kept(folder).values())[:-keep]:  # of which the manager may not know
                for file in folder.glob(f"{Path(old).name}.*"):
                    file.unlink(missing_ok=True)
        except (OSError, tf.errors.OpError) as error:
            raise InputError(
                f"{folder}: the checkpoint of step {step} cannot be written "
                f"({str(error).splitlines()[0]}); make room there, then give the same command again"
            ) from error

    def resume(self) -> int:
        """Takes up the newest checkpoint that is whole; the number of steps already made.

        Raises:
          InputError: there are some, all of them damaged or of another decoder.
        """
        kept = _kept(self._folder.checkpoints)
        if not kept and self._folder.checkpoints.is_dir():
            self._refuse_remains()
        return self._restore_first(reversed(kept.values())) if kept else 0

    def _refuse_remains(self) -> None:
        """Where checkpoints have been, training is not begun anew over what they left."""
        index = self._folder.checkpoints / "checkpoint"
        if index.exists() or any(self._folder.best_checkpoint.glob("*.index")):
            raise InputError(
                f"{self._folder.checkpoints}: its checkpoints are lost ({index.name} is there, but "
                "no ckpt-*.index); put them back, or train into another --workdir"
            )

    def restore_decoder(self, which: str = LATEST) -> int:
        """Loads a decoder; the number of steps it was trained.

        Args:
          which: "latest", the newest that is whole; "best" by the recall of held-out people; or a
            number of steps.

        Raises:
          InputError: there is no such checkpoint, or it is damaged or of another decoder.
        """
        kept = _kept(self._folder.checkpoints)
        if not kept:
            raise InputError(
                f"{self._folder.checkpoints}: no checkpoint; train the run first with train.py"
            )
        if which == LATEST:
            return self._restore_first(reversed(kept.values()))
        if which == BEST:
            return self._restore_first(self._best_path())
        if which not in map(str, kept):
            raise InputError(
                f"{self._folder.checkpoints}: no checkpoint {which!r}; there are "
                f"{', '.join(map(str, kept))}, {LATEST} and {BEST}"
            )
        return self._restore_first([kept[int(which)]])

    def _best_path(self) -> list[str]:
        best = list(_kept(self._folder.best_checkpoint).values())
        if not best:
            raise InputError(
                f"{self._folder.path}: no checkpoint is its best, for no people were held out to "
                "tell; train with --config.validation.people above 0"
            )
        return best[-1:]

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

    def _manager(self, folder: Path, keep: int) -> tf.train.CheckpointManager:
        """What writes into a folder, and knows of all checkpoints that are in it."""
        paths = list(_kept(folder).values())
        made = self._managers.get(folder)
        if made is None or made.checkpoints != paths:
            if paths:
                tf.compat.v1.train.update_checkpoint_state(str(folder), paths[-1], paths)
            made = tf.train.CheckpointManager(self._checkpoint, str(folder), max_to_keep=keep)
            self._managers[folder] = made
        return made


_INDEX = re.compile(r"ckpt-(\d+)\.index")


def _kept(folder: Path) -> dict[int, str]:
    """The checkpoints in a folder by their steps, oldest first: paths as TensorFlow takes them."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    steps = sorted(int(found[1]) for found in map(_INDEX.fullmatch, names) if found)
    return {step: str(folder / f"ckpt-{step}") for step in steps}


def _variables(of_keras) -> list[tf.Variable]:
    """TensorFlow's own variables: tf.train.Checkpoint passes over Keras' lists of layers."""
    return [variable.value for variable in of_keras]
