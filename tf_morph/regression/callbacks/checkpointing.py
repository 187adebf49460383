"""Checkpoints at their time."""

from collections.abc import Callable

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.checkpoints import Checkpoints


class SaveCheckpoint(Observer):
    """A checkpoint whenever one is due."""

    def __init__(self, checkpoints: Checkpoints, is_due: Callable[[int], bool]):
        self._checkpoints, self._is_due = checkpoints, is_due

    def after_step(self, step, values):
        if self._is_due(step):
            self._checkpoints.save(step)
