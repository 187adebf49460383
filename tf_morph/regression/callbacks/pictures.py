"""Contact sheets at their time."""

from pathlib import Path

import keras
import tensorflow as tf

from tf_morph.regression.callbacks.observer import Observer, is_due
from tf_morph.regression.contact_sheet import ContactSheet


class Pictures(Observer):
    """A contact sheet of people never trained on, as a PNG and in TensorBoard: every so many steps,
    and at the end."""

    def __init__(self, sheet: ContactSheet, folder: Path, writer, every: int, steps: int):
        self._sheet, self._folder, self._writer = sheet, folder, writer
        self._every, self._steps = every, steps

    def after_step(self, step, values):
        if is_due(step, self._every, self._steps):
            picture = self._sheet.draw()
            keras.utils.save_img(self._folder / f"step_{step:06d}.png", picture, scale=False)
            with self._writer.as_default():
                tf.summary.image("photograph, frontal, turned", picture[None], step=step)
