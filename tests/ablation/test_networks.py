"""The networks of the variants: roles swapped, weights random, titles."""

from pathlib import Path

import keras
import numpy as np
import pytest

from configs.demo import get_config
from tf_morph.ablation.networks import (
    identity_title,
    make_random_network,
    network_title,
    swapped,
    with_random,
)
from tf_morph.ablation.variants import LeftOut, changed
from tf_morph.config import config_difference, identity_config, network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.identity import identity_entries


@pytest.fixture
def trained(tmp_path):
    image = keras.Input((8, 8, 3), name="image")
    pooled = keras.layers.Conv2D(4, 3, kernel_initializer="zeros")(image)
    pooled = keras.layers.GlobalAveragePooling2D()(pooled)
    model = keras.Model(image, {"embedding": keras.layers.Dense(5)(pooled), "pooled": pooled})
    for variable in model.trainable_variables:
        variable.assign_add(np.full(variable.shape, 7.0))
    model.save(tmp_path / "trained.keras")
    return tmp_path / "trained.keras"


@pytest.fixture
def alike():
    """The demo, read and compared by a network that is described as its judge is."""
    config = get_config()
    config.encoder = network_config("one", "one.keras", kind="keras", input_size=64)
    config.encoder.crop = (0.0, 0.0, 1.0, 1.0)
    config.encoder_outputs = ("features", "embedding")
    config.identity = {"encoder": identity_config(config.encoder)}
    return config


def test_a_swapped_judge_takes_no_part_in_training(alike):
    demo = alike
    config = changed(demo, swapped(demo).overrides)
    assert config_difference(config.identity.encoder.network, demo.judge) == []
    assert config_difference(config.encoder, demo.judge) == []
    assert config_difference(config.judge, demo.encoder) == []
    assert "FaceNet (judge) trained on, one judges" == swapped(demo).shown


def test_outputs_are_named_as_the_swapped_networks_have_them(alike):
    demo = alike
    demo.judge = network_config("other", "other.pb", outputs={"fc7": "a", "embedding": "b"})
    demo.encoder = network_config("one", "one.pb", outputs={"pooled": "a", "embedding": "b"})
    demo.identity.encoder = identity_config(demo.encoder)
    assert isinstance(swapped(demo), LeftOut)
    demo.judge.outputs = {"pooled": "a", "embedding": "b"}
    demo.judge_output, demo.encoder_outputs = "pooled", ("embedding", "features")
    overrides = swapped(demo).overrides
    assert overrides["encoder_outputs"] == ("pooled",)
    assert "judge_output" not in overrides and "identity.encoder.outputs" not in overrides


def test_random_weights_take_one_role_alone():
    demo = get_config()
    config = changed(demo, with_random(demo, Path("out"), "identity").overrides)
    assert config.identity.dlib.network.path == "out/random_identity.keras"
    assert config.identity.dlib.network.kind == "keras"
    assert config_difference(demo.encoder, config.encoder) == []


@pytest.mark.parametrize("make", [swapped, lambda base: with_random(base, Path("out"), "identity")])
def test_of_several_identity_networks_the_first_alone_is_replaced(make, alike):
    demo = alike
    other = network_config("other", "other.keras", kind="keras")
    demo.identity.other = identity_config(other)
    assert identity_title(demo) == "one, other"
    config = changed(demo, make(demo).overrides)
    assert list(identity_entries(config)) == ["encoder"]
    assert identity_title(config) in ("FaceNet (judge)", "random")
    check_config(config)


def test_titles_name_the_architecture_of_networks_that_ship():
    assert network_title(get_config().judge) == "FaceNet (judge)"
    assert network_title(network_config("mine", "/somewhere/mine.keras")) == "mine"


def test_random_network_is_built_alike_and_the_same_every_time(trained, tmp_path):
    kernels = []
    for name in ("first.keras", "second.keras"):
        make_random_network(network_config("one", str(trained), kind="keras"), tmp_path / name)
        model = keras.saving.load_model(tmp_path / name)
        assert {name: output.shape[1] for name, output in model.output.items()} == {
            "embedding": 5,
            "pooled": 4,
        }
        kernels.append(model.trainable_variables[2].numpy())
    assert np.array_equal(*kernels) and 0.0 < np.abs(kernels[0]).max() < 7.0


def test_random_network_is_kept(trained, tmp_path):
    (tmp_path / "kept.keras").write_text("as it was")
    make_random_network(network_config("one", str(trained)), tmp_path / "kept.keras")
    assert (tmp_path / "kept.keras").read_text() == "as it was"


def test_what_is_no_keras_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothing.keras: not a .keras file"):
        nothing = network_config("one", str(tmp_path / "nothing.keras"), kind="keras")
        make_random_network(nothing, tmp_path / "random.keras")


def test_a_published_network_of_random_weights_is_read_as_the_trained_one(tmp_path):
    trained = get_config().encoder
    make_random_network(trained, tmp_path / "random.keras")
    config = trained.copy_and_resolve_references()
    config.update({"path": str(tmp_path / "random.keras"), "kind": "keras"})
    network = load_network(config)
    pictures = np.random.default_rng(0).uniform(size=(2, 128, 128, 3)).astype(np.float32)
    features = network(pictures)
    assert list(features) == list(trained.outputs)
    assert network.convention == load_network(trained).convention
    for values in features.values():
        assert np.isfinite(values).all() and np.abs(values[0] - values[1]).max() > 0
