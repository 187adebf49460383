"""Checkpoints at their time."""

from collections.abc import Callable

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.checkpoints import Checkpoints


class SaveCheckpoint(Observer):
    """A checkpoint whenever one is due, and a second of it where it is the best so far."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        is_due: Callable[[int], bool],
        is_best: Callable[[int], bool] = lambda step: False,
    ):
        self._checkpoints, self._is_due, self._is_best = checkpoints, is_due, is_best

    def after_step(self, step, values):
        if self._is_due(step):
            self._checkpoints.save(step)
            if self._is_best(step):
                self._checkpoints.save_best(step)
