"""How fast a run draws."""

import time
from collections import deque
from collections.abc import Callable

import tensorflow as tf

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.metrics_table import MetricsTable

_RECENT_STEPS = 50


class StepRate:
    """How fast the last 50 steps were, or those there were."""

    def __init__(self, images: Callable[[int], int]):
        """
        Args:
          images: how many a step, counted from 1, draws.
        """
        self._images = images
        self._ends = deque([(time.perf_counter(), 0)], maxlen=_RECENT_STEPS + 1)

    def after_step(self, step: int) -> None:
        """Counts a step that has just ended."""
        self._ends.append((time.perf_counter(), self._images(step)))

    def seconds_a_step(self) -> float:
        """0 before the first."""
        return self._seconds() / max(len(self._ends) - 1, 1)

    def images_a_second(self) -> float:
        """Of those drawn; 0 before the first step."""
        drawn = sum(images for _, images in self._ends) - self._ends[0][1]
        return drawn / self._seconds() if drawn else 0.0

    def _seconds(self) -> float:
        return max(self._ends[-1][0] - self._ends[0][0], 1e-9)


class Speed(Observer):
    """Images drawn a second and seconds of each interval: a row of a CSV file, and TensorBoard.

    A file of its own, for no two runs have the same, while their losses may be.
    """

    def __init__(
        self,
        table: MetricsTable,
        writer,
        is_due: Callable[[int], bool],
        images: Callable[[int], int],
    ):
        self._table, self._writer, self._is_due, self._images = table, writer, is_due, images
        self._drawn, self._since = 0, time.perf_counter()

    def after_step(self, step, values):
        self._drawn += self._images(step)
        if self._is_due(step):
            now = time.perf_counter()
            seconds = max(now - self._since, 1e-9)
            row = {"images_per_second": self._drawn / seconds, "seconds": seconds}
            self._drawn, self._since = 0, now
            self._table.append(step, row)
            with self._writer.as_default():
                for name, value in row.items():
                    tf.summary.scalar(f"speed/{name}", value, step=step)
