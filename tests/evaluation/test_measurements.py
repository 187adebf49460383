"""The tables of regressed coefficients beside the prior's."""

import numpy as np

from tf_morph.evaluation.measurements import coefficient_tables
from tf_morph.regression.coefficient_statistics import FIGURES, prior_sample


def test_tables_hold_both_groups_beside_the_prior():
    groups = {"shape": prior_sample((300, 5), 3) + 1.0, "texture": prior_sample((300, 2), 4)}
    components, figures = coefficient_tables(groups, seed=0)
    assert list(components.columns) == ["coefficients", "component", "mean", "variance"]
    assert list(components["coefficients"]) == ["shape"] * 5 + ["texture"] * 2
    assert len(figures) == 2 * len(FIGURES)
    drift = figures[figures["figure"] == "drift"].set_index("coefficients")
    assert drift.loc["shape", "ours"] > 0.8 and drift.loc["shape", "prior"] < 0.1
    # Half a normal's mean, of means of 300 draws.
    assert drift.loc["texture", "ours"] < 4 / np.sqrt(300)
