"""The course of every term, in numbers."""

from collections.abc import Callable

import pandas as pd
import tensorflow as tf

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.metrics_table import MetricsTable


class Scalars(Observer):
    """Each interval's mean of every value: a row of a CSV file, and TensorBoard.

    Intervals must end where checkpoints are saved, so that a run that goes on from one has the
    same means.
    """

    def __init__(self, table: MetricsTable, writer, is_due: Callable[[int], bool]):
        self._table, self._writer, self._is_due = table, writer, is_due
        self._rows = []

    def after_step(self, step, values):
        self._rows.append(values)
        if self._is_due(step):
            means = pd.DataFrame(self._rows).mean()
            self._rows.clear()
            self._write(step, means.to_dict())

    def _write(self, step: int, means: dict[str, float]) -> None:
        self._table.append(step, means)
        with self._writer.as_default():
            for name, value in means.items():
                tf.summary.scalar(name, value, step=step)
