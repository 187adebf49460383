"""Optimisers and schedules by name; the clipping of gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.default_config import default_config
from tf_morph.regression.optimizer import (
    OPTIMIZERS,
    SCHEDULES,
    clip_gradients,
    make_optimizer,
)

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


def _settings(**changes):
    settings = default_config().training
    settings.update({"steps": 100, "warmup_steps": 10, "learning_rate": 0.5} | changes)
    return settings


def _rates(settings, peaks=()):
    rate = make_optimizer(settings, peaks)._learning_rate
    return np.array([rate(tf.constant(step, tf.int64)).numpy() for step in range(101)])


def test_the_usual_schedule_is_keras_s_cosine_after_a_warm_up():
    expected = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=90, warmup_target=0.5, warmup_steps=10
    )
    found = _rates(_settings())
    np.testing.assert_allclose(found, [expected(step) for step in range(101)], atol=1e-6)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_rises_to_the_peak_and_ends_as_it_is_told(name):
    found = _rates(_settings(learning_rate_schedule=name, final_learning_rate=0.1))
    np.testing.assert_allclose(found[:11], np.linspace(0.0, 0.5, 11), rtol=1e-6)
    assert found[100] == pytest.approx(0.5 if name == "constant" else 0.05, rel=1e-5)
    assert (np.diff(found[10:]) <= 0).all()


def test_a_stage_s_peak_scales_the_schedule_while_it_lasts():
    plain, staged = _rates(_settings()), _rates(_settings(), [(0, 0.5), (40, 0.25)])
    np.testing.assert_allclose(staged[:40], plain[:40])
    np.testing.assert_allclose(staged[40:], plain[40:] / 2)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_downhill(name):
    optimizer = make_optimizer(
        _settings(optimizer=name, weight_decay=1e-4, learning_rate=0.05, warmup_steps=0)
    )
    weight = keras.Variable([3.0, -2.0])
    for _ in range(80):
        optimizer.apply([2.0 * weight], [weight])
    assert np.linalg.norm(weight) < 1.8
