"""The figures of a run's test people, drawn from its tables."""

import re

from tf_morph.evaluation import plots
from tf_morph.evaluation.measurements import Measurements
from tf_morph.evaluation.sections import Plot


def run_plots(measurements: Measurements) -> tuple[Plot, ...]:
    """All figures of an evaluation's tables."""
    figures = [
        Plot(
            "recall",
            "Recall of every method, with 95 % intervals.",
            plots.recall_figure(measurements.recall),
        ),
        *(
            Plot(
                similarity_name(network, role),
                f"Cosines of photographs with one another and with renderings, by {network}.",
                plots.similarity_figure(cosines, network, role),
            )
            for (network, role), cosines in measurements.cosines.items()
        ),
        Plot(
            "coefficients",
            "Mean and variance of each coefficient over unseen people, and the prior's.",
            plots.coefficients_figure(measurements.components, measurements.people),
        ),
    ]
    if measurements.truth is not None:
        caption = "How each coefficient follows the true face's."
        figure = plots.correlations_figure(measurements.truth.correlations)
        figures.append(Plot("truth_coefficients", caption, figure))
    return tuple(figures)


def similarity_name(network: str, role: str) -> str:
    """The name of a network's histogram."""
    return f"similarity_{role}_{re.sub(r'[^A-Za-z0-9_-]+', '_', network)}"
