"""How far each predicted coefficient follows the truth's."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import Coefficients

FIRST = 10  # components of each kind, for the summary


def correlations(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Pearson's correlation [K] of each column of [N, K]; 0 where one of the two never varies."""
    predicted, true = (values - values.mean(axis=0) for values in (predicted, true))
    lengths = np.linalg.norm(predicted, axis=0) * np.linalg.norm(true, axis=0)
    products = np.sum(predicted * true, axis=0)
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0.0)


def correlation_table(methods: Mapping[str, Coefficients], true: Coefficients) -> pd.DataFrame:
    """A row a component: (coefficients, component, and each method's correlation).

    Args:
      methods: name to [N] predicted faces.
      true: [N] true faces, projected into the same model.
    """
    tables = []
    for kind, values in true._asdict().items():
        table = {"coefficients": kind, "component": np.arange(values.shape[1])}
        for name, faces in methods.items():
            table[name] = correlations(getattr(faces, kind), values)
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def correlation_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Means over the components of a `correlation_table`: the first `FIRST`, and all, a kind.

    Returns:
      A row each: (coefficients, components, and each method's mean).
    """
    rows = []
    for kind, of_kind in table.groupby("coefficients", sort=False):
        methods = of_kind.drop(columns=["coefficients", "component"])
        for count in dict.fromkeys((min(FIRST, len(methods)), len(methods))):
            means = methods.iloc[:count].mean().to_dict()
            rows.append({"coefficients": kind, "components": count} | means)
    return pd.DataFrame(rows)
