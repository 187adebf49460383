"""One line over the whole run."""

import sys
from collections.abc import Callable, Mapping

from tqdm import tqdm

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.callbacks.speed import ImageRate
from tf_morph.regression.losses import TERMS

_SHOWN = ("loss", *TERMS)
_SMOOTHING = 0.95  # of a loss, what stays from one step to the next
_SECONDS_IN_TERMINAL, _SECONDS_IN_FILE = 0.5, 30.0  # between two lines
_LAYOUT = (
    "{desc} {percentage:3.0f}% |{bar:12}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
)
_LAYOUT_IN_FILE = "{desc} {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]\n"


class ProgressBar(Observer):
    """Steps made and to make, time left, images drawn a second, and the losses, smoothed.

    In a terminal one line that is written over; elsewhere, as in a log, a line every half minute.
    """

    def __init__(
        self,
        first_step: int,
        steps: int,
        images: Callable[[int], int] = lambda step: 0,
        stage: Callable[[int], str] = lambda step: "",
    ):
        """
        Args:
          first_step: steps made before.
          steps: the last step's number.
          images: how many pictures a step draws; 0: they are not told.
          stage: the name of the stage a step belongs to, empty where there are none.
        """
        in_terminal = sys.stderr.isatty()
        seconds = _SECONDS_IN_TERMINAL if in_terminal else _SECONDS_IN_FILE
        self._bar = tqdm(
            total=steps,
            initial=first_step,
            desc="training",
            mininterval=seconds,
            maxinterval=max(seconds, 10.0),
            dynamic_ncols=in_terminal,
            bar_format=_LAYOUT if in_terminal else _LAYOUT_IN_FILE,
        )
        self._stage, self._rate = stage, ImageRate(images)
        self._losses: dict[str, float] = {}

    def after_step(self, step, values):
        self._rate.after_step(step)
        self._smooth(values)
        # Formatted for every line that is shown, not for every step.
        if self._bar.n + 1 - self._bar.last_print_n >= self._bar.miniters:
            self._describe(step)
        self._bar.update()

    def after_training(self):
        self._bar.close()

    def _smooth(self, values: Mapping[str, float]) -> None:
        """Losses of other stages are forgotten."""
        self._losses = {
            name: _SMOOTHING * self._losses.get(name, values[name])
            + (1.0 - _SMOOTHING) * values[name]
            for name in _SHOWN
            if name in values
        }

    def _describe(self, step: int) -> None:
        losses = (f"{name} {value:.3g}" for name, value in self._losses.items())
        self._bar.set_description_str(self._stage(step) or "training", refresh=False)
        rate = self._rate.recent()
        rates = (f"{rate:.0f} images/s",) if rate else ()
        self._bar.set_postfix_str(", ".join((*rates, *losses)), refresh=False)
