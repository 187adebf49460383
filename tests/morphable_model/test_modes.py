"""Any modes become an orthonormal basis of the same distribution."""

import numpy as np
import pytest

from tf_morph.morphable_model.modes import basis_of_modes


@pytest.mark.parametrize("correlated", [0.0, 0.7])
def test_orthonormal_columns_and_the_same_covariance(correlated):
    rng = np.random.default_rng(3)
    modes = rng.standard_normal((7, 20, 3)) + correlated * rng.standard_normal((1, 20, 3))
    linear = basis_of_modes(np.zeros((20, 3)), modes)
    np.testing.assert_allclose(linear.basis.T @ linear.basis, np.eye(7), atol=1e-6)
    assert np.all(np.diff(linear.standard_deviations) <= 0)
    scaled = linear.basis * linear.standard_deviations
    flat = modes.reshape(7, -1)
    np.testing.assert_allclose(scaled @ scaled.T, flat.T @ flat, atol=1e-4)


def test_a_repeated_mode_becomes_one_without_variance():
    mode = np.random.default_rng(0).standard_normal((1, 5, 3))
    linear = basis_of_modes(np.zeros((5, 3)), np.concatenate([mode, mode]))
    np.testing.assert_allclose(
        linear.standard_deviations, [np.sqrt(2) * np.linalg.norm(mode), 0], atol=1e-6
    )
    np.testing.assert_allclose(linear.basis.T @ linear.basis, np.eye(2), atol=1e-6)


def test_signs_do_not_depend_on_the_modes_signs():
    modes = np.random.default_rng(1).standard_normal((3, 9, 3))
    first = basis_of_modes(np.zeros((9, 3)), modes).basis
    np.testing.assert_allclose(basis_of_modes(np.zeros((9, 3)), -modes).basis, first, atol=1e-6)
