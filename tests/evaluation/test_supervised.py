"""Regressors trained on true coefficients: they find what the features hold, and no more."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.evaluation.ground_truth import linear_prediction, train_supervised
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.ground_truth_faces import Coefficients

FEATURES, SHAPES, COLORS = 24, 4, 3


def _people(count, seed, noise):
    """Features [N, F] linear in the coefficients but for noise, and the coefficients."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, SHAPES + COLORS)).astype(np.float32)
    mixing = np.random.default_rng(0).normal(size=(values.shape[1], FEATURES))
    features = 3.0 + values @ mixing + noise * random.normal(size=(count, FEATURES))
    return features.astype(np.float32), Coefficients(values[:, :SHAPES], values[:, SHAPES:])


def _decoded(features, true, asked, seed=0):
    decoder = Decoder(SHAPES, COLORS, (64, 64), seed=seed)
    decoder.build((None, FEATURES))
    train_supervised(decoder, features, true, seed)
    return Coefficients(*(values.numpy() for values in decoder(tf.constant(asked))))


def _linear(features, true, asked):
    return linear_prediction(features, true, asked)


@pytest.mark.parametrize("regressed", [_decoded, _linear])
def test_what_the_features_hold_is_found(regressed):
    asked, wanted = _people(300, 2, 0.5)
    found = regressed(*_people(3000, 1, 0.5), asked)
    for predicted, true in zip(found, wanted, strict=True):
        assert predicted.shape == true.shape and predicted.dtype == np.float32
        # The mean face's error is 1.
        assert np.mean(np.square(predicted - true)) < 0.2


def test_features_that_say_nothing_give_the_mean_face():
    random = np.random.default_rng(3)
    _, true = _people(400, 1, 0.0)
    features = random.normal(size=(400, FEATURES)).astype(np.float32)
    found = linear_prediction(features, true, random.normal(size=(50, FEATURES)))
    assert np.abs(np.concatenate(found, axis=1)).max() < 0.3


def test_a_feature_that_never_varies_does_no_harm():
    features, true = _people(400, 1, 0.1)
    features[:, 0] = 7.0
    found = linear_prediction(features, true, features[:20])
    assert np.mean(np.square(found.shape - true.shape[:20])) < 0.1


def test_the_seed_alone_decides():
    data, asked = _people(300, 1, 0.5), _people(20, 2, 0.5)[0]
    first, again, other = (_decoded(*data, asked, seed).shape for seed in (1, 1, 2))
    np.testing.assert_allclose(first, again, atol=1e-5)
    assert np.abs(first - other).max() > 1e-3
