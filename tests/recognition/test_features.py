"""Features by batches equal features at once, and the cache knows what it holds."""

import copy

import numpy as np
import pytest

from tests.recognition.conftest import SIZE, WIDTH
from tf_morph.errors import InputError
from tf_morph.recognition import compute_features, load_network


@pytest.fixture(scope="module")
def network(saved_model):
    return load_network(saved_model.config)


def _photographs(count=7, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)


class _Counting:
    """A real network that counts how often it is traced or called."""

    def __init__(self, network):
        self._network, self.calls = network, 0

    def __getattr__(self, name):
        return getattr(self._network, name)

    def __call__(self, images):
        self.calls += 1
        return self._network(images)


def test_batches_do_not_matter(network, saved_model):
    photographs = _photographs()
    features = compute_features(network, photographs, batch_size=3, progress=False)
    np.testing.assert_allclose(
        features["embedding"], saved_model.expected(photographs.astype(np.float32)), atol=1e-5
    )
    assert features["features"].dtype == np.float32


def test_no_photographs_give_empty_features(network):
    features = compute_features(network, _photographs(0), progress=False)
    assert features["embedding"].shape == (0, WIDTH)


def test_second_time_is_read_from_disk(network, tmp_path):
    counting = _Counting(network)
    first = compute_features(counting, _photographs(), tmp_path, "test", progress=False)
    calls = counting.calls
    second = compute_features(counting, _photographs(), tmp_path, "test", progress=False)
    assert counting.calls == calls > 0
    for name in network.output_names:
        np.testing.assert_array_equal(first[name], second[name])
    assert [p.name.startswith("test-tiny-") for p in tmp_path.iterdir()] == [True]


def test_one_pixel_or_another_convention_is_other_content(network, saved_model, tmp_path):
    config = copy.deepcopy(saved_model.config)
    config.color_order = "BGR"
    changed = _photographs()
    changed[3, 2, 2, 1] ^= 1
    flipped = _photographs()[:, :, ::-1]
    first = compute_features(network, _photographs(), tmp_path, progress=False)["embedding"]
    others = [
        compute_features(network, changed, tmp_path, progress=False)["embedding"],
        compute_features(network, flipped, tmp_path, progress=False)["embedding"],
        compute_features(load_network(config), _photographs(), tmp_path, progress=False)[
            "embedding"
        ],
    ]
    assert len(list(tmp_path.iterdir())) == 4
    assert all(np.abs(other - first).max() > 1e-6 for other in others)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "other arrays", "nan"])
def test_damaged_cache_is_computed_again(network, tmp_path, damage):
    expected = compute_features(network, _photographs(), tmp_path, progress=False)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    if damage == "other arrays":
        np.savez(path, embedding=np.zeros((2, WIDTH), np.float32))
    elif damage == "nan":
        np.savez(path, **{n: np.full_like(v, np.nan) for n, v in expected.items()})
    else:
        damaged = {"truncated": content[:-60], "empty": b"", "text": b"no features"}
        path.write_bytes(damaged[damage])
    again = compute_features(network, _photographs(), tmp_path, progress=False)
    np.testing.assert_array_equal(again["embedding"], expected["embedding"])
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_names_with_slashes_stay_inside_the_folder(saved_model, tmp_path):
    config = copy.deepcopy(saved_model.config)
    config.name = "../a/b"
    compute_features(load_network(config), _photographs(), tmp_path / "cache", progress=False)
    assert [p.parent for p in tmp_path.rglob("*.npz")] == [tmp_path / "cache"]


def test_a_cache_folder_that_is_a_file_is_named(network, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: features cannot be kept there"):
        compute_features(network, _photographs(), tmp_path / "file", progress=False)
