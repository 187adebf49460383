"""The identity loss by several networks: what it is, what it asks of whom, what is refused."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tf_morph.config import config_difference, identity_config, load_config, save_config
from tf_morph.errors import InputError
from tf_morph.evaluation.evaluate import evaluate
from tf_morph.photographs.prepare import prepare
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.identity import identity_entries
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.photograph_features import training_features
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.train import train
from tf_morph.regression.trainer import TrainingStep
from tf_morph.regression.validation import watching_entry

TERM, FIRST, SECOND = "identity", "identity/trained_on", "identity/alone"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def config(tiny_config):
    return tiny_config.copy_and_resolve_references()


@pytest.fixture
def two(config, second_network):
    """Compares by the encoder's network and, three times as much, by another with its own crop."""
    config.identity.alone = identity_config(second_network, ("embedding", "features"), weight=3.0)
    return config


def make_step(config):
    """A training step of a config, and a batch of it."""
    encoder, identity = make_networks(config)
    model = make_face_model(config, None)
    images = split_photographs(config).training.images
    features = training_features(encoder, identity, images, mirrored=True)
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    decoder.adapt(features["encoder"])
    drawer, optimizer = make_drawer(config, model), make_optimizer(config.training)
    step = TrainingStep(decoder, drawer, encoder, identity, config, optimizer)
    return step, features | {"step": np.int64(3)}


def naive_loss(drawings, photographs, outputs, network, views):
    """By features of every drawing and photograph alone, cosine by cosine."""
    losses = []
    for output in outputs:
        cosines = []
        for number, drawing in enumerate(drawings):
            a = network(drawing[None])[output].numpy()[0].astype(np.float64)
            photograph = photographs[number // views].astype(np.float32) / 255
            b = network(photograph[None])[output].numpy()[0].astype(np.float64)
            cosines.append(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        losses.append(1 - np.mean(cosines))
    return np.mean(losses)


def test_the_loss_is_the_weighted_mean_of_what_each_network_says_by_itself(two, monkeypatch):
    step, batch = make_step(two)
    drawn = []
    draw = type(step._drawer).__call__

    def kept(drawer, *arguments):
        drawn.append(draw(drawer, *arguments))
        return drawn[-1]

    monkeypatch.setattr(type(step._drawer), "__call__", kept)
    terms = step.terms(batch)
    photographs = split_photographs(two).training.images
    views, faces = two.training.views, two.training.rendered_faces
    assert len(drawn) == 1 and len(drawn[0]) == views * faces
    by_name = {each.name: each for each in make_networks(two)[1]}
    for name, key, outputs in (
        ("trained_on", FIRST, ("embedding",)),
        ("alone", SECOND, ("embedding", "features")),
    ):
        expected = naive_loss(drawn[0], photographs, outputs, by_name[name].network, views)
        np.testing.assert_allclose(terms[key], expected, rtol=1e-4)
    assert abs(terms[FIRST] - terms[SECOND]) > 1e-3
    np.testing.assert_allclose(terms[TERM], terms[FIRST] / 4 + 3 * terms[SECOND] / 4, rtol=1e-6)


def test_one_network_is_the_whole_loss_whatever_its_weight(config):
    step, batch = make_step(config)
    config.identity.trained_on.weight = 17.0
    heavy, _ = make_step(config)
    heavy.decoder.set_weights(step.decoder.get_weights())
    assert heavy.terms(batch)[TERM] == step.terms(batch)[TERM]
    assert set(step.terms(batch)) == {
        *(TERM, "batch_shape", "batch_texture", "loopback", "coefficient_drift")
    }


def test_a_network_looks_at_its_own_crop_of_photograph_and_drawing(two):
    step, batch = make_step(two)
    alone = {each.name: each for each in make_networks(two)[1]}["alone"].network
    whole = make_networks_of(two, crop=(0.0, 0.0, 1.0, 1.0))["alone"].network
    images = split_photographs(two).training.images
    part = images[:, 3:21, 6:18].astype(np.float32) / 255  # of 24 pixels
    expected = whole(np.concatenate([part, part[:, :, ::-1]]))["embedding"]
    np.testing.assert_allclose(batch["identity/alone/embedding"], expected, rtol=1e-4, atol=1e-4)
    # And nothing outside the crop moves it, or has a gradient.
    picture = tf.random.stateless_uniform((1, 24, 24, 3), (0, 1))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        total = tf.reduce_sum(alone(picture)["embedding"] ** 2)
    moved = np.abs(tape.gradient(total, picture)).max(axis=(0, 3))
    inside = np.zeros((24, 24), bool)
    inside[3:21, 6:18] = True
    assert (moved[inside] > 0).all() and (moved[~inside] == 0).all()


def make_networks_of(config, **changes):
    config = config.copy_and_resolve_references()
    config.identity.alone.network.update(changes)
    return {each.name: each for each in make_networks(config)[1]}


def test_each_network_sees_the_drawings_once_a_step(two, monkeypatch):
    step, batch = make_step(two)
    asked = []
    call = RecognitionNetwork.__call__

    def counted(network, images):
        asked.append(network.name)
        return call(network, images)

    monkeypatch.setattr(RecognitionNetwork, "__call__", counted)
    step.terms(batch)
    assert sorted(asked) == ["second", "trained_on"]  # the encoder is the latter
    asked.clear()
    two.loss.identity = 0.0
    step.terms(batch)
    assert asked == ["trained_on"]  # for the loopback loss


def test_gradients_come_from_every_network(two):
    step, batch = make_step(two)
    weights = step.decoder.trainable_variables
    found = {}
    for term in (TERM, FIRST, SECOND):
        with tf.GradientTape() as tape:
            loss = step.terms(batch)[term]
        parts = tape.gradient(loss, weights, unconnected_gradients="zero")
        found[term] = np.concatenate([np.ravel(part) for part in parts])
        assert np.abs(found[term]).max() > 1e-6
    np.testing.assert_allclose(
        found[TERM], found[FIRST] / 4 + 3 * found[SECOND] / 4, rtol=1e-3, atol=1e-6
    )


def test_a_run_by_several_networks_trains_validates_evaluates_and_is_the_same_prepared(
    two, tmp_path
):
    two.validation.update({"people": 2, "every": 2, "network": "alone"})
    train(two, tmp_path / "run")
    rows = pd.read_csv(tmp_path / "run" / "metrics.csv")
    assert {TERM, FIRST, SECOND} <= set(rows)
    np.testing.assert_allclose(rows[TERM], rows[FIRST] / 4 + 3 * rows[SECOND] / 4, rtol=1e-5)
    recall = evaluate(None, tmp_path / "run").recall
    asked = recall[["network", "role"]].drop_duplicates().to_numpy().tolist()
    assert asked == [["judging", "held_out"], ["second", "training"], ["trained_on", "training"]]
    section = (tmp_path / "run" / "evaluation" / "run" / "section.md").read_text()
    assert "second (embedding, features), training" in section
    assert "by their recall with the training network second" in section
    prepare(two, two.photographs.folder, str(tmp_path / "prepared"), processes=1)
    two.photographs.folder = str(tmp_path / "prepared")
    train(two, tmp_path / "of_prepared")
    assert {FIRST, SECOND} <= set(pd.read_csv(tmp_path / "of_prepared" / "metrics.csv"))


def test_no_network_that_was_compared_by_is_a_judge(two, tmp_path):
    train(two, tmp_path / "run")
    two.judge = two.identity.alone.network.copy_and_resolve_references()
    two.judge.crop = (0.0, 0.0, 1.0, 1.0)
    assert set(evaluate(two, tmp_path / "run").recall["role"]) == {"training"}


def test_a_network_without_weight_is_left_out_and_need_not_be_there(two, tmp_path):
    two.identity.alone.weight = 0.0
    two.identity.alone.network.path = "/nowhere/second"
    train(two, tmp_path / "run")
    assert [each.name for each in Run.load(tmp_path / "run").identity] == ["trained_on"]
    assert SECOND not in pd.read_csv(tmp_path / "run" / "metrics.csv")


def test_a_saved_config_has_the_same_networks_in_the_same_order(two, tmp_path):
    save_config(two, tmp_path / "config.json")
    read = load_config(tmp_path / "config.json")
    assert list(identity_entries(read)) == list(identity_entries(two)) == ["alone", "trained_on"]
    assert config_difference(read, two) == [] and watching_entry(two) == "alone"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"identity.alone.weight": -1.0}, "identity.alone.weight is -1.0; it must be 0 or more"),
        ({"identity.alone.outputs": ()}, r"identity.alone.outputs is \(\); it must be one or more"),
        ({"identity.alone.outputs": ("fc7",)}, "identity.alone.outputs .* embedding, features"),
        ({"identity.alone.network.path": ""}, "identity.alone.network.path is ''"),
        ({"identity.alone.network.name": "trained_on"}, "network.name is 'trained_on'"),
        ({"validation.network": "second"}, "must be one of identity, judge, alone, trained_on"),
        (
            {"identity.alone.weight": 0.0, "identity.trained_on.weight": 0.0},
            "no network of weight above 0",
        ),
    ],
)
def test_what_makes_no_sense_is_named(two, changes, told):
    check_config(two)
    two.update_from_flattened_dict(changes)
    with pytest.raises(InputError, match=told):
        check_config(two)


def test_a_network_in_the_place_of_an_entry_is_named(config):
    config.identity = config.encoder.copy_and_resolve_references()
    with pytest.raises(InputError, match=r"identity.color_order is no network .*identity_config"):
        check_config(config)


@pytest.mark.parametrize("name", ["judge", "identity", "a/b", ""])
def test_a_name_that_would_be_taken_for_another_is_refused(two, name):
    two.identity[name] = two.identity.alone
    del two.identity.alone
    with pytest.raises(InputError, match="name it by letters"):
        check_config(two)


def test_a_typo_in_an_entry_s_network_is_named(two):
    two.identity.alone.network.color_oder = "BGR"
    with pytest.raises(InputError, match="no field identity.alone.network.color_oder"):
        check_config(two)
