"""Whether the regressed coefficients are spread as the morphable model's prior says they are.

The prior is standard normal in every component. A finite sample of it has means that are not zero
and variances that are not one, so every figure is shown beside the same figure of as many faces
drawn from the prior.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

FIGURES = {
    "drift": "mean over components of the absolute mean",
    "largest_mean": "largest absolute mean of a component",
    "mean_variance": "mean over components of the variance",
    "least_variance": "least variance of a component",
    "largest_variance": "largest variance of a component",
    "independent_share": "share of the components that vary independently (participation ratio)",
    "largest_coefficient": "largest absolute coefficient of any face",
}


class Coefficients(NamedTuple):
    """Faces of a morphable model: shape [N, K] and texture [N, L] in standard deviations."""

    shape: np.ndarray
    texture: np.ndarray

    def rows(self, chosen: np.ndarray | slice) -> "Coefficients":
        """Some of the faces."""
        return Coefficients(self.shape[chosen], self.texture[chosen])


def component_statistics(coefficients: np.ndarray) -> pd.DataFrame:
    """Mean and variance (divided by N) of each component of coefficients [N, K], K rows."""
    return pd.DataFrame(
        {
            "component": np.arange(coefficients.shape[1]),
            "mean": coefficients.mean(axis=0),
            "variance": coefficients.var(axis=0),
        }
    )


def summary(coefficients: np.ndarray) -> dict[str, float]:
    """The figures of `FIGURES` for coefficients [N, K] in standard deviations."""
    means, variances = coefficients.mean(axis=0), coefficients.var(axis=0)
    return {
        "drift": float(np.mean(np.abs(means))),
        "largest_mean": float(np.max(np.abs(means))),
        "mean_variance": float(np.mean(variances)),
        "least_variance": float(np.min(variances)),
        "largest_variance": float(np.max(variances)),
        "independent_share": participation_ratio(coefficients) / coefficients.shape[1],
        "largest_coefficient": float(np.max(np.abs(coefficients))),
    }


def participation_ratio(coefficients: np.ndarray) -> float:
    """How many directions carry the variance of coefficients [N, K]: tr(C)^2 / tr(C^2).

    K where all components vary alike and independently, 1 where all follow one of them, 0 where
    nothing varies.
    """
    covariance = np.atleast_2d(np.cov(coefficients, rowvar=False, bias=True))
    total, squared = np.trace(covariance), np.sum(covariance**2)
    return float(total**2 / squared) if squared > 0.0 else 0.0


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
