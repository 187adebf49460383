"""Recall of held-out people: which checkpoint is best, and when to stop."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.metrics_table import MetricsTable, read_column

RECALL = "recall_top1"


class Validation(Observer):
    """Measures recall at its time: a row of a CSV file, and TensorBoard.

    That file is all its memory, so that a run which goes on knows its best and its patience.
    """

    def __init__(
        self,
        recall: Callable[[], float],
        table: MetricsTable,
        writer,
        is_due: Callable[[int], bool],
        patience: int,
    ):
        """
        Args:
          recall: as the decoder is now, in [0, 1].
          patience: how many times in a row it may fail to rise before training ends; 0: for ever.
        """
        self._recall, self._table, self._writer = recall, table, writer
        self._is_due, self._patience = is_due, patience

    def after_step(self, step, values):
        if not self._is_due(step):
            return
        recall = self._recall()
        self._table.append(step, {RECALL: recall})
        with self._writer.as_default():
            tf.summary.scalar(f"validation/{RECALL}", recall, step=step)
        recalls = self._table.column(RECALL)
        self.ends_training = has_ended(recalls, self._patience)

    def is_best(self, step: int) -> bool:
        """Whether recall is highest, and was first, after that step."""
        return best_step(self._table.column(RECALL)) == step


def best_step(recalls: dict[int, float]) -> int | None:
    """The first step of the highest recall; None where none was measured."""
    return max(recalls, key=recalls.get, default=None)


def has_ended(recalls: dict[int, float], patience: int) -> bool:
    """Whether recall has failed to rise so many times in a row."""
    since = [step for step in recalls if step > (best_step(recalls) or 0)]
    return 0 < patience <= len(since)


def ended_before(path: Path, step: int, patience: int) -> bool:
    """Whether a run that has made `step` steps was ended there, by the table it left."""
    recalls = {at: value for at, value in read_column(path, RECALL).items() if at <= step}
    return has_ended(recalls, patience)
