"""The course of every term, in numbers."""

from pathlib import Path

import pandas as pd
import tensorflow as tf

from tf_morph.regression.callbacks.observer import Observer, is_due


class Scalars(Observer):
    """Each interval's mean of every value: a row of a CSV file, and TensorBoard."""

    def __init__(self, path: Path, writer, first_step: int, every: int, steps: int):
        self._path, self._writer = path, writer
        self._every, self._steps = every, steps
        self._rows = []
        if first_step:
            self._drop_rows_after(first_step)
        else:
            path.unlink(missing_ok=True)

    def after_step(self, step, values):
        self._rows.append(values)
        if is_due(step, self._every, self._steps):
            means = pd.DataFrame(self._rows).mean()
            self._rows.clear()
            self._write(step, means.to_dict())

    def _write(self, step: int, means: dict[str, float]) -> None:
        row = pd.DataFrame([{"step": step} | means])
        row.to_csv(self._path, mode="a", header=not self._path.exists(), index=False)
        with self._writer.as_default():
            for name, value in means.items():
                tf.summary.scalar(name, value, step=step)

    def _drop_rows_after(self, step: int) -> None:
        """A run cut off after its last checkpoint makes those steps again."""
        if self._path.exists():
            rows = pd.read_csv(self._path)
            rows[rows["step"] <= step].to_csv(self._path, index=False)
