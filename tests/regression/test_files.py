"""What a config names and is not there: all of it at once, with where it is to be had."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tf_morph.config import ASSETS_VARIABLE
from tf_morph.errors import InputError, InputErrors
from tf_morph.morphable_model.sources import SOURCES, Source
from tf_morph.regression.files import check_files

ROOT = Path(__file__).parents[2]
# File name and official page, in the order the paper's config names them.
OF_THE_PAPER = (
    ("morphable/model2017-1_bfm_nomouth.h5", "https://faces.dmi.unibas.ch"),
    ("recognition/20180402-114759.pb", "https://github.com/davidsandberg/facenet"),
    ("recognition/rcmalli_vggface_tf_vgg16.h5", "https://github.com/rcmalli/keras-vggface"),
    ("lfw", "http://vis-www.cs.umass.edu/lfw"),
)
NOT_THERE = Path("not there")


def _missing(config, converted=NOT_THERE):
    with pytest.raises(InputErrors) as caught:
        check_files(config, converted)
    return caught.value.lines


@pytest.fixture
def config(tiny_config):
    return tiny_config.copy_and_resolve_references()


def test_a_config_whose_files_are_there_passes(config):
    check_files(config, NOT_THERE)
    config.judge.path = ""
    config.judge.name = "package:nothing"
    check_files(config, NOT_THERE)


def test_everything_missing_is_named_once(config):
    config.face_model.path = "/nowhere/face.h5"
    config.encoder.path = config.identity.trained_on.network.path = "/nowhere/one"
    config.judge.path = "package:embedded/networks/no_such.keras"
    config.photographs.folder = "/nowhere/photographs"
    config.photographs.split = "/nowhere/split.csv"
    config.truth = "/nowhere/truth"
    first, *lines = _missing(config)
    assert "(6)" in first
    assert [line.split(":")[0] for line in lines] == [
        "/nowhere/face.h5",
        "/nowhere/one",
        "package",
        "/nowhere/photographs",
        "/nowhere/split.csv",
        "/nowhere/truth",
    ]


def test_one_line_holds_them_all_for_who_catches_it_as_an_input_error(config):
    config.face_model.path = config.judge.path = "/nowhere/model2017-1_bfm_nomouth.h5"
    with pytest.raises(InputError, match="unibas.*judging's, a saved_model") as caught:
        check_files(config, NOT_THERE)
    assert "\n" not in str(caught.value)


def test_the_embedded_world_is_made_where_it_is_missing(config):
    config.embedded_world = "/nowhere/world"
    config.face_model.path = "/nowhere/world/face_model.h5"
    config.photographs.split = "/nowhere/world2/split.csv"
    assert [line.split(":")[0] for line in _missing(config)[1:]] == ["/nowhere/world2/split.csv"]


def test_a_gnm_head_that_a_run_converted_is_needed_no_more(config, tmp_path):
    config.face_model.path = "/nowhere/gnm_head.npz"
    assert "get gnm_head.npz from https://github.com/google/gnm" in _missing(config)[1]
    converted = tmp_path / "face_model.h5"
    converted.touch()
    check_files(config, converted)


def test_a_face_model_that_is_a_name_is_no_file(config, monkeypatch):
    named = Source(takes=lambda place: place == "average", load=None, is_path=False)
    monkeypatch.setattr("tf_morph.morphable_model.sources.SOURCES", (named, *SOURCES))
    config.face_model.path = "average"
    check_files(config, NOT_THERE)
    config.face_model.path = "below average"
    assert "below average: no such file" in _missing(config)[1]


def test_a_face_model_that_a_run_converted_is_needed_no_more(config, tmp_path):
    config.face_model.path = "/nowhere/ict.zip"
    assert "github.com/USC-ICT/ICT-FaceKit" in _missing(config)[1]
    converted = tmp_path / "face_model.h5"
    converted.touch()
    check_files(config, converted)


def _run(tmp_path, command, assets=None):
    environment = {name: value for name, value in os.environ.items() if name != ASSETS_VARIABLE}
    if assets is not None:
        environment[ASSETS_VARIABLE] = str(assets)
    ended = subprocess.run(
        [sys.executable, *command, f"--workdir={tmp_path / 'run'}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2 and "Traceback" not in ended.stderr, ended.stderr
    assert not (tmp_path / "run").exists()
    _, _, told = ended.stderr.partition("error: ")
    return told.splitlines()


@pytest.mark.parametrize("command", ["train.py", "evaluate.py"])
def test_the_paper_s_missing_files_are_named_with_page_and_place(tmp_path, command):
    first, *lines = _run(tmp_path, [command, "--config=configs/paper.py"], tmp_path)
    assert first == "missing, of the files the config names (4):"
    for line, (name, page) in zip(lines, OF_THE_PAPER, strict=True):
        assert line.startswith(f"  {tmp_path / name}: no such ") and page in line
    for line, (name, _) in list(zip(lines, OF_THE_PAPER, strict=True))[:3]:
        assert line.endswith(f"put it at $TF_MORPH_ASSETS/{name}")


def test_without_the_variable_one_message_says_so_and_what_is_looked_for(tmp_path):
    first, *lines = _run(tmp_path, ["train.py", "--config=configs/paper.py:vgg_face"])
    assert first.startswith("the environment variable TF_MORPH_ASSETS is not set; set it to")
    assert len(lines) == 5 and all("TF_MORPH_ASSETS is not set" not in line for line in lines)
    assert "rcmalli_vggface_tf_notop_resnet50.h5" in lines[3]
