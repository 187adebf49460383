"""Photographs of made-up people: laid out as LFW's, fixed by their seed, faces in their place."""

import numpy as np
import pytest
from PIL import Image

from tf_morph.embedded import photographer
from tf_morph.embedded.people import draw_people
from tf_morph.embedded.photographer import Assignment, photograph_people
from tf_morph.photographs import list_photographs, load_photographs


@pytest.fixture(scope="module")
def folder(faces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    photograph_people(faces, draw_people(faces, 9, [3, 1]), Assignment(4, 32, [3, 2]), folder)
    return folder


def test_layout_is_lfws(folder):
    listed = list_photographs(folder)
    assert len(listed) == 36
    assert sorted(set(listed.identities)) == [f"person_{i:05d}" for i in range(1, 10)]
    assert (folder / "person_00002" / "person_00002_0004.jpg").is_file()
    assert Image.open(listed.paths[0]).size == (32, 32)


def _files(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.jpg")}


def test_same_seed_same_photographs_other_seed_others(faces, folder, tmp_path):
    people = draw_people(faces, 9, [3, 1])
    photograph_people(faces, people, Assignment(4, 32, [3, 2]), tmp_path / "again")
    photograph_people(faces, people, Assignment(4, 32, [4, 2]), tmp_path / "other")
    first, again, other = (_files(f) for f in (folder, tmp_path / "again", tmp_path / "other"))
    assert len(first) == 36
    assert first == again
    assert first.keys() == other.keys()
    assert not set(first.values()) & set(other.values())


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


def test_a_share_of_the_photographs_is_occluded(faces, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(photographer, "OCCLUDED_SHARE", 0.0)
    people = draw_people(faces, 9, [3, 1])
    photograph_people(faces, people, Assignment(4, 32, [3, 2]), tmp_path)
    clear = _files(tmp_path)
    differing = [name for name, file in _files(folder).items() if file != clear[name]]
    assert 3 <= len(differing) <= 16  # of 36, a quarter in the mean
