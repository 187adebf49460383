"""What an evaluation says in the terminal: the figures that matter, in a few lines."""

import pandas as pd

from tf_morph.evaluation import tables
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.run_tables import geometry_table


def summary(measurements: Measurements) -> str:
    """Recall a line a method; beside the truth, where it is known, geometry and correlation."""
    parts = [_recall(measurements.recall)]
    if measurements.truth is not None:
        parts += [
            tables.to_markdown(*geometry_table(measurements.truth).as_shown),
            _correlations(measurements),
        ]
    return "\n".join(parts)


def _recall(recall: pd.DataFrame) -> str:
    shown = pd.DataFrame({"method": recall["method"].unique()})
    networks = recall[["role", "network"]].drop_duplicates()
    for (role, gallery), table in recall.groupby(["role", "gallery"], sort=False):
        cells = {
            row.method: f"{100 * row.top1:.1f} / {100 * row.top5:.1f}" for row in table.itertuples()
        }
        shown[f"{role}, {gallery:,}"] = shown["method"].map(cells)
    named = "; ".join(f"{row.role} is {row.network}" for row in networks.itertuples())
    heading = f"Recall, top-1 / top-5, %, by network ({named}) and size of the gallery:\n"
    return heading + tables.to_markdown(shown, formats=dict.fromkeys(shown.columns[1:], str))


def _correlations(measurements: Measurements) -> str:
    means = measurements.truth.correlation_means
    methods = means.columns[2:]
    lines = [
        f"Correlation with the truth, {row['coefficients']}, first {row['components']}: "
        + ", ".join(f"{name} {row[name]:.2f}" for name in methods)
        for _, row in means.iterrows()
    ]
    return "\n".join(lines) + "\n"
