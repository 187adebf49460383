"""The run's page, made anew as training goes on."""

import sys
from collections.abc import Callable

from absl import logging

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import write_page
from tf_morph.regression.run_page.state import FINISHED, STOPPED, TRAINING, RunState

_LONGEST_REASON = 400  # characters


class RunPage(Observer):
    """Rewrites `index.html` and `state.json` when there is something new, and at the end."""

    def __init__(
        self, folder: RunFolder, first_step: int, steps: int, is_due: Callable[[int], bool]
    ):
        self._folder, self._steps, self._is_due = folder, steps, is_due
        self._step = first_step

    def after_step(self, step, values):
        self._step = step
        if self._is_due(step) and step < self._steps:
            self._write(TRAINING)

    def after_training(self):
        # Also called while an error passes through, which is then why training ends.
        error = sys.exception()
        if error is not None:
            self._write(STOPPED, _why(error))
        else:
            early = self._step < self._steps
            self._write(FINISHED, "ended early" if early else "")

    def _write(self, state: str, reason: str = "") -> None:
        try:
            RunState(state, self._step, self._steps, reason).save(self._folder.state)
            write_page(self._folder.path)
        except Exception as error:  # noqa: BLE001
            # A page is not worth a run: not for a full disk, nor for a fault of the page's own.
            logging.warning("%s: not written (%s)", self._folder.page, error)


def _why(error: BaseException) -> str:
    """One line: TensorFlow's errors tell their whole history."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    lines = str(error).strip().splitlines()
    return lines[0][:_LONGEST_REASON] if lines else type(error).__name__
