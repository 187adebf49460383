"""What the published networks' definitions compute, give and want, on small copies of them."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.recognition.real_layouts import random_weights, shapes_of
from tf_morph.errors import InputError
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.recognition.architectures import (
    ARCHITECTURES,
    keras_name,
    published_name,
    weighted_layers,
    with_outputs,
)

SMALL = {
    "vgg16": {"width": 0.125, "input_size": 32},
    "resnet50": {"width": 0.125, "input_size": 32},
    "senet50": {"width": 0.125, "input_size": 64},
    "inception_resnet_v1": {"width": 0.25, "input_size": 75, "embedding_size": 512},
    "dlib_resnet": {"width": 0.5, "input_size": 103},
}
COLOUR = (1.0, 0.5, 0.0)  # red, green, blue


@functools.cache  # shared: a test that changes weights builds its own
def _filled(name, **variant):
    return _built(name, **variant)


def _built(name, **variant):
    model = ARCHITECTURES[name].build(**SMALL[name], **variant)
    weights = random_weights(shapes_of(model))
    for layer, kept in weighted_layers(model).items():
        kept.set_weights([weights[layer][variable.name] for variable in kept.weights])
    return model


def _pictures(model, count=2):
    size = model.input.shape[1]
    return np.random.default_rng(0).normal(size=(count, size, size, 3)).astype(np.float32)


def _layers(model, *names):
    outputs = with_outputs(model, names)(_pictures(model), training=False)
    return [np.asarray(outputs[name]) for name in names]


def _weights(model, layer):
    return {v.name: np.asarray(v) for v in weighted_layers(model)[layer].weights}


@pytest.mark.parametrize("name", SMALL)
def test_outputs_are_the_named_ones_and_finite_and_have_gradients(name):
    architecture = ARCHITECTURES[name]
    model = _filled(name)
    assert architecture.name == model.name == name
    assert set(model.output) == set(architecture.outputs)
    pictures = tf.constant(_pictures(model))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        outputs = model(pictures, training=False)
        totals = {output: tf.reduce_sum(values**2) for output, values in outputs.items()}
    for output, values in outputs.items():
        assert values.shape.rank == 2
        assert np.isfinite(values).all()
        slope = tape.gradient(totals[output], pictures).numpy()
        assert np.isfinite(slope).all()
        assert (np.abs(slope).max((1, 2, 3)) > 0).all()


@pytest.mark.parametrize("name", SMALL)
def test_nothing_trains_a_published_network(name):
    model = _filled(name)
    assert not model.trainable_weights
    pictures = _pictures(model)
    resting, trained = model(pictures), model(pictures, training=True)
    for output, values in resting.items():
        if name != "inception_resnet_v1" or output != "embedding":  # Dropout alone may differ
            np.testing.assert_array_equal(values, trained[output])


@pytest.mark.parametrize(
    "name", ["vgg16", *(pytest.param(n, marks=pytest.mark.slow) for n in list(SMALL)[1:])]
)
def test_a_model_outlasts_its_file(name, tmp_path):
    model = _filled(name)
    model.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    pictures = _pictures(model)
    expected, found = model(pictures, training=False), again(pictures, training=False)
    for output in ARCHITECTURES[name].outputs:
        np.testing.assert_allclose(found[output], expected[output], rtol=1e-6)


def test_any_layer_is_an_output_by_its_published_name():
    model = _filled("vgg16")
    fc6, rectified, pool5 = _layers(model, "fc6", "fc6/relu", "pool5")
    np.testing.assert_array_equal(rectified, np.maximum(fc6, 0))
    assert (fc6 < 0).any()
    (named,) = _layers(model, "fc6_relu")
    np.testing.assert_array_equal(named, rectified)
    (pooled,) = _layers(model, "pooled")
    np.testing.assert_allclose(pooled, pool5.mean((1, 2)), rtol=1e-5)
    assert published_name(keras_name("conv1/7x7_s2/bn")) == "conv1/7x7_s2/bn"


def test_a_layer_that_is_none_is_answered_with_those_there_are():
    with pytest.raises(
        InputError, match=r"vgg16: no output or layer 'fc9'; .*'fc7'.* layers are fc8, fc7, fc6"
    ):
        with_outputs(_filled("vgg16"), ["fc7", "fc9"])


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_tops_come_and_go(name):
    last, people = ("fc8", 2622) if name == "vgg16" else ("classifier", 8631)
    with_top = _filled(name, include_top=True)
    assert _weights(with_top, last)["bias"].shape == (people,)
    np.testing.assert_allclose(_layers(with_top, "probabilities")[0].sum(1), 1, rtol=1e-5)
    without = _filled(name, include_top=False)
    assert last not in weighted_layers(without)
    np.testing.assert_array_equal(*(_layers(m, "pooled")[0] for m in (with_top, without)))
    assert ARCHITECTURES[name].build(**SMALL[name], include_top=True, classes=7).output[
        "probabilities"
    ].shape == (None, 7)


def test_a_branch_is_weighed_by_squeeze_and_excitation():
    model = _filled("senet50")
    block = "conv3_2"
    branch, before, after = _layers(
        model, f"{block}_1x1_increase/bn", "conv3_1/relu", f"{block}/relu"
    )
    down, up = (_weights(model, f"{block}_1x1_{way}") for way in ("down", "up"))
    squeezed = np.maximum(branch.mean((1, 2)) @ down["kernel"][0, 0] + down["bias"], 0)
    weights = 1 / (1 + np.exp(-(squeezed @ up["kernel"][0, 0] + up["bias"])))
    expected = np.maximum(branch * weights[:, None, None] + before, 0)
    np.testing.assert_allclose(after, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "epsilon"), [("resnet50", 1e-3), ("senet50", 1e-4)])
def test_a_block_begins_with_its_stride_and_normalises_with_its_epsilon(name, epsilon):
    model = _built(name)
    (before,) = _layers(model, "conv2_3/relu")
    kernel = _weights(model, "conv3_1_1x1_reduce")["kernel"][0, 0]
    norm = _weights(model, "conv3_1_1x1_reduce/bn")
    # Variances far below the epsilon show which it is.
    norm["moving_variance"] = np.full_like(norm["moving_variance"], 1e-4)
    weighted_layers(model)["conv3_1_1x1_reduce/bn"].set_weights(list(norm.values()))
    (after,) = _layers(model, "conv3_1_1x1_reduce/bn")
    scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + epsilon)
    expected = (before[:, ::2, ::2] @ kernel - norm["moving_mean"]) * scale + norm["beta"]
    np.testing.assert_allclose(after, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("block", "before", "scale", "activated"),
    [
        ("Block35_2", "Block35_1_Activation", 0.17, True),
        ("Block17_10", "Block17_9_Activation", 0.1, True),
        ("Block8_5", "Block8_4_Activation", 0.2, True),
        ("Block8_6", "Block8_5_Activation", 1.0, False),
    ],
)
def test_residuals_are_scaled_and_added_to_the_shortcut(block, before, scale, activated):
    model = _filled("inception_resnet_v1")
    end = f"{block}_Activation" if activated else f"{block}_Add"
    shortcut, residual, after = _layers(model, before, f"{block}_Conv2d_1x1", end)
    expected = shortcut + scale * residual
    assert (expected < 0).any()
    np.testing.assert_allclose(
        after, np.maximum(expected, 0) if activated else expected, rtol=1e-4, atol=1e-4
    )


def test_the_embedding_is_the_normalised_bottleneck():
    model = _filled("inception_resnet_v1")
    pooled, embedding = _layers(model, "pooled", "embedding")
    norm = _weights(model, "Bottleneck_BatchNorm")
    linear = pooled @ _weights(model, "Bottleneck")["kernel"]
    expected = (linear - norm["moving_mean"]) / np.sqrt(norm["moving_variance"] + 1e-3)
    np.testing.assert_allclose(embedding, expected + norm["beta"], rtol=1e-4, atol=1e-3)
    assert embedding.shape == (2, 512)


# (size, what a picture of COLOUR becomes); keras-vggface's preprocess_input, versions 1 and 2.
@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("vgg16", 224, (0 - 93.5940, 127.5 - 104.7624, 255 - 129.1863)),
        ("resnet50", 224, (0 - 91.4953, 127.5 - 103.8827, 255 - 131.0912)),
        ("senet50", 224, (0 - 91.4953, 127.5 - 103.8827, 255 - 131.0912)),
        ("facenet_nn2", 224, (255, 127.5, 0)),
        ("dlib_resnet", 150, (132.218 / 256, 10.499 / 256, -104.298 / 256)),
    ],
)
def test_colours_are_ordered_and_shifted_as_published(name, size, expected):
    convention = ARCHITECTURES[name].convention
    prepared = convention.prepare(np.tile(np.float32(COLOUR), (1, 250, 250, 1)))
    assert prepared.shape == (1, size, size, 3)
    np.testing.assert_allclose(prepared[0, 100, 100], expected, rtol=1e-4, atol=1e-4)


def test_facenet_standardises_each_picture_and_the_models_of_2018_all_alike():
    facenet = ARCHITECTURES["inception_resnet_v1"]
    pictures = np.random.default_rng(0).uniform(0.2, 0.6, (2, 160, 160, 3)).astype(np.float32)
    coded = 255 * pictures
    mean = coded.mean((1, 2, 3), keepdims=True)
    deviation = np.maximum(coded.std((1, 2, 3), keepdims=True), coded[0].size ** -0.5)
    for variant in ({}, {"embedding_size": 128}):
        prepared = facenet.convention_of(variant).prepare(pictures)
        np.testing.assert_allclose(prepared, (coded - mean) / deviation, rtol=1e-3, atol=1e-3)
    prepared = facenet.convention_of({"embedding_size": 512}).prepare(pictures)
    np.testing.assert_allclose(prepared, (coded - 127.5) / 128, rtol=1e-4, atol=1e-5)


def test_each_network_s_crop_is_a_rule_there_is():
    rules = {name: architecture.crop_rule for name, architecture in ARCHITECTURES.items()}
    assert set(rules.values()) <= set(CROP_RULES)
    assert rules["resnet50"] == rules["senet50"]
    assert len({rules[name] for name in ("vgg16", "resnet50", "inception_resnet_v1")}) == 3
