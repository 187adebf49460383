"""What a run shows while it trains: progress, checkpoints, pictures, and a stop at nonsense."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.contact_sheet import ContactSheet
from tf_morph.regression.losses import TERMS


class StepCallback(keras.callbacks.Callback):
    """A callback that counts the run's steps, not the session's."""

    def __init__(self, first_step: int):
        super().__init__()
        self.step = first_step

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.after_step(self.step, logs or {})

    def after_step(self, step: int, logs: dict) -> None:
        """Called after the run's `step`th step with the metrics so far in this interval."""


class ProgressBar(StepCallback):
    """One bar over the whole run, with the losses' running means."""

    _SHOWN = ("loss", *TERMS)

    def __init__(self, first_step: int, steps: int):
        super().__init__(first_step)
        self._bar = tqdm(
            total=steps, initial=first_step, desc="training", unit="step", mininterval=1.0
        )

    def after_step(self, step, logs):
        if step % 10 == 0:
            shown = {name: f"{logs[name]:.3f}" for name in self._SHOWN if name in logs}
            self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def on_train_end(self, logs=None):
        self._bar.close()


class StopAtNonFinite(StepCallback):
    """Ends the run at the first loss that is no number, before another checkpoint is written."""

    def after_step(self, step, logs):
        bad = [name for name, value in logs.items() if not np.isfinite(value)]
        if bad:
            raise InputError(
                f"step {step}: {', '.join(bad)} is not finite; lower training.learning_rate or "
                "look for damaged photographs (the last checkpoint is from before this step)"
            )


class SaveCheckpoint(StepCallback):
    """A checkpoint every so many steps, and at the end."""

    def __init__(self, checkpoints: Checkpoints, first_step: int, every: int, steps: int):
        super().__init__(first_step)
        self._checkpoints, self._every, self._steps = checkpoints, every, steps

    def after_step(self, step, logs):
        if step % self._every == 0 or step == self._steps:
            self._checkpoints.save(step)


class Pictures(StepCallback):
    """A contact sheet of people never trained on, as a PNG and in TensorBoard: every so many steps,
    and at the end."""

    def __init__(
        self, sheet: ContactSheet, folder: Path, writer, first_step: int, every: int, steps: int
    ):
        super().__init__(first_step)
        self._sheet, self._folder, self._writer = sheet, folder, writer
        self._every, self._steps = every, steps

    def after_step(self, step, logs):
        if step % self._every == 0 or step == self._steps:
            picture = self._sheet.draw()
            keras.utils.save_img(self._folder / f"step_{step:06d}.png", picture, scale=False)
            with self._writer.as_default():
                tf.summary.image("photograph, frontal, turned", picture[None], step=step)


class Scalars(StepCallback):
    """Each interval's mean of every metric: a row of a CSV file, and TensorBoard."""

    def __init__(self, path: Path, writer, first_step: int):
        super().__init__(first_step)
        self._path, self._writer = path, writer
        if first_step:
            self._drop_rows_after(first_step)
        else:
            path.unlink(missing_ok=True)

    def on_epoch_end(self, epoch, logs=None):
        row = pd.DataFrame([{"step": self.step} | (logs or {})])
        row.to_csv(self._path, mode="a", header=not self._path.exists(), index=False)
        with self._writer.as_default():
            for name, value in (logs or {}).items():
                tf.summary.scalar(name, value, step=self.step)

    def _drop_rows_after(self, step: int) -> None:
        """A run cut off after its last checkpoint makes those steps again."""
        if self._path.exists():
            rows = pd.read_csv(self._path)
            rows[rows["step"] <= step].to_csv(self._path, index=False)
