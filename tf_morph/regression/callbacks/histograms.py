"""How the coefficients of the same people spread as training goes on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from tf_morph.array_cache import write_arrays
from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.coefficient_statistics import component_statistics, summary
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.metrics_table import MetricsTable


class Histograms(Observer):
    """Shape and texture coefficients read from fixed photographs.

    In TensorBoard, of each: the histogram of all values, those of the components' means and
    variances, and the figures of `coefficient_statistics.summary`; these also as rows of a CSV
    file. The newest coefficients themselves are kept in a file of NumPy's.
    """

    def __init__(
        self,
        decoder: Decoder,
        features: np.ndarray,
        table: MetricsTable,
        newest: Path,
        writer,
        is_due: Callable[[int], bool],
    ):
        """
        Args:
          features: [N, E] the encoder's, of people not trained on.
          newest: where the coefficients go: `shape` [N, K], `texture` [N, L] and `step`.
        """
        self._decoder, self._features = decoder, tf.constant(features)
        self._table, self._newest = table, newest
        self._writer, self._is_due = writer, is_due

    def after_step(self, step, values):
        if not self._is_due(step):
            return
        shape, texture = (part.numpy() for part in self._decoder(self._features))
        groups = {"shape": shape, "texture": texture}
        write_arrays(self._newest, step=step, **groups)
        figures = {
            f"{name}_{figure}": value
            for name, coefficients in groups.items()
            for figure, value in summary(coefficients).items()
        }
        self._table.append(step, figures)
        with self._writer.as_default(step):
            for name, value in figures.items():
                tf.summary.scalar(f"coefficients/{name}", value)
            for name, coefficients in groups.items():
                _write_histograms(name, coefficients)


def _write_histograms(name: str, coefficients: np.ndarray) -> None:
    statistics = component_statistics(coefficients)
    tf.summary.histogram(f"coefficients/{name}", coefficients)
    for moment in ("mean", "variance"):
        tf.summary.histogram(f"coefficients/{name}_{moment}s", statistics[moment].to_numpy())
