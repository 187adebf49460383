"""Whether the regressed coefficients are spread as the morphable model's prior says they are.

The prior is standard normal in every component. A finite sample of it has means that are not zero
and variances that are not one, so every figure is shown beside the same figure of as many faces
drawn from the prior.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from tf_morph.regression.coefficient_statistics import FIGURES, component_statistics, summary


class Coefficients(NamedTuple):
    """Faces of a morphable model: shape [N, K] and texture [N, L] in standard deviations."""

    shape: np.ndarray
    texture: np.ndarray

    def rows(self, chosen: np.ndarray | slice) -> "Coefficients":
        """Some of the faces."""
        return Coefficients(self.shape[chosen], self.texture[chosen])


def prior_sample(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Coefficients of shape (N, K) drawn from the prior."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def coefficient_tables(
    groups: dict[str, np.ndarray], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Statistics of each group of coefficients.

    Args:
      groups: name ("shape", "texture") to coefficients [N, K] in standard deviations.
      seed: of the draws from the prior.

    Returns:
      One row a component (coefficients, component, mean, variance), and one row a figure
      (coefficients, figure, ours, prior, meaning).
    """
    components, figures = [], []
    for name, values in groups.items():
        table = component_statistics(values)
        table.insert(0, "coefficients", name)
        components.append(table)
        ours, prior = summary(values), summary(prior_sample(values.shape, seed))
        figures += [
            (name, figure, ours[figure], prior[figure], meaning)
            for figure, meaning in FIGURES.items()
        ]
    columns = ["coefficients", "figure", "ours", "prior", "meaning"]
    return pd.concat(components, ignore_index=True), pd.DataFrame(figures, columns=columns)
