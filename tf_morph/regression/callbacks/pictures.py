"""Contact sheets at their time."""

from pathlib import Path

import keras
import tensorflow as tf

from tf_morph.atomic import whole_file
from tf_morph.regression.callbacks.observer import Observer, due
from tf_morph.regression.contact_sheet import ContactSheet


class Pictures(Observer):
    """A contact sheet of people never trained on, as a PNG and in TensorBoard: every so many steps,
    and at the end."""

    def __init__(self, sheet: ContactSheet, folder: Path, writer, every: int, steps: int):
        self._sheet, self._folder, self._writer = sheet, folder, writer
        self._is_due = due(steps, every)

    def after_step(self, step, values):
        if self._is_due(step):
            picture = self._sheet.draw()
            path = self._folder / f"step_{step:06d}.png"
            with whole_file(path) as temporary:
                keras.utils.save_img(temporary, picture, scale=False, file_format="png")
            with self._writer.as_default():
                tf.summary.image("photograph, frontal, turned", picture[None], step=step)
