"""What an evaluation says in the terminal: the figures that matter, in a few lines."""

from tf_morph.evaluation import tables
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.run_tables import geometry_table, recall_summary


def summary(measurements: Measurements) -> str:
    """Recall a line a method; beside the truth, where it is known, geometry and correlation."""
    recall = recall_summary(measurements)
    parts = [f"{recall.caption}\n{tables.to_markdown(*recall.as_shown)}"]
    if measurements.truth is not None:
        parts += [
            tables.to_markdown(*geometry_table(measurements.truth).as_shown),
            _correlations(measurements),
        ]
    return "\n".join(parts)


def _correlations(measurements: Measurements) -> str:
    means = measurements.truth.correlation_means
    methods = means.columns[2:]
    lines = [
        f"Correlation with the truth, {row['coefficients']}, first {row['components']}: "
        + ", ".join(f"{name} {row[name]:.2f}" for name in methods)
        for _, row in means.iterrows()
    ]
    return "\n".join(lines) + "\n"
