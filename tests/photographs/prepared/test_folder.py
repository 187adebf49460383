"""What a prepared folder holds of its photographs, and what is said of folders that are damaged."""

import csv
import dataclasses
import json
import shutil

import numpy as np
import pytest

from tests.photographs.prepared.conftest import (
    PHOTOGRAPHS,
    RECIPE,
    compute,
    contents,
    make,
    save_photographs,
)
from tf_morph.errors import InputError
from tf_morph.photographs import list_photographs, load_photographs, split_identities
from tf_morph.photographs.prepared.folder import open_prepared
from tf_morph.photographs.prepared.plan import make_plan
from tf_morph.photographs.prepared.recipe import check_pictures
from tf_morph.photographs.prepared.shards import NOT_FINITE, make_shard, read_record
from tf_morph.photographs.prepared.windows import FeatureShards


@pytest.fixture
def copy(prepared, tmp_path):
    shutil.copytree(prepared.path, tmp_path / "copy")
    return tmp_path / "copy"


def test_images_and_features_are_those_of_the_photographs(source, prepared):
    listed = list_photographs(source)
    loaded = load_photographs(listed.paths, None, RECIPE.size, progress=False)
    usable = listed.select(loaded.kept)
    assert prepared.photographs.paths == usable.paths
    assert prepared.photographs.identities == usable.identities
    everything = np.arange(PHOTOGRAPHS)
    np.testing.assert_array_equal(prepared.images(everything), loaded.images)
    wanted = [
        compute(images)["0/embedding"] for images in (loaded.images, loaded.images[:, :, ::-1])
    ]
    seen = np.zeros(PHOTOGRAPHS, int)
    for places, values in FeatureShards(prepared, everything, mirrored=True).all_rows():
        # A matrix product of another batch may round otherwise.
        expected = np.stack(wanted, 1)[places]
        np.testing.assert_allclose(values["0/embedding"], expected, rtol=1e-5, atol=1e-6)
        seen[places] += 1
    assert (seen == 1).all()


def test_skipped_photographs_are_counted_and_named_with_the_reason(source, prepared):
    manifest = json.loads((prepared.path / "manifest.json").read_text())
    assert manifest["counts"] == {"photographs": PHOTOGRAPHS, "people": 14, "skipped": 3}
    assert manifest["skipped"]["reasons"] == {"cannot be decoded": 2, "an empty file": 1}
    with (prepared.path / "skipped.csv").open(newline="") as file:
        rows = {row["path"]: row["identity"] for row in csv.DictReader(file)}
    assert rows["train/alone/broken.png"] == "alone" and rows["train/n003/broken.png"] == "n003"
    assert str(source / "empty.png") in dict(prepared.photographs.skipped)


def test_people_are_split_as_those_of_the_folder_itself(source, prepared):
    for seed in range(5):
        sides = []
        for photographs in (list_photographs(source), prepared.listed):
            _, test = split_identities(photographs, 5, seed)
            sides.append({photographs.identities[index] for index in test})
        assert sides[0] == sides[1]


def test_shards_are_made_again_only_where_their_photographs_changed(tmp_path):
    source, out = tmp_path / "source", tmp_path / "out"
    save_photographs(source)
    make(source, out)
    plan = make_plan(source, RECIPE, 8)
    digests = [plan.shard(number).inputs_digest() for number in range(5)]
    (source / plan.photographs.paths[3]).write_bytes(b"another picture")
    again = [plan.shard(number).inputs_digest() for number in range(5)]
    assert sum(a != b for a, b in zip(digests, again, strict=True)) == 1
    other = make_plan(source, dataclasses.replace(RECIPE, size=9), 8)
    assert not set(digests) & {other.shard(number).inputs_digest() for number in range(5)}


def test_tasks_in_any_order_give_what_one_gives(source, prepared, tmp_path):
    assert make(source, tmp_path / "out", [5, 3, 1]) is None
    assert make(source, tmp_path / "out", [0, 2, 4]) is not None
    assert contents(tmp_path / "out") == contents(prepared.path)


def test_shards_of_an_older_plan_are_removed(prepared, source, copy):
    (copy / "shards" / "00000-of-00099.images").touch()
    (copy / "shards" / ".00000-of-00006.images.1f.partial").touch()
    make(source, copy, [])
    assert contents(copy) == contents(prepared.path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "where the manifest says"),
    ],
)
@pytest.mark.parametrize("kind", ["images", "features"])
def test_a_missing_or_truncated_shard_is_named(copy, damage, said, kind):
    shard = copy / "shards" / f"00002-of-00006.{kind}"
    damage(shard)
    with pytest.raises(InputError, match=said) as raised:
        open_prepared(copy)
    assert str(shard) in str(raised.value)


def test_damage_that_leaves_the_size_is_named_when_it_is_read(copy):
    for kind in ("images", "features"):
        for shard in copy.glob(f"shards/*.{kind}"):
            content = bytearray(shard.read_bytes())
            content[len(content) // 2] ^= 255
            shard.write_bytes(content)
    opened = open_prepared(copy)
    with pytest.raises(InputError, match=r"\.images: damaged"):
        opened.images(np.arange(PHOTOGRAPHS))


def test_a_folder_that_is_not_wholly_prepared_is_refused(source, tmp_path, copy):
    make(source, tmp_path / "out", [1])
    with pytest.raises(InputError, match="not wholly prepared"):
        open_prepared(tmp_path / "out")
    (copy / "index.csv").write_text("path,identity,shard,row,offset\n")
    with pytest.raises(InputError, match="index.csv: missing, or not as"):
        open_prepared(copy)
    (copy / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="not a manifest"):
        open_prepared(copy)


def test_photographs_none_of_which_can_be_used_are_refused(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="of 1 photographs none can be used.*cannot be decoded"):
        make(tmp_path, tmp_path / "out")


def test_a_photograph_whose_features_are_not_finite_is_skipped(source, tmp_path):
    def broken(images):
        values = compute(images)["0/embedding"].copy()
        values[0] = np.nan
        return {"0/embedding": values}

    plan = make_plan(source, RECIPE, 8).shard(0)
    make_shard(plan, tmp_path, broken)
    record = read_record(tmp_path, plan.name)
    assert [row.reason for row in record.skipped].count(NOT_FINITE) == 1
    assert len(record.paths) + len(record.skipped) == len(plan)


@pytest.mark.parametrize(("crop", "size", "named"), [((1, 2, 3, 4), 8, "crop"), (None, 9, "size")])
def test_another_crop_or_size_is_refused_by_name(crop, size, named):
    with pytest.raises(InputError, match=f"somewhere: prepared with photographs.{named}"):
        check_pictures(RECIPE, crop, size, "somewhere")
    check_pictures(RECIPE, None, 8, "somewhere")
