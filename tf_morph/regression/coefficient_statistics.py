"""How regressed coefficients are spread, each component's moments and a few figures; the prior."""

import numpy as np
import pandas as pd

from tf_morph.regression.ground_truth_faces import Coefficients

FIGURES = {
    "drift": "mean over components of the absolute mean",
    "largest_mean": "largest absolute mean of a component",
    "mean_variance": "mean over components of the variance",
    "least_variance": "least variance of a component",
    "largest_variance": "largest variance of a component",
    "independent_share": "share of the components that vary independently (participation ratio)",
    "largest_coefficient": "largest absolute coefficient of any face",
}


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
    """Coefficients of shape (N, K) sampled from the prior."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def random_faces(count: int, components: tuple[int, int], seed: int) -> Coefficients:
    """Faces of so many shape and texture components sampled from the prior, float32."""
    values = prior_sample((count, sum(components)), seed).astype(np.float32)
    return Coefficients(*np.split(values, [components[0]], axis=1))
