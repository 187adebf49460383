"""FaceNet's frozen graph is recognised by its nodes and gives what the Keras definition gives."""

import numpy as np
import pytest
import tensorflow as tf

from tests.recognition.real_layouts import (
    random_weights,
    shapes_of,
    write_facenet_graph,
    write_keras_hdf5,
)
from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network
from tf_morph.recognition.weight_files import assign, read_weights, recognise

SIZE = 107  # pixels; the last map is then 2 x 2


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """(frozen graph, Keras file) of the same network, thin but whole."""
    folder = tmp_path_factory.mktemp("facenet")
    model = ARCHITECTURES["inception_resnet_v1"].build(width=0.125, input_size=SIZE)
    weights = random_weights(shapes_of(model))
    keras_file = write_keras_hdf5(folder / "a.h5", weights, whole_model=True)
    assign(model, read_weights(keras_file))
    return write_facenet_graph(folder / "a.pb", model), keras_file


def _little_graph(path, embedding_size):
    """The nodes by which the graph is known, and hardly more."""
    scope = "InceptionResnetV1"
    with tf.Graph().as_default() as graph:
        queue = tf.queue.FIFOQueue(4, tf.float32, [(8, 8, 3)], name="batch_join/fifo_queue")
        image = tf.identity(queue.dequeue_many(2), "input")
        training = tf.compat.v1.placeholder(tf.bool, [], "phase_train")
        x = tf.nn.avg_pool2d(image, 8, 1, "VALID", name=f"{scope}/Logits/AvgPool_1a_8x8/AvgPool")
        x = tf.cond(training, lambda: tf.nn.dropout(x, 0.2), lambda: x)
        kernel = np.random.default_rng(0).normal(size=(3, embedding_size)).astype(np.float32)
        x = tf.reshape(x, [-1, 3]) @ tf.constant(kernel, name=f"{scope}/Bottleneck/weights")
        tf.math.l2_normalize(x, 1, name="embeddings")
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def _little_keras_file(path, embedding_size):
    names = [f"Block35_1_Branch_0_Conv2d_{number}" for number in range(60)]
    shapes = {name: {"kernel": (1, 1, 2, 2)} for name in names}
    shapes["Bottleneck"] = {"kernel": (2, embedding_size)}
    return write_keras_hdf5(path, random_weights(shapes), whole_model=True)


@pytest.mark.parametrize("size", [128, 512])
def test_recognised_with_its_names_and_convention(size, tmp_path):
    graph = _little_graph(tmp_path / "a.pb", size)
    found = recognise(graph)
    assert found.architecture == "inception_resnet_v1"
    assert found.variant == {"embedding_size": size}
    for path in (graph, _little_keras_file(tmp_path / "a.h5", size)):
        config = named_network(str(path))
        assert config.kind == "inception_resnet_v1"
        assert (config.input_size, config.color_order) == (160, "RGB")
        assert config.per_image_standardization == (size == 128)
        # Its README of 2018: fixed image standardization.
        assert config.mean == ((127.5,) * 3 if size == 512 else (0.0,) * 3)
        assert config.std == ((128.0,) * 3 if size == 512 else (1.0,) * 3)


def test_its_queue_is_not_read_and_dropout_is_off(tmp_path):
    config = named_network(str(_little_graph(tmp_path / "a.pb", 128)), outputs=["pooled"])
    config.update({"input_size": 8, "mean": (0.0,) * 3, "std": (1.0,) * 3})
    config.per_image_standardization = False
    pictures = np.random.default_rng(0).uniform(size=(3, 8, 8, 3)).astype(np.float32)
    pooled = load_network(config)(pictures)["pooled"]
    np.testing.assert_allclose(pooled, 255 * pictures.mean((1, 2)), rtol=1e-5)


@pytest.mark.slow
def test_graph_and_keras_file_give_the_same(files):
    graph, keras_file = files
    outputs = []
    pictures = np.random.default_rng(0).uniform(size=(2, 90, 90, 3)).astype(np.float32)
    for path in (graph, keras_file):
        config = named_network("inception_resnet_v1", str(path), outputs=["pooled", "embedding"])
        config.update({"input_size": SIZE, "variant": {"width": 0.125, "input_size": SIZE}})
        network = load_network(config)
        assert network.output_sizes == {"pooled": 224, "embedding": 128}
        outputs.append({name: values.numpy() for name, values in network(pictures).items()})
    np.testing.assert_allclose(outputs[0]["pooled"], outputs[1]["pooled"], rtol=1e-3, atol=1e-4)
    # The graph's embeddings lie on the unit sphere, the Keras file's do not.
    unit = [o["embedding"] / np.linalg.norm(o["embedding"], axis=1, keepdims=True) for o in outputs]
    np.testing.assert_allclose(outputs[0]["embedding"], unit[1], atol=1e-4)
    assert np.abs(unit[0][0] - unit[0][1]).max() > 1e-3


def test_by_hand_as_any_frozen_graph(tmp_path):
    graph = _little_graph(tmp_path / "a.pb", 128)
    config = network_config("facenet", str(graph), kind="frozen_graph", input_size=8)
    fields = recognise(graph).graph.fields
    config.update({"input_name": fields["input_name"], "constants": fields["constants"]})
    config.outputs = fields["outputs"]
    assert load_network(config).output_sizes == {"embedding": 128, "pooled": 3}


def test_an_output_it_has_not(tmp_path):
    config = named_network(str(_little_graph(tmp_path / "a.pb", 128)), outputs=["fc7"])
    with pytest.raises(InputError, match=r"no output 'fc7' here; it has \['embedding', 'pooled'\]"):
        load_network(config)


def test_truncated_wherever_it_ends(tmp_path):
    whole = _little_graph(tmp_path / "whole.pb", 128).read_bytes()
    path = tmp_path / "20180402-114759.pb"
    for share in np.linspace(0.01, 0.999, 15):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(InputError) as caught:
            load_network(named_network(str(path)))
        assert "\n" not in str(caught.value)


def test_other_graphs_are_described_by_their_ends(tmp_path):
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [None, 4, 4, 3], "picture")
        tf.identity(tf.reduce_mean(image, [1, 2]), "colour")
    path = tmp_path / "a.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(InputError, match=r"inputs are \['picture'\], it ends in \['colour'\]"):
        named_network(str(path))
    assert "inputs in the graph: picture; it ends in colour" in "\n".join(describe(str(path)))
