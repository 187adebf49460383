"""Whole training runs on the smallest data: what they leave, resume from, refuse and leave out."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import config_difference, load_config
from tf_morph.errors import InputError
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.photograph_features import training_features
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.train import train
from tf_morph.regression.trainer import TrainingStep


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def config(tiny_config):
    return tiny_config.copy_and_resolve_references()


@pytest.fixture(scope="module")
def make_trainer(tiny_config):
    """A function from changes of the config to a trainer and its training features."""

    def make(**changes):
        config = tiny_config.copy_and_resolve_references()
        config.update_from_flattened_dict(changes)
        encoder, identity = make_networks(config)
        model = make_face_model(config, None)
        images = split_photographs(config).training.images
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "tf_morph.regression.photograph_features.CACHE_FOLDER",
                str(config.face_model.path) + ".cache",
            )
            features = training_features(encoder, identity, images, False)
        decoder = make_decoder(
            config, features["encoder"].shape[1], *coefficient_counts(config, model)
        )
        decoder.adapt(features["encoder"])
        drawer, optimizer = make_drawer(config, model), make_optimizer(config.training)
        trainer = TrainingStep(decoder, drawer, encoder, identity, config, optimizer)
        return trainer, features | {"step": np.int64(3)}

    return make


def gradients(trainer, batch, term):
    """Of one loss term to the decoder's weights, as one vector."""
    with tf.GradientTape() as tape:
        loss = trainer.terms(batch)[term]
    weights = trainer.decoder.trainable_variables
    parts = tape.gradient(loss, weights, unconnected_gradients="zero")
    return np.concatenate([np.ravel(part) for part in parts])


def weights(workdir):
    return [weight.numpy() for weight in Run.load(workdir).decoder.weights]


def test_a_run_s_folder_explains_itself(config, tmp_path):
    config.training.update({"steps": 3, "picture_every": 2, "checkpoint_every": 2})
    train(config, tmp_path / "run")
    folder = tmp_path / "run"
    assert config_difference(load_config(folder / "config.json"), config) == []
    assert "tensorflow" in json.loads((folder / "versions.json").read_text())
    people = json.loads((folder / "people.json").read_text())
    assert len(people["training"]) == 6 and not set(people["training"]) & set(people["test"])
    rows = pd.read_csv(folder / "metrics.csv")
    assert list(rows["step"]) == [1, 2, 3] and np.isfinite(rows).all(axis=None)
    assert {"identity", "batch_shape", "batch_texture", "loopback", "loss"} <= set(rows)
    for step in (2, 3):  # the last one as well
        assert Image.open(folder / "pictures" / f"step_00000{step}.png").size == (240, 72)


def test_a_broken_off_run_goes_on_as_if_it_had_not(config, tmp_path, monkeypatch):
    config.training.update({"steps": 4, "checkpoint_every": 2})
    train(config, tmp_path / "whole")

    def break_off(self, step, logs):
        if step == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tf_morph.regression.callbacks.progress.ProgressBar.after_step", break_off)
        with pytest.raises(KeyboardInterrupt):
            train(config, tmp_path / "broken")
    train(config, tmp_path / "broken")
    for whole, broken in zip(
        weights(tmp_path / "whole"), weights(tmp_path / "broken"), strict=True
    ):
        np.testing.assert_allclose(broken, whole, rtol=1e-4, atol=1e-6)
    rows = pd.read_csv(tmp_path / "broken" / "metrics.csv")
    assert list(rows["step"]) == [1, 2, 3, 4]


def test_a_run_of_another_config_is_refused_and_kept(config, tmp_path):
    train(config, tmp_path / "run")
    before = weights(tmp_path / "run")
    config.loss.identity = 3.0
    with pytest.raises(InputError, match=r"loss.identity: 10.0 -> 3.0"):
        train(config, tmp_path / "run")
    for old, new in zip(before, weights(tmp_path / "run"), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_folder_that_is_no_run_is_refused(config, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is no run"):
        train(config, tmp_path / "papers")
    assert (tmp_path / "papers" / "thesis.txt").read_text() == "years of work"


def test_more_components_than_there_are_is_refused(config, tmp_path):
    config.face_model.shape_components = 5
    with pytest.raises(InputError, match="has 4 shape components"):
        train(config, tmp_path / "run")


@pytest.mark.parametrize("term", ["identity", "batch_shape", "batch_texture", "loopback"])
def test_a_term_of_weight_zero_is_left_out(make_trainer, term):
    trainer, batch = make_trainer(**{f"loss.{term}": 0.0})
    terms = trainer.terms(batch)
    assert term not in terms and len(terms) == 4  # three others and a diagnostic


def test_the_parameter_loss_is_optional_and_reads_synthetic_faces(make_trainer):
    trainer, batch = make_trainer(**{"loss.parameter": 1.0, "training.synthetic_faces": 4})
    loss = trainer.terms(batch)["parameter"].numpy()
    # Coefficients near zero against standard normal ones, shape and texture each of weight one.
    assert 0.5 < loss < 5.0
    assert np.abs(gradients(trainer, batch, "parameter")).max() > 0


@pytest.mark.parametrize("term", ["identity", "loopback"])
def test_drawing_carries_gradients_to_the_decoder(make_trainer, term):
    trainer, batch = make_trainer(**{"loss.loopback_stop_gradient": "none"})
    found = gradients(trainer, batch, term)
    assert np.isfinite(found).all() and np.abs(found).max() > 1e-6


def test_a_soft_silhouette_adds_to_the_decoder_s_gradient(make_trainer):
    plain, batch = make_trainer()
    soft, _ = make_trainer(**{"rendering.soft_silhouette": True})
    soft.decoder.set_weights(plain.decoder.get_weights())
    without, found = (gradients(trainer, batch, "identity") for trainer in (plain, soft))
    assert np.isfinite(found).all()
    assert np.linalg.norm(found - without) > 1e-2 * np.linalg.norm(without)


def test_where_the_loop_s_gradient_stops_matters(make_trainer):
    found = {}
    for stop in ("none", "coefficients", "rendering"):
        trainer, batch = make_trainer(**{"loss.loopback_stop_gradient": stop})
        found[stop] = gradients(trainer, batch, "loopback")
    for one, other in (("none", "coefficients"), ("none", "rendering")):
        assert np.abs(found[one] - found[other]).max() > 1e-6


def test_the_same_step_draws_the_same_and_another_step_does_not(make_trainer):
    trainer, batch = make_trainer()
    loss = trainer.terms(batch)["identity"].numpy()
    assert trainer.terms(batch)["identity"].numpy() == pytest.approx(loss, rel=1e-6)
    assert trainer.terms(batch | {"step": np.int64(4)})["identity"].numpy() != loss


def test_a_wrong_gradient_stop_is_refused(config, tmp_path):
    config.loss.loopback_stop_gradient = "renderring"
    with pytest.raises(InputError, match="renderring"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("seed", 2**31),
        ("face_model.path", ""),
        ("face_model.shape_components", -1),
        ("photographs.crop", (30, 0, 10, 20)),
        ("photographs.crop", "alligned"),
        ("photographs.split_seed", -1),
        ("photographs.size", 0),
        ("encoder_outputs", ()),
        ("encoder_outputs", ("features", "fetures")),
        ("rendering.five_points", ((0.5, 0.5),)),
        ("rendering.field_of_view_degrees", 0.0),
        ("rendering.kernels", "gpu"),
        ("scene.exposure", (1.5,)),
        ("scene.exposure", (1.5, 1.0)),
        ("scene.ambient_share", (0.5, 1.5)),
        ("scene.yaw_degrees", -1.0),
        ("training.drawn_triangles", 1),
        ("decoder.hidden_units", (8, 0)),
        ("training.steps", 0),
        ("training.rendered_faces", 7),
        ("training.learning_rate", 0.0),
        ("training.threads", -1),
        ("training.optimizer", "adamm"),
        ("training.weight_decay", -0.1),
        ("training.learning_rate_schedule", "cosin"),
        ("training.final_learning_rate", 1.5),
        ("training.mixed_precision", "bfloat17"),
        ("training.gradient_clip_norm", -0.5),
        ("loss.identity", -1.0),
    ],
)
def test_values_that_make_no_sense_are_named(config, tmp_path, field, value):
    config.update_from_flattened_dict({field: value})
    with pytest.raises(InputError, match=f"config: {field} is .*; it must be"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_without_any_loss_is_refused(config, tmp_path):
    config.loss.update({"identity": 0.0, "batch_shape": 0.0, "batch_texture": 0.0, "loopback": 0.0})
    with pytest.raises(InputError, match="every loss is 0"):
        train(config, tmp_path / "run")


@pytest.mark.parametrize("field", ["training.viewz", "encoder.color_oder", "colour"])
def test_a_typo_in_a_config_file_is_named(config, tmp_path, field):
    parent, _, name = field.rpartition(".")
    (config[parent] if parent else config)[name] = 3
    with pytest.raises(InputError, match=f"no field {field}"):
        train(config, tmp_path / "run")


def test_optional_fields_of_a_network_are_no_typos(config):
    config.encoder.update({"crop": (0.0, 0.0, 1.0, 1.0), "per_image_standardization": True})
    config.encoder.constants = {"phase_train:0": False}
    check_config(config)


def test_photographs_none_of_which_can_be_read_are_named(config, tmp_path):
    for number in range(4):
        (tmp_path / "broken").mkdir(exist_ok=True)
        (tmp_path / "broken" / f"{number}.png").write_bytes(b"no picture")
    config.photographs.update({"folder": str(tmp_path / "broken"), "test_identities": 2})
    with pytest.raises(InputError, match=r"broken: of the .* people no photograph .*\.png: cannot"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_networks_of_one_file_fed_differently_are_two(config):
    encoder, (identity,) = make_networks(config)
    assert encoder.network is identity.network
    config.identity.trained_on.network.color_order = "BGR"
    encoder, (identity,) = make_networks(config)
    assert encoder.network is not identity.network
    assert identity.network.convention.color_order == "BGR"


@pytest.mark.parametrize("content", [b"", b"no face model", None])
def test_a_run_that_cannot_begin_leaves_no_folder(config, tmp_path, content):
    path = tmp_path / "face.h5"
    if content is not None:
        path.write_bytes(content)
    config.face_model.path = str(path)
    with pytest.raises(InputError, match="face.h5"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_undecodable_photograph_is_skipped_counted_and_named(config, tmp_path, caplog):
    photographs = tmp_path / "photographs"
    shutil.copytree(config.photographs.folder, photographs)
    (photographs / "Person_00" / "9.png").write_bytes(b"no picture")
    config.photographs.folder = str(photographs)
    train(config, tmp_path / "run")
    skipped = json.loads((tmp_path / "run" / "people.json").read_text())["skipped"]
    assert [entry["path"] for entry in skipped] == [str(photographs / "Person_00" / "9.png")]
    assert "photographs skipped: 1" in caplog.text and "9.png" in caplog.text


def test_a_folder_without_photographs_is_named(config, tmp_path):
    (tmp_path / "empty").mkdir()
    config.photographs.folder = str(tmp_path / "empty")
    with pytest.raises(InputError, match="empty"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("field", "value"), [("judge.path", "/no/such/judge"), ("judge_output", "embeding")]
)
def test_a_judge_that_is_not_there_is_found_before_training(config, tmp_path, field, value):
    config.update_from_flattened_dict({field: value})
    with pytest.raises(InputError, match=value):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_too_few_people_are_named_with_their_folder_and_field(config, tmp_path):
    config.photographs.test_identities = 99
    with pytest.raises(InputError, match=r"photographs: 99 test .*photographs\.test_identities"):
        train(config, tmp_path / "run")
