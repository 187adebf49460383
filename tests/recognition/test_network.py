"""One protocol whatever a network is stored as, and its input convention against NumPy."""

import copy

import numpy as np
import pytest
import tensorflow as tf

from tests.recognition.conftest import SIZE, WIDTH
from tf_morph.recognition import InputConvention, load_network


def _pictures(count=3, size=SIZE, seed=0):
    return np.random.default_rng(seed).uniform(size=(count, size, size, 3)).astype(np.float32)


def _changed(config, **changes):
    config = copy.deepcopy(config)
    config.update(changes)
    return config


def test_outputs_by_name(tiny):
    network = load_network(tiny.config)
    pictures = _pictures()
    outputs = network(pictures)
    assert network.output_names == ("embedding", "features")
    assert network.output_sizes == {"embedding": WIDTH, "features": 3}
    assert network.input_size == SIZE
    np.testing.assert_allclose(outputs["embedding"], tiny.expected(pictures * 255), atol=1e-5)
    np.testing.assert_allclose(outputs["features"], pictures.mean((1, 2)) * 255, rtol=1e-5)


def test_convention_is_the_written_one(tiny):
    mean, std = (93.5940, 104.7624, 129.1863), (2.0, 3.0, 4.0)
    config = _changed(tiny.config, color_order="BGR", mean=mean, std=std, input_range=(0.0, 255.0))
    pictures = _pictures()
    prepared = (pictures[..., ::-1] * 255 - mean) / std
    np.testing.assert_allclose(
        load_network(config)(pictures)["embedding"], tiny.expected(prepared), atol=1e-5
    )


def test_input_range_reaches_below_nought():
    prepared = InputConvention(SIZE, input_range=(-1.0, 1.0)).prepare(_pictures())
    np.testing.assert_allclose(prepared, _pictures() * 2 - 1, atol=1e-6)


def test_per_image_standardisation_is_tensorflow_s():
    pictures = _pictures() * np.array([1.0, 0.3, 0.01], np.float32)[:, None, None, None]
    prepared = InputConvention(SIZE, per_image_standardization=True).prepare(pictures)
    expected = tf.image.per_image_standardization(pictures * 255)
    np.testing.assert_allclose(prepared, expected, atol=1e-4)


def test_per_image_standardisation_of_a_flat_picture_has_a_gradient():
    flat = tf.fill([1, SIZE, SIZE, 3], 0.5)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        prepared = InputConvention(SIZE, per_image_standardization=True).prepare(flat)
        total = tf.reduce_sum(prepared**2 + prepared * tf.range(3.0))
    assert np.isfinite(prepared).all()
    assert np.isfinite(tape.gradient(total, flat)).all()


def test_other_sizes_are_resized_with_antialiasing():
    stripes = np.zeros((1, 32, 32, 3), np.float32)
    stripes[:, :, ::2] = 1.0
    prepared = InputConvention(8, input_range=(0.0, 1.0)).prepare(stripes)
    assert prepared.shape == (1, 8, 8, 3)
    np.testing.assert_allclose(prepared[:, :, 1:-1], 0.5, atol=0.02)


def test_crop_is_in_fractions_of_the_picture():
    pictures = _pictures(size=20)
    convention = InputConvention(10, input_range=(0.0, 1.0), crop=(0.25, 0.1, 0.75, 0.6))
    np.testing.assert_allclose(convention.prepare(pictures), pictures[:, 2:12, 5:15], atol=1e-6)


def test_works_inside_a_function_of_unknown_batch_and_size(tiny):
    network = load_network(tiny.config)
    traced = tf.function(network, input_signature=[tf.TensorSpec([None, None, None, 3])])
    for count, size in ((1, SIZE), (4, 11)):
        outputs = traced(_pictures(count, size))
        assert outputs["embedding"].shape == (count, WIDTH)
        np.testing.assert_allclose(
            outputs["embedding"], network(_pictures(count, size))["embedding"], atol=1e-5
        )


def test_gradient_to_the_picture_is_the_numeric_one(tiny):
    network = load_network(_changed(tiny.config, color_order="BGR", std=(50.0, 80.0, 120.0)))
    direction = tf.constant(np.random.default_rng(5).normal(size=(2, WIDTH)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 9, 9, 3])])
    def score_and_gradient(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            score = tf.reduce_sum(network(pictures)["embedding"] * direction)
        return score, tape.gradient(score, pictures)

    pictures = _pictures(2, 9)
    gradient = score_and_gradient(pictures)[1].numpy()
    along = np.random.default_rng(6).normal(size=pictures.shape).astype(np.float32)
    step = 1e-2
    ahead, behind = (score_and_gradient(pictures + s * step * along)[0] for s in (1, -1))
    numeric = float(ahead - behind) / (2 * step)
    assert abs(numeric) > 1e-4
    assert np.sum(gradient * along) == pytest.approx(numeric, rel=1e-2)


def test_fingerprint_tells_files_outputs_and_conventions_apart(saved_model, frozen_graph):
    config = saved_model.config
    fingerprints = [
        load_network(c).fingerprint
        for c in (
            config,
            frozen_graph.config,
            _changed(config, color_order="BGR"),
            _changed(config, outputs={"embedding": "pooled"}),
        )
    ]
    assert len(set(fingerprints)) == len(fingerprints)
    assert load_network(_changed(config, name="other")).fingerprint == fingerprints[0]
