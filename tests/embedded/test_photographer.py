"""Photographs of made-up people: laid out as LFW's, fixed by their seed, faces in their place."""

import numpy as np
import pytest
from PIL import Image

from tf_morph.embedded.photographer import People, photograph_people
from tf_morph.morphable_model.procedural import full_model
from tf_morph.photographs import list_photographs, load_photographs


@pytest.fixture(scope="module")
def faces():
    return full_model(0, painted_people=60)


@pytest.fixture(scope="module")
def folder(faces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    photograph_people(faces, People(9, 4, 32, seed=3), folder)
    return folder


def test_layout_is_lfws(folder):
    listed = list_photographs(folder)
    assert len(listed) == 36
    assert sorted(set(listed.identities)) == [f"person_{i:05d}" for i in range(1, 10)]
    assert (folder / "person_00002" / "person_00002_0004.jpg").is_file()
    assert Image.open(listed.paths[0]).size == (32, 32)


def test_same_seed_same_photographs_other_seed_others(faces, tmp_path):
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        photograph_people(faces, People(2, 2, 32, seed), tmp_path / name)
    names = [p.relative_to(tmp_path / "first") for p in sorted((tmp_path / "first").rglob("*.jpg"))]
    first, again, other = (
        np.stack([np.asarray(Image.open(tmp_path / folder / name), float) for name in names])
        for folder in ("first", "again", "other")
    )
    assert len(names) == 4
    assert np.abs(first - again).mean() < 1
    assert np.abs(first - other).mean() > 10


def test_photographs_of_one_person_vary_and_of_two_people_more(folder):
    listed = list_photographs(folder)
    images = load_photographs(listed.paths, None, 32, progress=False).images.astype(float)
    # Cheeks, nose, mouth: light's strength aside.
    faces = images[:, 12:26, 10:22].reshape(9, 4, -1)
    faces = faces / np.linalg.norm(faces, axis=-1, keepdims=True)
    within = np.linalg.norm(faces - faces.mean(1, keepdims=True), axis=-1).mean()
    between = np.linalg.norm(faces - faces.mean((0, 1)), axis=-1).mean()
    assert 0.01 < within < between


def test_no_photograph_is_empty_or_flat(folder):
    listed = list_photographs(folder)
    images = load_photographs(listed.paths, None, 32, progress=False).images
    assert images.std(axis=(1, 2, 3)).min() > 15
