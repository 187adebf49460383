"""Statistics of coefficients against what is known of the samples they are taken from."""

import numpy as np
import pytest

from tf_morph.regression.coefficient_statistics import (
    component_statistics,
    participation_ratio,
    prior_sample,
    summary,
)


def test_component_statistics():
    table = component_statistics(np.array([[0.0, 3.0], [2.0, 3.0]]))
    np.testing.assert_array_equal(table["component"], [0, 1])
    np.testing.assert_allclose(table["mean"], [1.0, 3.0])
    np.testing.assert_allclose(table["variance"], [1.0, 0.0])


def test_summary_of_a_shifted_and_scaled_prior():
    values = 2.0 * prior_sample((20_000, 8), seed=0) + np.array([0.5] * 4 + [-0.5] * 4)
    found = summary(values)
    assert found["drift"] == pytest.approx(0.5, abs=0.02)
    assert found["mean_variance"] == pytest.approx(4.0, rel=0.02)
    assert found["least_variance"] <= found["mean_variance"] <= found["largest_variance"]
    assert found["independent_share"] == pytest.approx(1.0, abs=0.01)
    assert found["largest_coefficient"] == np.max(np.abs(values))


def test_collapse_shows_though_mean_and_variance_look_right():
    # Every component the same: each is standard normal by itself.
    values = np.repeat(prior_sample((5000, 1), seed=1), 10, axis=1)
    found = summary(values)
    assert found["mean_variance"] == pytest.approx(1.0, abs=0.1) and found["drift"] < 0.1
    assert found["independent_share"] == pytest.approx(0.1)


def test_one_face_for_everybody():
    found = summary(np.full((50, 6), 0.3))
    assert found["mean_variance"] == pytest.approx(0.0, abs=1e-12)
    assert participation_ratio(np.zeros((50, 6))) == 0.0
    assert found["drift"] == pytest.approx(0.3)


def test_one_component():
    assert participation_ratio(prior_sample((100, 1), seed=2)) == pytest.approx(1.0)
