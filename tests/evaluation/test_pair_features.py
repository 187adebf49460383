"""Features of files: each computed once, kept by content, the unreadable left out and named."""

import shutil

import numpy as np
import pytest
from PIL import Image

from tests.evaluation.conftest import IMAGE_SIZE
from tf_morph.errors import InputError
from tf_morph.evaluation import pair_features
from tf_morph.evaluation.pair_features import compute_pair_features
from tf_morph.photographs import load_photographs
from tf_morph.recognition import compute_features, load_network
from tf_morph.recognition.photograph_crop import read_files

CROP = (1, 1, IMAGE_SIZE + 1, IMAGE_SIZE + 1)


@pytest.fixture(scope="module")
def network(colors_config):
    return load_network(colors_config)


@pytest.fixture
def paths(photographs):
    return sorted(str(path) for path in photographs.rglob("*.png"))


@pytest.fixture
def features(network, tmp_path):
    def features(paths, crop=CROP, cache=tmp_path / "cache", network=network):
        return compute_pair_features(network, "embedding", read_files(paths), crop, cache)

    return features


@pytest.fixture
def decoded(monkeypatch):
    """The paths that are decoded, in turn."""
    paths = []
    load = pair_features.load_aligned

    def counted(asked, *args, **settings):
        paths.extend(asked)
        return load(asked, *args, **settings)

    monkeypatch.setattr(pair_features, "load_aligned", counted)
    return paths


@pytest.mark.parametrize("block, batch", [(256, 32), (10, 4), (1, 1)])
def test_blocks_do_not_matter(features, paths, network, monkeypatch, block, batch):
    monkeypatch.setattr(pair_features, "_BLOCK", block)
    monkeypatch.setattr(pair_features, "_BATCH", batch)
    images = load_photographs(paths, CROP, IMAGE_SIZE, progress=False).images
    expected = compute_features(network, images, progress=False)["embedding"]
    found = features(paths)
    np.testing.assert_allclose(found.features, expected, rtol=1e-5, atol=1e-6)
    assert found.skipped == () and found.images_per_second > 0


def test_every_content_is_decoded_once_and_never_again(features, paths, decoded):
    copy = paths[0].replace(".png", "_copy.png")
    shutil.copy(paths[0], copy)
    first = features([*paths, copy])
    assert sorted(decoded) == sorted([*paths[1:], copy])
    np.testing.assert_array_equal(first.features[0], first.features[-1])
    again = features([copy, *reversed(paths)])
    assert len(decoded) == len(paths)
    np.testing.assert_array_equal(again.features[1:], first.features[-2::-1])
    assert again.images_per_second == first.images_per_second


def test_only_what_is_new_is_computed(features, paths, decoded):
    features(paths[:20])
    Image.new("RGB", (14, 14), (200, 10, 10)).save(paths[3])
    first = features(paths[:20]).features
    assert decoded == [*paths[:20], paths[3]]
    np.testing.assert_array_equal(features(paths).features[:20], first)
    assert decoded[21:] == paths[20:]


def test_another_crop_or_convention_is_computed_anew(features, paths, colors_config):
    colors_config = colors_config.copy_and_resolve_references()
    colors_config.color_order = "BGR"
    found = [features(paths), features(paths, (0, 0, 9, 9)), features(paths, None)]
    found.append(features(paths, network=load_network(colors_config)))
    for one, other in zip(found, found[1:], strict=False):
        assert np.abs(one.features - other.features).max() > 1e-3


def test_a_call_that_is_broken_off_goes_on(features, paths, decoded, monkeypatch):
    monkeypatch.setattr(pair_features, "_BLOCK", 8)
    Image.new("RGB", (14, 14)).save(paths[20])
    with pytest.raises(InputError):
        features(paths)
    assert decoded == paths[:24]
    Image.new("RGB", (14, 14), (200, 10, 10)).save(paths[20])
    features(paths)
    assert decoded[24:] == paths[16:]


@pytest.mark.parametrize("damage", [b"", b"no archive", "half", "other arrays", "nan"])
def test_a_damaged_cache_is_computed_again(features, paths, tmp_path, damage):
    first = features(paths).features
    (file,) = (tmp_path / "cache").iterdir()
    if damage == "half":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "other arrays":
        np.savez(file, digests=np.zeros((3, 16), np.uint8), features=np.zeros((3, 4)))
    elif damage == "nan":
        arrays = dict(np.load(file))
        arrays["features"][5] = np.nan
        np.savez(file, **arrays)
    else:
        file.write_bytes(damage)
    np.testing.assert_array_equal(features(paths).features, first)


def test_what_cannot_be_decoded_is_named_and_has_no_features(features, paths):
    with open(paths[2], "wb") as file:
        file.write(b"no picture")
    for _ in range(2):
        found = features(paths)
        assert [path for path, _ in found.skipped] == [paths[2]]
        assert "cannot be decoded" in found.skipped[0][1]
        assert np.flatnonzero(np.isnan(found.features).any(axis=1)).tolist() == [2]


def test_nothing_that_can_be_decoded(features, paths):
    for path in paths:
        with open(path, "wb") as file:
            file.write(path.encode())
    found = features(paths)
    assert len(found.skipped) == len(paths) and np.isnan(found.features).all()
    assert np.isnan(found.images_per_second)


def test_a_cache_that_cannot_be_written_is_named(features, paths, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        features(paths, cache=tmp_path / "file")
