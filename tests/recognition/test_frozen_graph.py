"""Frozen graphs as FaceNet's: a second input that says whether the network is in training."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network

v1 = tf.compat.v1
SIZE = 5


@pytest.fixture
def config(tmp_path):
    with tf.Graph().as_default() as graph:
        image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "input")
        training = v1.placeholder(tf.bool, [], "phase_train")
        scale = v1.cond(training, lambda: tf.constant(100.0), lambda: tf.constant(1.0))
        tf.identity(tf.reduce_mean(image**2, [1, 2]) * scale, "embeddings")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    config = network_config(
        "phased",
        str(tmp_path / "graph.pb"),
        kind="frozen_graph",
        input_size=SIZE,
        input_name="input:0",
        input_range=(0.0, 1.0),
    )
    config.outputs = {"embedding": "embeddings:0"}
    return config


@pytest.mark.parametrize(("training", "scale"), [(False, 1.0), (True, 100.0)])
def test_further_inputs_are_fed_as_the_config_says(config, training, scale):
    config.constants = {"phase_train:0": training}
    network = load_network(config)
    pictures = tf.constant(np.random.default_rng(0).uniform(size=(2, SIZE, SIZE, 3)), tf.float32)

    @tf.function
    def output_and_gradient(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            output = network(pictures)["embedding"]
        return output, tape.gradient(output, pictures)

    output, gradient = output_and_gradient(pictures)
    np.testing.assert_allclose(
        output, scale * tf.reduce_mean(pictures**2, [1, 2]).numpy(), rtol=1e-5
    )
    np.testing.assert_allclose(gradient, scale * 2 * pictures / SIZE**2, rtol=1e-5)


def test_the_constants_are_part_of_the_fingerprint(config):
    fingerprints = set()
    for training in (False, True):
        config.constants = {"phase_train:0": training}
        fingerprints.add(load_network(config).fingerprint)
    assert len(fingerprints) == 2


def test_an_input_left_unfed_is_named(config):
    with pytest.raises(InputError, match=r"phase_train.*constants"):
        load_network(config)
