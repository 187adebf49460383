"""The rebuilding of the shipped judge: whole, resumable; nobody is shared."""

import json
from unittest import mock

import numpy as np
import pytest

from tf_morph.embedded import rebuild as rebuild_module
from tf_morph.embedded.rebuild import RebuildPlan, rebuild
from tf_morph.errors import InputError
from tf_morph.recognition.card import check_networks, read_card
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.plan import NetworkPlan

TINY = RebuildPlan(
    size=32,
    painted_people=60,
    people=3,
    photographs=2,
    unseen_people=2,
    judge=NetworkPlan(
        "vgg_face", 0.03, 8, input_size=32, pooling="average", schedule=Schedule(1, seed=2)
    ),
)
pytestmark = pytest.mark.usefixtures("quick_face_model")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory, quick_face_model):
    out = tmp_path_factory.mktemp("rebuilt") / "assets"
    rebuild(out, TINY, command="the command")
    return out


def test_the_judge_has_a_card_that_fits_it(rebuilt):
    check_networks(rebuilt)
    card = read_card(rebuilt)
    assert card["command"] == "the command"
    assert list(card["networks"]) == ["judge"]
    for facts in card["networks"].values():
        assert (facts["people"], facts["photographs"], facts["unseen_people"]) == (3, 6, 2)


def test_no_photograph_is_in_two_sets(rebuilt):
    files = [path.read_bytes() for path in (rebuilt / "photographs").rglob("*.jpg")]
    assert len(files) == 6 + 4
    assert len(set(files)) == len(files)


def test_nobody_is_in_two_sets_nor_in_a_world(faces):
    streams = [[0, stream] for stream in rebuild_module._PEOPLE.values()] + [[0, 1], [0, 2]]
    first = [rebuild_module.draw_people(faces, 40, seed).shape[:, 0] for seed in streams]
    assert len(np.unique(np.concatenate(first))) == 160


def test_a_second_call_makes_nothing(rebuilt):
    before = {path: path.stat().st_mtime_ns for path in rebuilt.rglob("*.*")}
    with mock.patch.object(rebuild_module, "train_network", side_effect=AssertionError):
        rebuild(rebuilt, TINY, command="the command")
    changed = {p.name for p in rebuilt.rglob("*.*") if before.get(p) != p.stat().st_mtime_ns}
    assert changed <= {"card.json", "card.md"}
    assert json.loads((rebuilt / "card.json").read_text())["command"] == "the command"


def test_another_plan_needs_another_folder(rebuilt):
    with pytest.raises(InputError, match="another plan"):
        rebuild(rebuilt, RebuildPlan())
