"""How sure a mean over people is."""

from typing import NamedTuple

import numpy as np


class Share(NamedTuple):
    """A mean over people and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def mean_interval(values: np.ndarray) -> Share:
    """The mean of [N] values and 1.96 standard errors to either side; none to one value."""
    mean = float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return Share(mean, mean - 1.959964 * error, mean + 1.959964 * error)
