"""The decoder in lower precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.decoder import PRECISIONS, Decoder

FEATURES = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 20)).astype(np.float32)


def _decoder(precision):
    decoder = Decoder(5, 3, (32, 32), l2=1e-3, seed=1, precision=precision)
    decoder.build((None, 20))
    decoder.adapt(FEATURES)
    return decoder


def test_lower_precision_is_near_and_only_inside():
    exact, mixed = (np.concatenate(_decoder(name)(FEATURES), axis=1) for name in PRECISIONS)
    assert mixed.dtype == np.float32
    difference = np.linalg.norm(mixed - exact) / np.linalg.norm(exact)
    assert 1e-4 < difference < 1e-2


@pytest.mark.parametrize("precision", PRECISIONS)
def test_weights_gradients_and_penalty_are_float32(precision):
    decoder = _decoder(precision)
    with tf.GradientTape() as tape:
        shape, _ = decoder(FEATURES)
        loss = tf.reduce_mean(tf.square(shape)) + tf.add_n(decoder.losses)
    gradients = tape.gradient(loss, decoder.trainable_variables[:4])
    for value in (*decoder.weights, *decoder.losses, *gradients):
        assert keras.backend.standardize_dtype(value.dtype) == "float32"


def test_a_saved_decoder_keeps_its_precision(tmp_path):
    decoder = _decoder(PRECISIONS[1])
    decoder.save(tmp_path / "decoder.keras")
    loaded = keras.models.load_model(tmp_path / "decoder.keras")
    np.testing.assert_array_equal(loaded(FEATURES)[0], decoder(FEATURES)[0])
