"""What the figures of an ablation show, read back from their artists."""

import numpy as np
import pandas as pd
import pytest

from tf_morph.ablation.plots import collapse_figure, fooling_figure
from tf_morph.ablation.variants import Variant
from tf_morph.evaluation.plots import png

NAMES = ("full", "no_batch", "never_run")
JUDGES = dict(zip(NAMES, ("judge", "judge", "another"), strict=True))
FIGURES = {
    **{"held_out_top1_84": 0.5, "training_top1_84": 0.9},
    **{"held_out_turned_top1_84": 0.4, "training_turned_top1_84": 0.7},
    **{"drift_shape": 0.2, "drift_texture": 0.1},
    **{"mean_variance_shape": 0.8, "mean_variance_texture": 0.9},
}


@pytest.fixture
def variants():
    return {name: Variant(name, name, {}) for name in NAMES}


@pytest.fixture
def results():
    """Two variants under two seeds, the second variant's figures half the first's."""
    rows = [
        (name, seed, "ours", figure, share * (value + 0.1 * seed))
        for name, share in zip(NAMES[:2], (1.0, 0.5), strict=True)
        for seed in (0, 1)
        for figure, value in FIGURES.items()
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", "method", "figure", "value"])


def _points(axes):
    """Label to (x, y) of the dots of each group."""
    return {c.get_label(): c.lines[0].get_xydata() for c in axes.containers}


def test_fooling_pairs_the_training_networks_recall_with_the_judges(results, variants):
    front, side = fooling_figure(results, variants, JUDGES).axes
    points = _points(front)
    judge = points["by the judge, which took no part in training"]
    training = points["by the network trained on"]
    np.testing.assert_allclose(judge, [[55.0, 2.0], [27.5, 1.0], [np.nan, 0.0]])
    np.testing.assert_allclose(training[:2, 0], [95.0, 47.5])
    np.testing.assert_allclose(_points(side)["by the network trained on"][0, 0], 75.0)
    assert [label.get_text() for label in front.get_yticklabels()] == [
        *("full", "no batch", "never run\njudge: another"),
    ]


def test_collapse_stands_beside_the_priors_drift_and_variance(results, variants):
    drift, variance = collapse_figure(results, variants).axes
    np.testing.assert_allclose(_points(drift)["shape"][:2, 0], [0.25, 0.125])
    np.testing.assert_allclose(_points(variance)["texture"][:2, 0], [0.95, 0.475])
    assert [axes.lines[0].get_xdata()[0] for axes in (drift, variance)] == [0.0, 1.0]


def test_deviation_over_seeds_is_drawn(results, variants):
    axes = fooling_figure(results, variants, JUDGES).axes[0]
    (bars,) = axes.containers[1].lines[2]
    np.testing.assert_allclose(
        np.ptp(bars.get_segments()[0][:, 0]), 2 * 100 * np.std([0.5, 0.6], ddof=1)
    )


def test_figures_are_drawn_of_one_seed_and_without_a_judge(results, variants):
    alone = results[(results["seed"] == 0) & ~results["figure"].str.startswith("held_out")]
    for figure in (fooling_figure(alone, variants, JUDGES), collapse_figure(alone, variants)):
        assert png(figure).startswith(b"\x89PNG")
