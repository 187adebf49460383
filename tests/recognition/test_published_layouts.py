"""The definitions have the published files' layers, and give what the published networks give."""

import functools
import json

import keras
import numpy as np
import pytest

from tests.recognition.real_layouts import random_weights, shapes_of
from tf_morph.recognition.architectures import ARCHITECTURES, published_name, weighted_layers

LAYOUTS = {
    "vgg16": "vgg16",
    "resnet50": "resnet50",
    "senet50": "senet50",
    "inception_resnet_v1": "inception_resnet_v1_128",
}
# What other classes there are called here, and what has a name there that Keras counted up.
CLASSES = {"Lambda": "Rescaling"}
COUNTED = ("activation", "add", "lambda", "multiply", "reshape", "input", "max_pooling", "global_")
# Pooled numbers of SE-ResNet-50 swing by tens of percent with the order of single precision's sums
# (its gates are hard for such weights), so they are compared in double: keras-vggface 0.6 under
# Keras 2.15, both pictures' first four numbers and lengths.
SENET = [
    [118.87869134618626, 3180.102830597241, 6862.751578608564, 164.8425734688856],
    [0.0, 3828.3376184401236, 9366.7052793115, 4984.181270419624],
]
SENET_LENGTHS = [239709.2615562591, 280262.1957914307]
# keras-facenet 0.3.2 under Keras 2.15: the same, before its last layer, which normalises.
INCEPTION = {
    "pooled": (
        [
            [513.7916, 468.78592, -62.05828, -83.568085],
            [480.6718, 463.7094, -77.26913, -78.60763],
        ],
        [16593.734, 16777.832],
    ),
    128: (
        [
            [198.02776, -178.66646, 3.676988, -544.491],
            [220.29562, -217.11243, -67.3214, -573.03674],
        ],
        [5974.619, 6027.4238],
    ),
    512: (
        [
            [-151.03021, -107.77302, -406.98792, 438.34973],
            [-135.57529, -59.880074, -423.77557, 411.1827],
        ],
        [12750.433, 12931.872],
    ),
}


def _read(assets, name):
    path = assets / "recognition" / name
    if not path.is_file():
        pytest.skip(f"needs {path}")
    return path


_built = functools.lru_cache(maxsize=1)(lambda name: ARCHITECTURES[name].build())


def _filled(name, model=None):
    """The network with weights by the rule of the assets' reference outputs."""
    model = model or _built(name)
    weights = random_weights(shapes_of(model))
    for layer, kept in weighted_layers(model).items():
        kept.set_weights([weights[layer][variable.name] for variable in kept.weights])
    return model


def _outputs(model):
    size = model.input.shape[1]
    images = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)) - 128
    outputs = model(images.astype(np.float32), training=False)
    return {name: np.asarray(values) for name, values in outputs.items()}


def _relative(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("name", LAYOUTS)
def test_layers_are_those_of_the_published_file_in_its_order(name, assets):
    layouts = json.loads(_read(assets, "layouts.json").read_text())
    published = layouts[LAYOUTS[name]]
    model = _built(name)
    assert model.count_params() == published["parameters"]
    ours = [
        (layer, [(f"{layer}/{variable.name}:0", list(variable.shape)) for variable in kept.weights])
        for layer, kept in weighted_layers(model).items()
    ]
    theirs = [
        (layer["layer"], [tuple(weight) for weight in layer["weights"]])
        for layer in published["layers"]
        if layer["weights"]
    ]
    assert ours == theirs
    added = {"pooled"}  # without a layer of its own in the files
    layers = [layer for layer in model.layers if layer.name not in added]
    for layer, there in zip(layers, published["layers"], strict=True):
        assert type(layer).__name__ == CLASSES.get(there["class"], there["class"])
        if not there["layer"].startswith(COUNTED):
            assert published_name(layer.name) == there["layer"]


@pytest.mark.parametrize("name", ["resnet50", pytest.param("vgg16", marks=pytest.mark.slow)])
def test_outputs_are_those_of_keras_vggface(name, assets):
    outputs = _outputs(_filled(name))
    with np.load(_read(assets, "reference_outputs.npz")) as file:
        references = {key: file[key] for key in file.files if key.startswith(f"{name}/")}
    assert references
    for key, expected in references.items():
        assert _relative(outputs[key.partition("/")[2]], expected) < 1e-3


@pytest.fixture
def double_precision():
    keras.config.set_floatx("float64")
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy(policy)


def test_senet_gives_what_keras_vggface_gives(double_precision):
    model = ARCHITECTURES["senet50"].build()
    pooled = _outputs(_filled("senet50", model))["pooled"]
    np.testing.assert_allclose(pooled[:, :4], SENET, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(pooled, axis=1), SENET_LENGTHS, rtol=1e-8)


@pytest.mark.parametrize("size", [128, pytest.param(512, marks=pytest.mark.slow)])
def test_inception_resnet_gives_what_its_keras_form_gives(size):
    name = "inception_resnet_v1"
    model = None if size == 128 else ARCHITECTURES[name].build(embedding_size=size)
    outputs = _outputs(_filled(name, model))
    for output, (numbers, lengths) in (
        ("pooled", INCEPTION["pooled"]),
        ("embedding", INCEPTION[size]),
    ):
        assert _relative(outputs[output][:, :4], np.array(numbers)) < 1e-4
        np.testing.assert_allclose(np.linalg.norm(outputs[output], axis=1), lengths, rtol=1e-5)
