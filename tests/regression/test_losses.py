"""The losses against their definitions written out in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.losses import (
    batch_distribution_loss,
    coefficient_distance,
    identity_loss,
    view_cosines,
)


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
