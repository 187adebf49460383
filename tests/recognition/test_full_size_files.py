"""Files of the published layouts and sizes: read whole, and run as their networks are run."""

import numpy as np
import pytest

from tests.recognition.real_layouts import (
    published_shapes,
    random_weights,
    write_facenet_graph,
    write_keras_hdf5,
    write_keras_vars,
    write_matconvnet,
)
from tf_morph.recognition import load_network
from tf_morph.recognition.architectures import with_outputs
from tf_morph.recognition.inspect import describe
from tf_morph.recognition.named import named_network
from tf_morph.recognition.weight_files import read_weights
from tf_morph.recognition.weight_files.source import build_from

pytestmark = pytest.mark.slow

PARAMETERS = {
    "vgg16": "145,002,878",
    "resnet50": "23,561,152",
    "senet50": "26,092,144",
    "inception_resnet_v1_128": "22,808,144",
}


def _path(assets, tmp_path, name):
    weights = random_weights(published_shapes(assets, name))
    return weights, write_keras_hdf5(tmp_path / "published.h5", weights)


def _features(path, size, outputs=None):
    pictures = np.random.default_rng(1).uniform(size=(2, size, size, 3)).astype(np.float32)
    network = load_network(named_network(str(path), outputs=outputs))
    return {name: values.numpy() for name, values in network(pictures).items()}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_file_of_the_published_layout_fits_to_the_last_array(assets, tmp_path, name):
    _, path = _path(assets, tmp_path, name)
    lines = "\n".join(describe(str(path)))
    architecture = name.removesuffix("_128")
    assert f"{PARAMETERS[name]} parameters" in lines
    assert f"fits {architecture}: every layer and shape" in lines
    features = _features(path, 160 if "inception" in name else 224)
    assert all(np.isfinite(f).all() and f.std() > 0 for f in features.values())


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_a_file_s_outputs_are_those_of_the_network_that_wrote_it(assets, tmp_path, name):
    with np.load(assets / "recognition" / "reference_outputs.npz") as file:
        expected = {k.partition("/")[2]: file[k] for k in file if k.startswith(f"{name}/")}
    _, path = _path(assets, tmp_path, name)
    inputs = np.random.default_rng(0).uniform(0, 255, (2, 224, 224, 3)) - 128
    found = with_outputs(build_from(path, name, {}), expected)(inputs.astype(np.float32))
    for output, values in expected.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(found[output] / scale, values / scale, atol=1e-3)


@pytest.mark.parametrize("name", PARAMETERS)
def test_layers_without_names_are_told_by_their_order(assets, tmp_path, name):
    weights = random_weights(published_shapes(assets, name))
    found = read_weights(write_keras_vars(tmp_path / "a.weights.h5", weights, named=False))
    assert found.architecture == name.removesuffix("_128")
    for layer, kinds in weights.items():
        for kind, values in kinds.items():
            np.testing.assert_array_equal(found.weights[layer][kind], values)


def test_matconvnet_s_file_gives_what_the_keras_file_gives(assets, tmp_path):
    weights, path = _path(assets, tmp_path, "vgg16")
    turned = dict(weights)
    kernel = weights["conv1_1"]["kernel"][:, :, ::-1]
    turned["conv1_1"] = {**weights["conv1_1"], "kernel": kernel}
    expected = _features(path, 224, ["fc6", "fc7"])
    matlab = write_matconvnet(tmp_path / "vgg-face.mat", turned)
    found = _features(matlab, 224, ["fc6", "fc7"])
    for output, values in expected.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(found[output] / scale, values / scale, atol=1e-4)


def test_the_frozen_graph_gives_what_the_keras_file_gives(assets, tmp_path):
    _, path = _path(assets, tmp_path, "inception_resnet_v1_128")
    model = build_from(path, "inception_resnet_v1", {})
    graph = write_facenet_graph(tmp_path / "20170512-110547.pb", model)
    expected, found = _features(path, 160), _features(graph, 160)
    np.testing.assert_allclose(found["features"], expected["features"], rtol=1e-3, atol=1e-3)
    unit = expected["embedding"] / np.linalg.norm(expected["embedding"], axis=1, keepdims=True)
    np.testing.assert_allclose(found["embedding"], unit, atol=1e-4)
