"""Stages: what a config may say of them, and a run that goes through two."""

import numpy as np
import pandas as pd
import pytest

from tf_morph.config import config_difference, load_config, save_config
from tf_morph.errors import InputError
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.default_config import default_config
from tf_morph.regression.stages import stages_of, unreached_stages
from tf_morph.regression.train import train

NO_PHOTOGRAPHS = {"identity": 0.0, "loopback": 0.0, "batch_shape": 0.0, "batch_texture": 0.0}
SYNTHETIC = {
    "first_step": 1,
    "loss": NO_PHOTOGRAPHS | {"parameter": 1.0},
    "training": {"synthetic_faces": 16, "learning_rate": 3e-3},
    "scene": {"yaw_degrees": 30.0, "exposure": (0.5, 1.5)},
}
PHOTOGRAPHS = {"first_step": 3, "training": {"views": 1}}


@pytest.fixture
def config(tiny_config):
    config = tiny_config.copy_and_resolve_references()
    config.training.update({"steps": 4, "checkpoint_every": 1})
    return config


def test_without_stages_a_run_is_one(config):
    (stage,) = stages_of(config)
    assert (stage.name, stage.begin, stage.end) == ("", 0, 4)
    assert config_difference(stage.config, config) == []


def test_a_stage_changes_what_it_names_and_nothing_else(config):
    config.stages = {"synthetic": SYNTHETIC, "photographs": PHOTOGRAPHS}
    synthetic, photographs = stages_of(config)
    assert (synthetic.name, synthetic.begin, synthetic.end) == ("synthetic", 0, 2)
    assert (photographs.name, photographs.begin, photographs.end) == ("photographs", 2, 4)
    assert synthetic.config.loss.parameter == 1.0 and synthetic.config.loss.identity == 0.0
    assert synthetic.config.scene.exposure == (0.5, 1.5)
    assert photographs.config.loss == config.loss and photographs.config.training.views == 1
    assert photographs.config.training.learning_rate == config.training.learning_rate


def test_steps_before_the_first_stage_are_as_the_config_stands(config):
    config.stages = {"photographs": PHOTOGRAPHS}
    first, second = stages_of(config)
    assert (first.name, first.begin, first.end, second.begin) == ("", 0, 2, 2)
    assert first.config.training == config.training


def test_stages_survive_being_written_down(config, tmp_path):
    config.stages = {"synthetic": SYNTHETIC, "photographs": PHOTOGRAPHS}
    save_config(config, tmp_path / "config.json")
    read = load_config(tmp_path / "config.json")
    assert config_difference(read, config) == []
    for one, other in zip(stages_of(read), stages_of(config), strict=True):
        assert one[:3] == other[:3] and config_difference(one.config, other.config) == []


def test_a_stage_never_reached_is_known(config):
    config.stages = {"late": {"first_step": 5}, "last": {"first_step": 4}}
    assert unreached_stages(config) == ["late"]
    assert [stage.name for stage in stages_of(config)] == ["", "last"]


@pytest.mark.parametrize(
    ("stages", "line"),
    [
        ({"a": {"first_step": 1, "loss": {"identiti": 1.0}}}, "stages.a.loss.identiti: no field"),
        ({"a": {"first_step": 1, "encoder": {"name": "b"}}}, "stages.a.encoder.name: no field"),
        ({"a": {"first_step": 1, "training": {"steps": 3}}}, "stages.a.training.steps: no field"),
        ({"a": {"first_step": 1, "loss": 3.0}}, "stages.a.loss: no field"),
        ({"a": {"first_step": 1, "loss": {"identity": "b"}}}, "stages.a.loss.identity is 'b'"),
        ({"a": {"first_step": 1, "loss": {"identity": -1.0}}}, "stage a: .*loss.identity is -1.0"),
        ({"a": {"first_step": 1, "loss": NO_PHOTOGRAPHS}}, "stage a: .*every loss is 0"),
        ({"a": {"first_step": 1, "training": {"rendered_faces": 7}}}, "stage a: .*rendered_faces"),
        ({"a": {"first_step": 0}}, "stages.a.first_step must be 1 or more"),
        ({"a": {"loss": {"identity": 1.0}}}, "stages.a.first_step must be"),
        ({"a": {"first_step": 2}, "b": {"first_step": 2}}, "the same first_step"),
    ],
)
def test_mistakes_are_named(config, stages, line):
    config.stages = stages
    with pytest.raises(InputError, match=line):
        check_config(config)


def test_the_default_has_none():
    assert len(default_config().stages) == 0


def test_a_run_goes_from_one_stage_to_the_next(config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    config.stages = {"synthetic": SYNTHETIC, "photographs": PHOTOGRAPHS}
    train(config, tmp_path / "run")
    rows = pd.read_csv(tmp_path / "run" / "metrics.csv", index_col="step")
    np.testing.assert_array_equal(rows["parameter"].notna(), [True, True, False, False])
    for term in ("identity", "loopback", "batch_shape"):
        np.testing.assert_array_equal(rows[term].isna(), [True, True, False, False])
