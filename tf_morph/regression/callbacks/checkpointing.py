"""Checkpoints at their time."""

from tf_morph.regression.callbacks.observer import Observer, is_due
from tf_morph.regression.checkpoints import Checkpoints


class SaveCheckpoint(Observer):
    """A checkpoint every so many steps, and at the end."""

    def __init__(self, checkpoints: Checkpoints, every: int, steps: int):
        self._checkpoints, self._every, self._steps = checkpoints, every, steps

    def after_step(self, step, values):
        if is_due(step, self._every, self._steps):
            self._checkpoints.save(step)
