"""A run on a prepared folder is a run on the photographs it was made from."""

import numpy as np
import pytest

from tf_morph.config import identity_config
from tf_morph.errors import InputError
from tf_morph.photographs.prepare import prepare
from tf_morph.regression import photograph_features
from tf_morph.regression.batches import training_batches
from tf_morph.regression.components import make_networks
from tf_morph.regression.photograph_sets import PhotographSet, split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.train import train
from tf_morph.regression.training_input import (
    adapt_decoder,
    known_encoder_features,
    training_input,
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def prepared_config(tiny_config, tmp_path_factory):
    """The tiny run's, with its photographs prepared in several shards."""
    out = tmp_path_factory.mktemp("prepared") / "photographs"
    config = tiny_config.copy_and_resolve_references()
    for task in (1, 0):
        folder = config.photographs.folder
        prepare(config, folder, str(out), task=(task, 2), processes=1, shard_photographs=7)
    config.photographs.folder = str(out)
    return config


@pytest.fixture
def config(prepared_config):
    return prepared_config.copy_and_resolve_references()


@pytest.fixture(scope="module")
def networks(tiny_config):
    return make_networks(tiny_config)


@pytest.fixture
def inputs(tiny_config, config, networks, tmp_path, monkeypatch):
    """(split, training input) of the photographs and of the prepared folder."""
    monkeypatch.setattr(photograph_features, "CACHE_FOLDER", str(tmp_path / "cache"))
    found = []
    for each in (tiny_config, config):
        split = split_photographs(each)
        found.append((split, training_input(each, *networks, split.training)))
    return found


def _epoch(features, photographs):
    batches = training_batches(features, 0, photographs, 0, 1)
    return {name: values.numpy() for name, values in next(iter(batches)).items()}


def test_split_features_and_batches_are_the_same(inputs, networks):
    (split, in_memory), (prepared_split, prepared) = inputs
    assert isinstance(split.training, PhotographSet) and isinstance(in_memory, dict)
    for side in ("training", "test"):
        one, other = getattr(split, side), getattr(prepared_split, side)
        assert (one.paths, one.identities) == (other.paths, other.identities)
    np.testing.assert_array_equal(split.test.images, prepared_split.test.images)
    np.testing.assert_array_equal(split.training.images, prepared_split.training.decoded().images)
    count = len(in_memory["encoder"])
    for _, features in inputs:
        epoch = _epoch(features, count)
        assert sorted(epoch["photograph"]) == list(range(count))
        for name in ("encoder", "identity/trained_on/embedding"):
            np.testing.assert_array_equal(epoch[name], in_memory[name][epoch["photograph"]])
    known = [known_encoder_features(networks[0], split.training) for split, _ in inputs]
    np.testing.assert_array_equal(*known)


def test_the_decoder_standardises_alike(inputs):
    class Moments:
        def adapt(self, features):
            self.adapt_to(features.mean(axis=0), features.std(axis=0))

        def adapt_to(self, mean, deviation):
            self.found = mean, deviation

    decoders = []
    for _, features in inputs:
        decoders.append(Moments())
        adapt_decoder(decoders[-1], features)
    for one, other in zip(decoders[0].found, decoders[1].found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_run_trains_on_a_prepared_folder(config, tmp_path):
    train(config, tmp_path / "run")
    assert Run.load(tmp_path / "run").steps == 2


def test_what_was_prepared_otherwise_is_refused_by_name(config, tiny_config, tmp_path):
    for field, value in (("crop", (0, 0, 20, 20)), ("size", 23)):
        other = config.copy_and_resolve_references()
        other.photographs[field] = value
        with pytest.raises(InputError, match=f"prepared with photographs.{field}"):
            split_photographs(other)
    training = split_photographs(config).training
    config.encoder = config.judge
    with pytest.raises(InputError, match="prepared with trained_on .*encoder, judging"):
        training_input(config, *make_networks(config), training)
    config.encoder = config.identity.trained_on.network
    config.identity.trained_on.outputs = ("embedding", "features")
    # The encoder's output is kept, too.
    assert training_input(config, *make_networks(config), training)
    config.identity.other = identity_config(config.judge)
    with pytest.raises(InputError, match="prepared with trained_on .*identity.other, judging"):
        training_input(config, *make_networks(config), training)
    with pytest.raises(InputError, match="is prepared already"):
        prepare(config, config.photographs.folder, str(tmp_path / "again"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(InputError, match="holds other files"):
        prepare(config, tiny_config.photographs.folder, str(tmp_path / "other"))
    with pytest.raises(InputError, match="--task_index=2 --num_tasks=2"):
        prepare(config, tiny_config.photographs.folder, str(tmp_path / "new"), task=(2, 2))
