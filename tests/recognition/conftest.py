"""Small real networks in each stored form, whose outputs NumPy can work out by itself."""

from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tf_morph.config import expand_path, network_config
from tf_morph.errors import InputError
from tf_morph.recognition.weight_files import catalogue

SIZE = 6
WIDTH = 5


class Tiny(NamedTuple):
    """A linear network on disk: `config` opens it, `weights` [SIZE * SIZE * 3, WIDTH] are its."""

    config: object
    weights: np.ndarray

    def expected(self, prepared):
        """What it gives for prepared pictures [B, SIZE, SIZE, 3]: [B, WIDTH]."""
        return np.tanh(np.reshape(prepared, (len(prepared), -1)) @ self.weights)


class _Linear(tf.Module):
    def __init__(self, weights):
        super().__init__()
        self.weights = tf.Variable(weights)

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def __call__(self, image):
        embedding = tf.tanh(tf.reshape(image, [-1, SIZE * SIZE * 3]) @ self.weights)
        return {
            "embedding": tf.identity(embedding, name="embedding"),
            "pooled": tf.identity(tf.reduce_mean(image, [1, 2], keepdims=True), name="pooled"),
        }


@pytest.fixture(scope="session")
def dlib_file():
    """dlib's own file of its network, in the installed package."""
    (published,) = catalogue.published_files("dlib_resnet")
    try:
        return expand_path(published.place)
    except InputError as error:
        pytest.skip(f"needs dlib's network: {error}")


@pytest.fixture(scope="session")
def linear():
    scale = 0.01 / SIZE
    weights = np.random.default_rng(0).normal(size=(SIZE * SIZE * 3, WIDTH)) * scale
    return _Linear(weights.astype(np.float32))


@pytest.fixture(scope="session")
def saved_model(linear, tmp_path_factory):
    path = tmp_path_factory.mktemp("networks") / "tiny"
    tf.saved_model.save(linear, str(path), signatures=linear.__call__)
    return Tiny(network_config("tiny", str(path), input_size=SIZE), linear.weights.numpy())


@pytest.fixture(scope="session")
def frozen_graph(linear, tmp_path_factory):
    frozen = convert_variables_to_constants_v2(linear.__call__.get_concrete_function())
    path = tmp_path_factory.mktemp("networks") / "tiny.pb"
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    config = network_config(
        "tiny graph",
        str(path),
        kind="frozen_graph",
        input_size=SIZE,
        input_name=frozen.inputs[0].name,
    )
    # Exporting puts Identity nodes of its own behind the named ones.
    config.outputs = {"embedding": "embedding", "features": "pooled:0"}
    return Tiny(config, linear.weights.numpy())


@pytest.fixture(scope="session")
def keras_file(linear, tmp_path_factory):
    image = keras.Input((SIZE, SIZE, 3), name="image")
    dense = keras.layers.Dense(WIDTH, "tanh", use_bias=False)
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(image)
    outputs = {"embedding": dense(keras.layers.Flatten()(image)), "pooled": pooled}
    weights = linear.weights.numpy()
    dense.set_weights([weights])
    path = tmp_path_factory.mktemp("networks") / "tiny.keras"
    keras.Model(image, outputs).save(path)
    return Tiny(network_config("tiny file", str(path), kind="keras", input_size=SIZE), weights)


@pytest.fixture(params=["saved_model", "frozen_graph", "keras_file"])
def tiny(request):
    return request.getfixturevalue(request.param)
