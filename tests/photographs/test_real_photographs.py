"""Labeled Faces in the Wild in its own layout."""

import collections

import numpy as np
import pytest

from tf_morph.photographs import (
    LFW_FACE_CROP,
    list_photographs,
    load_photographs,
    split_identities,
)


@pytest.fixture(scope="module")
def photographs(assets):
    if not (assets / "lfw").is_dir():
        pytest.skip("needs Labeled Faces in the Wild (docs/assets.md)")
    return list_photographs(assets / "lfw")


def test_people_are_counted_by_folder(photographs, assets):
    assert len(set(photographs.identities)) == len(list((assets / "lfw").iterdir()))
    assert not photographs.skipped
    name, count = collections.Counter(photographs.identities).most_common(1)[0]
    assert sum(f"/{name}_0" in path for path in photographs.paths) == count


def test_a_split_by_people_loads_and_shows_faces(photographs):
    training, test = split_identities(photographs, 500, seed=0)
    assert len(training) + len(test) == len(photographs)
    loaded = load_photographs(
        photographs.select(test[:200]).paths, LFW_FACE_CROP, 112, progress=False
    )
    assert loaded.images.shape == (200, 112, 112, 3) and not loaded.skipped
    mean = loaded.images.mean(0)
    forehead, eye = mean[30:38, 50:62].mean(), mean[48:54, 36:43].mean()
    # Aligned faces: eyes are dark and skin is redder than blue in the mean photograph.
    assert forehead - eye > 30
    assert mean[70:80, 36:44, 0].mean() - mean[70:80, 36:44, 2].mean() > 40
    assert np.abs(mean - mean[:, ::-1]).mean() < 8
