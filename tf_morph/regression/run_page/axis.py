"""One axis of a chart: numbers to places, and where its marks stand."""

import math
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

_LOG_FROM_RATIO = 30.0  # greatest to least, above which a course is read better by its logarithm
_MOST_MARKS = 5


class Axis(NamedTuple):
    """From `low` to `high`, drawn from place `start` to place `end`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, values) -> np.ndarray:
        """Places of values; those that are not on the axis are not finite, or lie beyond it."""
        values, low, high = np.asarray(values, np.float64), self.low, self.high
        if self.logarithmic:
            with np.errstate(divide="ignore", invalid="ignore"):
                values, low, high = np.log(values), math.log(low), math.log(high)
        return self.start + (values - low) / (high - low) * (self.end - self.start)

    def marks(self) -> list[float]:
        """Round numbers on the axis, a few."""
        if not self.logarithmic:
            ticks = MaxNLocator(_MOST_MARKS, steps=[1, 2, 5, 10]).tick_values(self.low, self.high)
            slack = 1e-9 * (self.high - self.low)
            return [float(t) for t in ticks if self.low - slack <= t <= self.high + slack]
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1, 3), (1,)):
            marks = [f * 10.0**d for d in decades for f in factors]
            marks = [mark for mark in marks if self.low <= mark <= self.high]
            if len(marks) <= _MOST_MARKS:
                return marks
        return marks[:: math.ceil(len(marks) / _MOST_MARKS)]


def value_axis(values: np.ndarray, start: float, end: float, is_share: bool = False) -> Axis:
    """The axis that fits values, finite ones; logarithmic where they are all above zero and many
    times apart.

    Args:
      is_share: the values are shares, whose axis is linear and begins at zero.
    """
    low, high = float(values.min()), float(values.max())
    if is_share:
        return Axis(min(low, 0.0), max(high, 1e-3), start, end)
    if low > 0.0 and high / low >= _LOG_FROM_RATIO:
        return Axis(low, high, start, end, logarithmic=True)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return Axis(low - margin, high + margin, start, end)
