"""Whether the regressed coefficients are spread as the morphable model's prior says they are.

The prior is standard normal in every component. A finite sample of it has means that are not zero
and variances that are not one, so every figure is shown beside the same figure of as many faces
sampled from the prior.
"""

import numpy as np
import pandas as pd

from tf_morph.regression.coefficient_statistics import FIGURES, component_statistics, summary
from tf_morph.regression.ground_truth_faces import Coefficients


def prior_sample(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Coefficients of shape (N, K) sampled from the prior."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def random_faces(count: int, components: tuple[int, int], seed: int) -> Coefficients:
    """Faces of so many shape and texture components sampled from the prior, float32."""
    values = prior_sample((count, sum(components)), seed).astype(np.float32)
    return Coefficients(*np.split(values, [components[0]], axis=1))


def coefficient_tables(
    groups: dict[str, np.ndarray], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Statistics of each group of coefficients.

    Args:
      groups: name ("shape", "texture") to coefficients [N, K] in standard deviations.
      seed: of the samples of the prior.

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
