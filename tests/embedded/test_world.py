"""The embedded world: made once, whole or not at all, and read like real assets."""

import json
import shutil

import numpy as np
import pytest

from tf_morph.embedded import world as world_module
from tf_morph.embedded.world import WorldPlan, ensure_world
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs import list_photographs
from tf_morph.photographs.split_file import read_split

TINY = WorldPlan(
    size=32,
    painted_people=60,
    photographs=2,
    sets=(("training", 4), ("the 84", 2), ("the 1000", 3)),
)
pytestmark = pytest.mark.usefixtures("quick_face_model")


@pytest.fixture(scope="module")
def world(tmp_path_factory, quick_face_model):
    folder = tmp_path_factory.mktemp("made") / "world"
    ensure_world(folder, 0, TINY)
    return folder


def _times(folder):
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in sorted(folder.rglob("*.*"))}


def test_the_split_has_everybody_photographed_once(world):
    split = read_split(world / "split.csv")
    assert {name: len(people) for name, people in split.galleries.items()} == {
        "the 84": 2,
        "the 1000": 3,
    }
    assert len(split.training) == 4
    listed = list_photographs(world / "photographs")
    training, test = split.indices(listed)
    assert sorted([*training, *test]) == list(range(18))


def test_the_truth_is_the_photographed_people(world):
    full = MorphableModel.load(world / "truth" / "face_model.h5")
    regressors = MorphableModel.load(world / "face_model.h5")
    truth = np.load(world / "truth" / "people.npz")
    assert set(truth["identities"]) == set(list_photographs(world / "photographs").identities)
    assert truth["shape"].shape == (9, full.shape_components)
    assert truth["texture"].shape == (9, full.texture_components)
    # The regressor's model is the head of the people's, which has more.
    count = regressors.shape_components
    assert count < full.shape_components
    np.testing.assert_allclose(
        regressors.vertices(truth["shape"][:, :count]),
        full.vertices(truth["shape"][:, :count]),
        atol=1e-3,
    )
    assert np.abs(full.vertices(truth["shape"]) - full.shape.mean).max() > 5


def test_photographs_are_drawn_from_the_truth(world, monkeypatch, tmp_path):
    """With the truth of two people exchanged, exactly their photographs are others."""
    drawn = world_module.draw_people

    def exchanged(*args):
        people = drawn(*args)
        order = [1, 0, *range(2, 9)]
        return people._replace(shape=people.shape[order], texture=people.texture[order])

    monkeypatch.setattr(world_module, "draw_people", exchanged)
    ensure_world(tmp_path / "world", 0, TINY)
    files = [
        sorted((folder / "photographs").rglob("*.jpg")) for folder in (world, tmp_path / "world")
    ]
    differing = [a.name for a, b in zip(*files, strict=True) if a.read_bytes() != b.read_bytes()]
    assert differing == [f"person_0000{i}_000{j}.jpg" for i in (1, 2) for j in (1, 2)]


def test_the_record_says_what_was_made(world):
    record = json.loads((world / "world.json").read_text())
    assert record["made_by"]["plan"]["sets"][0] == ["training", 4]
    assert len(set(record["sha256"].values())) == 5
    assert set(record["seconds"]) == {"face model", "all"}


def test_nothing_of_the_making_is_left(world):
    assert [p.name for p in world.parent.iterdir()] == ["world"]
    assert not list(world.rglob("*.partial")) and not list(world.glob(".*"))


def test_a_second_call_touches_nothing(world):
    before = _times(world)
    ensure_world(world, 0, TINY)
    assert _times(world) == before


def test_an_interrupted_making_is_taken_up(world, tmp_path):
    partial = tmp_path / "world.partial"
    shutil.copytree(world, partial)
    record = json.loads((partial / "world.json").read_text())
    (partial / ".made_by.json").write_text(json.dumps(record["made_by"], sort_keys=True))
    (partial / "world.json").unlink()
    shutil.rmtree(partial / "photographs")
    before = _times(partial)
    ensure_world(tmp_path / "world", 0, TINY)
    after = _times(tmp_path / "world")
    assert after["truth/face_model.h5"] == before["truth/face_model.h5"]
    again = json.loads((tmp_path / "world" / "world.json").read_text())
    assert again["sha256"] == record["sha256"]


def test_another_world_or_something_else_is_never_overwritten(world, tmp_path):
    with pytest.raises(InputError, match="another seed, size or version"):
        ensure_world(world, 1, TINY)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="no embedded world"):
        ensure_world(tmp_path, 0, TINY)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("record", [b"", b'{"made_by": {', b"[1]", b"null", b"{}", b"\xff\xfe"])
def test_a_damaged_record_is_called_that(tmp_path, record):
    (tmp_path / "world.json").write_bytes(record)
    with pytest.raises(InputError, match="no embedded world, or a damaged one"):
        ensure_world(tmp_path, 0, TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["world.json"]
    assert (tmp_path / "world.json").read_bytes() == record
