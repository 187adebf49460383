"""The embedded world: made once, whole or not at all, and read like real assets."""

import json
import shutil

import pytest

from tf_morph.config import network_config
from tf_morph.embedded.world import WorldPlan, ensure_world
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs import list_photographs
from tf_morph.recognition import load_network
from tf_morph.recognition.contrastive import Schedule
from tf_morph.recognition.train import NetworkPlan

TINY = WorldPlan(
    size=32,
    painted_people=60,
    people=4,
    photographs=2,
    network_people=5,
    network_photographs=2,
    encoder=NetworkPlan("strided", 4, 8, schedule=Schedule(2)),
    judge=NetworkPlan("stacked", 4, 8, schedule=Schedule(2)),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "world"
    ensure_world(folder, 0, TINY)
    return folder


def _times(folder):
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in sorted(folder.rglob("*.*"))}


def test_the_world_reads_like_real_assets(world):
    assert MorphableModel.load(world / "face_model.h5").shape_components == 30
    assert len(list_photographs(world / "photographs")) == 8
    networks = [
        load_network(network_config(name, str(world / "recognition" / name), input_size=32))
        for name in ("encoder", "judge")
    ]
    assert all(network.output_names == ("embedding", "features") for network in networks)
    assert networks[0].fingerprint != networks[1].fingerprint


def test_the_record_says_what_was_made(world):
    record = json.loads((world / "world.json").read_text())
    assert record["made_by"]["plan"]["people"] == 4
    assert len(set(record["sha256"].values())) == 4
    for network in record["networks"].values():
        assert 0 <= network["auc_on_people_of_the_regressor"] <= 1
        assert network["people"] == 5
    seeds = [network["seed"] for network in record["networks"].values()]
    assert len(set(seeds)) == 2


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
    shutil.rmtree(partial / "recognition" / "judge")
    before = _times(partial)
    ensure_world(tmp_path / "world", 0, TINY)
    after = _times(tmp_path / "world")
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed == {".made_by.json", "recognition/judge.json"}
    assert (tmp_path / "world" / "recognition" / "judge" / "saved_model.pb").is_file()


def test_another_world_or_something_else_is_never_overwritten(world, tmp_path):
    with pytest.raises(InputError, match="another seed, size or version"):
        ensure_world(world, 1, TINY)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="no embedded world"):
        ensure_world(tmp_path, 0, TINY)
    assert (tmp_path / "notes.txt").read_text() == "mine"
