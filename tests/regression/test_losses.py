"""The losses against their definitions written out in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.losses import (
    batch_covariance_loss,
    batch_distribution_loss,
    coefficient_distance,
    identity_loss,
    low_frequency_color_loss,
    view_cosines,
)
from tf_morph.regression.replicas import global_covariance


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_view_cosines_pair_each_view_with_its_own_photograph():
    rng = np.random.default_rng(0)
    rendered, photographed = rng.normal(size=(6, 5)), rng.normal(size=(2, 5))
    expected = [[cosine(rendered[f * 3 + n], photographed[f]) for n in range(3)] for f in range(2)]
    np.testing.assert_allclose(view_cosines(rendered, photographed), expected, rtol=1e-6)


def test_identity_loss_averages_outputs_and_ignores_length():
    rng = np.random.default_rng(1)
    photographed = {name: rng.normal(size=(2, 4)) for name in "ab"}
    same = {name: 3.0 * values for name, values in photographed.items()}
    opposite = same | {"b": -same["b"]}
    assert identity_loss(same, photographed, ("a", "b")).numpy() == pytest.approx(0, abs=1e-7)
    assert identity_loss(opposite, photographed, ("a", "b")).numpy() == pytest.approx(1.0)
    assert identity_loss(opposite, photographed, ("b",)).numpy() == pytest.approx(2.0)


def distribution_loss_of(values):
    return batch_distribution_loss(*tf.nn.moments(tf.constant(values), axes=[0])).numpy()


def test_batch_distribution_loss_is_moments_against_the_prior():
    values = np.random.default_rng(2).normal(1.5, 2.0, size=(7, 3))
    expected = np.mean(values.mean(0) ** 2 + (values.var(0) - 1) ** 2)
    np.testing.assert_allclose(distribution_loss_of(values), expected, rtol=1e-6)


def covariance_loss_of(values):
    return float(batch_covariance_loss(np.cov(values, rowvar=False, bias=True).astype(np.float32)))


def naive_correlations(values):
    """Squared, of every two different components, written out."""
    deviations = values - values.mean(0)
    spreads = np.sqrt((deviations**2).mean(0))
    found = []
    for i in range(values.shape[1]):
        for j in range(values.shape[1]):
            if i != j:
                both = np.mean(deviations[:, i] * deviations[:, j])
                found.append((both / spreads[i] / spreads[j]) ** 2)
    return found


def test_batch_covariance_loss_is_the_mean_squared_correlation():
    rng = np.random.default_rng(5)
    values = rng.normal(1.5, 2.0, size=(11, 4)) @ rng.normal(size=(4, 4))
    np.testing.assert_allclose(
        covariance_loss_of(values), np.mean(naive_correlations(values)), rtol=1e-5
    )
    scaled = values * [0.1, 1.0, 7.0, 30.0] + 5.0  # means and variances are another loss'
    np.testing.assert_allclose(covariance_loss_of(scaled), covariance_loss_of(values), rtol=1e-4)


def test_batch_covariance_loss_of_known_batches():
    signs = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    assert covariance_loss_of(signs) == pytest.approx(0.0, abs=1e-12)
    doubled = signs[:, [0, 0, 1]]  # of 6 pairs of different columns, 2 are of equal ones
    assert covariance_loss_of(doubled) == pytest.approx(1 / 3)
    assert covariance_loss_of(doubled * [1, -3, 1]) == pytest.approx(1 / 3)
    assert covariance_loss_of(signs[:, [0, 0]]) == pytest.approx(1.0)
    assert covariance_loss_of(signs * 0.0) == 0.0  # no variance: no correlation, and no nan
    assert batch_covariance_loss(tf.ones((1, 1))).numpy() == 0.0
    prior = np.random.default_rng(6).normal(size=(4000, 30))
    assert covariance_loss_of(prior) == pytest.approx(1 / 4000, rel=0.2)


def test_a_batch_without_variance_has_a_finite_gradient():
    values = tf.constant(np.random.default_rng(7).normal(size=(5, 3)) * [1.0, 0.0, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(values)
        loss = batch_covariance_loss(global_covariance(tf.cast(values, tf.float32)))
    gradient = tape.gradient(loss, values).numpy()
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


def test_low_frequency_color_loss_pairs_each_view_with_its_own_photograph():
    rng = np.random.default_rng(8)
    rendered, photographed = rng.normal(size=(6, 5)), rng.normal(size=(2, 5))
    differences = [rendered[f * 3 + n] - photographed[f] for f in range(2) for n in range(3)]
    np.testing.assert_allclose(
        low_frequency_color_loss(rendered, photographed), np.mean(np.square(differences))
    )


def test_batch_distribution_loss_rises_with_bias_and_with_collapse():
    rng = np.random.default_rng(3)
    prior = rng.normal(size=(4000, 5))
    assert distribution_loss_of(prior) < 0.01
    assert distribution_loss_of(prior + 1.0) == pytest.approx(1.0, abs=0.1)
    assert distribution_loss_of(prior * 0.0) == pytest.approx(1.0)


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (0.4, 0.002)])
def test_coefficient_distance_weighs_shape_and_texture(weights):
    rng = np.random.default_rng(4)
    shape, shape_target = rng.normal(size=(2, 3, 4))
    texture, texture_target = rng.normal(size=(2, 3, 6))
    expected = weights[0] * np.mean((shape - shape_target) ** 2)
    expected += weights[1] * np.mean((texture - texture_target) ** 2)
    loss = coefficient_distance(shape, texture, shape_target, texture_target, *weights)
    np.testing.assert_allclose(loss, expected, rtol=1e-6)


def test_gradients_are_finite_at_zero_features():
    zeros = tf.zeros((2, 4))
    with tf.GradientTape() as tape:
        tape.watch(zeros)
        loss = identity_loss({"a": zeros}, {"a": tf.ones((2, 4))}, ("a",))
    assert np.isfinite(tape.gradient(loss, zeros)).all()
