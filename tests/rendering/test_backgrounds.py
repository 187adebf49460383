"""Random backgrounds: in range, fixed by their seed, with things where there should be."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.rendering.backgrounds import cluttered_background, random_background

SEED = tf.constant([3, 4])


@pytest.mark.parametrize("draw", [random_background, cluttered_background])
def test_they_are_fixed_by_their_seed_and_in_range(draw):
    contrast = tf.fill([4], 0.2)
    first, again = draw(4, 20, 24, SEED, contrast), draw(4, 20, 24, SEED, contrast)
    other = draw(4, 20, 24, SEED + 1, contrast)
    assert first.shape == (4, 20, 24, 3)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.05
    assert 0 <= first.numpy().min() <= first.numpy().max() <= 1


@pytest.mark.parametrize("draw", [random_background, cluttered_background])
def test_without_contrast_they_are_plain(draw):
    background = draw(4, 20, 20, SEED, tf.zeros([4])).numpy()
    assert np.ptp(background, axis=(1, 2)).max() < 1e-6


def test_clutter_has_edges_that_smooth_fields_have_not():
    def steepest(draw):
        background = draw(16, 64, 64, SEED, tf.fill([16], 0.15)).numpy()
        return np.abs(np.diff(background, axis=2)).max(axis=(1, 2, 3)).mean()

    assert steepest(cluttered_background) > 2 * steepest(random_background)
