"""The clipping of gradients."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.optimizer import clip_gradients

GRADIENTS = [tf.constant([3.0, 0.0]), tf.constant([[4.0]])]  # of norm 5


@pytest.mark.parametrize("limit", [0.5, 5.0, 7.0])
def test_gradients_are_clipped_as_tensorflow_does(limit):
    clipped, norm = clip_gradients(GRADIENTS, limit)
    expected, expected_norm = tf.clip_by_global_norm(GRADIENTS, limit)
    assert norm == expected_norm == 5.0
    for one, other in zip(clipped, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_limit_of_0_is_none():
    clipped, norm = clip_gradients(GRADIENTS, 0.0)
    assert clipped is GRADIENTS and norm == 5.0


@pytest.mark.parametrize("damage", [np.nan, np.inf])
def test_gradients_that_are_not_finite_stay_where_they_are(damage):
    clipped, norm = clip_gradients([tf.constant([damage, 1.0]), tf.constant([4.0])], 1.0)
    assert not np.isfinite(norm)
    np.testing.assert_array_equal(clipped[0], [damage, 1.0])
    np.testing.assert_array_equal(clipped[1], [4.0])
