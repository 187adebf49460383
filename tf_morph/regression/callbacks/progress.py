"""One line over the whole run."""

import sys
import time
from collections.abc import Callable, Mapping

from tqdm import tqdm

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.callbacks.speed import StepRate
from tf_morph.regression.losses import TERMS

_SHOWN = ("loss", *TERMS)
_SMOOTHING = 0.95  # of a loss, what stays from one step to the next
_SECONDS_IN_TERMINAL, _SECONDS_IN_LOG = 0.5, 30.0  # between two lines
_LAYOUT = (
    "{desc} {percentage:3.0f}% |{bar:12}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
)


class ProgressBar(Observer):
    """Steps made and to make, time left, images drawn a second, and the losses, smoothed.

    In a terminal one line that is written over; elsewhere, as in a log, a line every half minute
    and one at the end.
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
        self._in_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=steps,
            initial=first_step,
            desc="training",
            mininterval=_SECONDS_IN_TERMINAL,
            dynamic_ncols=True,
            bar_format=_LAYOUT,
            disable=not self._in_terminal,
        )
        self._step, self._steps = first_step, steps
        self._stage, self._rate = stage, StepRate(images)
        self._start = self._shown = time.perf_counter()
        self._losses: dict[str, float] = {}

    def after_step(self, step, values):
        self._step = step
        self._rate.after_step(step)
        self._smooth(values)
        interval = _SECONDS_IN_TERMINAL if self._in_terminal else _SECONDS_IN_LOG
        if time.perf_counter() - self._shown >= interval:
            self._show()
        self._bar.update()

    def after_training(self):
        self._show()
        self._bar.close()

    def _smooth(self, values: Mapping[str, float]) -> None:
        """Losses of other stages are forgotten."""
        self._losses = {
            name: _SMOOTHING * self._losses.get(name, values[name])
            + (1.0 - _SMOOTHING) * values[name]
            for name in _SHOWN
            if name in values
        }

    def _show(self) -> None:
        self._shown = time.perf_counter()
        stage, figures = self._stage(self._step) or "training", self._figures()
        if self._in_terminal:
            self._bar.set_description_str(stage, refresh=False)
            self._bar.set_postfix_str(figures, refresh=False)
            return
        elapsed = tqdm.format_interval(self._shown - self._start)
        left = tqdm.format_interval((self._steps - self._step) * self._rate.seconds_a_step())
        counted = f"{self._step}/{self._steps} [{elapsed}<{left}"
        print(f"{stage} {counted}, {figures}]", file=sys.stderr, flush=True)

    def _figures(self) -> str:
        rate = self._rate.images_a_second()
        rates = (f"{rate:.0f} images/s",) if rate else ()
        return ", ".join((*rates, *(f"{name} {value:.3g}" for name, value in self._losses.items())))
