"""A run of random weights, and a photograph of a painted face."""

import pytest

from tests.photographs.painted_face import paint
from tf_morph.config import network_config
from tf_morph.reconstruction.regressor import Regressor
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.components import coefficient_counts, make_encoder, make_face_model
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.run_folder import RunFolder


def save_run(config, workdir):
    """A run's folder as training leaves it, its decoder as it begins."""
    folder = RunFolder(workdir)
    folder.open_for_training(config)
    encoder, model = make_encoder(config), make_face_model(config, folder.face_model)
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    Checkpoints(folder, decoder).save(1)
    return workdir


@pytest.fixture(scope="session")
def run_folder(tiny_config, tmp_path_factory):
    return save_run(tiny_config, tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="session")
def shipped_run_folder(tiny_config, tmp_path_factory):
    """A run that reads by the network that comes with the package."""
    config = tiny_config.copy_and_resolve_references()
    path = "package:embedded/networks/judge.keras"
    config.encoder = network_config("judge", path, kind="keras", input_size=112)
    config.encoder_outputs = ("features", "embedding")
    return save_run(config, tmp_path_factory.mktemp("shipped") / "run")


@pytest.fixture(scope="session")
def regressor(run_folder):
    return Regressor.load(run_folder)


@pytest.fixture(scope="session")
def portrait():
    """A photograph of one face, 160 x 140 pixels, and its five points."""
    photograph, points = paint((160, 140), (30, 20, 100))
    return photograph, points[0]
