"""The figures of an evaluation drawn from its tables, as PNG bytes by file name."""

import re

from tf_morph.evaluation import plots
from tf_morph.evaluation.measurements import Measurements

RECALL, COEFFICIENTS = "recall.png", "coefficients.png"
CORRELATIONS = "truth_coefficients.png"


def similarity_file(network: str, role: str) -> str:
    """The name of a network's histogram."""
    return f"similarity_{role}_{re.sub(r'[^A-Za-z0-9_-]+', '_', network)}.png"


def draw_figures(measurements: Measurements, people: int) -> dict[str, bytes]:
    """All figures; `people` are those whose coefficients were regressed."""
    figures = {
        similarity_file(network, role): plots.similarity_figure(cosines, network, role)
        for (network, role), cosines in measurements.cosines.items()
    }
    figures[RECALL] = plots.recall_figure(measurements.recall)
    figures[COEFFICIENTS] = plots.coefficients_figure(measurements.components, people)
    if measurements.truth is not None:
        figures[CORRELATIONS] = plots.correlations_figure(measurements.truth.correlations)
    return {name: plots.png(figure) for name, figure in figures.items()}
