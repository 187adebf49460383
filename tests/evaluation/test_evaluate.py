"""A run of two steps, evaluated from its folder: the joints, and what a user may get wrong."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation.evaluate import evaluate
from tf_morph.regression.train import train

TEST_PEOPLE = 10


@pytest.fixture(scope="module")
def config(tiny_config):
    config = tiny_config.copy_and_resolve_references()
    # Without the terms that draw, training compiles in a second.
    config.loss.update({"identity": 0.0, "loopback": 0.0})
    return config


@pytest.fixture(scope="module")
def workdir(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        train(config, folder / "run")
        yield folder / "run"


@pytest.fixture(scope="module")
def measurements(workdir, config):
    """The run evaluated by another judge than its own config's, in name."""
    other = config.copy_and_resolve_references()
    other.judge.name = "renamed"
    return evaluate(other, workdir)


def test_a_run_is_evaluated_from_its_folder(workdir, measurements):
    table = pd.read_csv(workdir / "evaluation" / "run" / "recall.csv")
    found = set(table[["method", "network", "role", "gallery"]].itertuples(index=False, name=None))
    methods = set(measurements.recall["method"])
    assert found == {
        (method, network, role, TEST_PEOPLE)
        for method in methods
        for network, role in (("renamed", "held_out"), ("trained_on", "training"))
    }
    mean_face = table[table["method"] == "mean_face"]
    np.testing.assert_allclose(mean_face["top1"], 1 / TEST_PEOPLE, rtol=1e-5)
    # Another photograph differs by a little noise alone.
    assert (table[table["method"] == "another_photograph"]["top1"] == 1.0).all()
    figures = measurements.coefficients.set_index(["coefficients", "figure"])["ours"]
    assert 0.0 < figures["shape", "largest_coefficient"] < 10.0
    sheet = Image.open(workdir / "evaluation" / "run" / "contact_sheet.png")
    assert sheet.width == 2 * (4 * 144 + 3 * 2) + 10  # pixels: four pictures, their seams, twice
    section = (workdir / "evaluation" / "run" / "section.md").read_text()
    assert re.search(r"\| training steps +\| 2 ", section)


def test_a_failed_evaluation_leaves_the_older_one(workdir, config, measurements):
    before = (workdir / "evaluation" / "run" / "recall.csv").read_text()
    wrong = config.copy_and_resolve_references()
    wrong.judge_output = "emmbedding"
    with pytest.raises(InputError, match="judge_output"):
        evaluate(wrong, workdir)
    assert (workdir / "evaluation" / "run" / "recall.csv").read_text() == before


def test_a_run_of_another_config_is_refused(workdir, config):
    other = config.copy_and_resolve_references()
    other.photographs.test_identities = 5
    with pytest.raises(InputError, match="photographs.test_identities"):
        evaluate(other, workdir)


def test_how_long_it_was_to_train_does_not_matter(workdir, config):
    other = config.copy_and_resolve_references()
    other.training.steps, other.seed = 7, 7
    evaluate(other, workdir)
    report = (workdir / "evaluation" / "run" / "section.md").read_text()
    assert re.search(r"\| training steps +\| 2 ", report) and re.search(r"\| seed +\| 0 ", report)


def test_folders_that_are_no_trained_run_are_refused(workdir, tmp_path):
    with pytest.raises(InputError, match="train.py"):
        evaluate(None, tmp_path / "missing")
    with pytest.raises(InputError, match="train.py"):
        evaluate(None, tmp_path)
    (tmp_path / "config.json").write_bytes((workdir / "config.json").read_bytes())
    with pytest.raises(InputError, match="train.py"):
        evaluate(None, tmp_path)


def test_a_network_that_was_trained_on_is_no_judge(workdir, config):
    fooled = config.copy_and_resolve_references()
    fooled.judge = config.encoder.copy_and_resolve_references()
    fooled.judge.outputs = {"embedding": "pooled"}  # another output of the same network
    assert set(evaluate(fooled, workdir).recall["role"]) == {"training"}
    assert "**No held-out network**" in (workdir / "evaluation" / "run" / "section.md").read_text()
