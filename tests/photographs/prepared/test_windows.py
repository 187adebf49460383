"""Which prepared photographs a step sees."""

import dataclasses

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.photographs.prepared.windows import PHOTOGRAPH, FeatureShards, damage_named

KEY, BATCH, SEED = "0/embedding", 7, 3
CHOSEN = np.array([0, 1, 2, 5, 6, 11, 12, 13, 20, 21, 22, 23, 24, 30, 31, 38, 39])
ROWS = 2 * len(CHOSEN)  # of an epoch


def _batches(features, first=0, steps=20, **options):
    dataset = features.shuffled(SEED, BATCH, first, steps, **options)
    return [{name: values.numpy() for name, values in batch.items()} for batch in dataset]


@pytest.fixture(scope="module")
def features(prepared):
    """In windows of two shards, of which there are six."""
    return FeatureShards(prepared, CHOSEN, mirrored=True, window_shards=2)


@pytest.fixture(scope="module")
def unbroken(features):
    return _batches(features)


@pytest.fixture(scope="module")
def rows(features):
    """The features of CHOSEN and then of their mirror images."""
    values = np.empty((len(CHOSEN), 2, 5), np.float32)
    for places, parsed in features.all_rows():
        values[places] = parsed[KEY]
    return np.concatenate([values[:, 0], values[:, 1]])


def test_every_epoch_has_every_photograph_once_and_nobody_else(unbroken, rows):
    seen = np.concatenate([batch[PHOTOGRAPH] for batch in unbroken])
    epochs = seen[: len(seen) // ROWS * ROWS].reshape(-1, ROWS)
    assert len(epochs) == 4
    assert (np.sort(epochs, axis=1) == np.arange(ROWS)).all()
    assert len({tuple(epoch) for epoch in epochs}) == 4
    np.testing.assert_array_equal(np.concatenate([b[KEY] for b in unbroken]), rows[seen])


def test_any_step_can_be_begun_at(features, unbroken):
    for first in (1, 4, 13):  # in the first window, another, and a later epoch
        resumed = _batches(features, first)
        assert len(resumed) == 20 - first
        for whole, part in zip(unbroken[first:], resumed, strict=True):
            for name, values in whole.items():
                np.testing.assert_array_equal(values, part[name])


def test_steps_are_numbered(unbroken):
    assert [batch["step"] for batch in unbroken] == list(range(20))


def test_shuffling_reaches_beyond_a_shard_and_differs_by_seed(prepared, features):
    orders = [
        np.concatenate([b[PHOTOGRAPH].numpy() for b in features.shuffled(seed, ROWS, 0, 1)])
        for seed in (0, 1)
    ]
    assert (orders[0] != orders[1]).any()
    shards = prepared.shards[CHOSEN][orders[0] % len(CHOSEN)]
    assert np.count_nonzero(np.diff(shards)) > 6  # six shards one after the other have five


def test_without_mirror_images_there_are_none(prepared):
    features = FeatureShards(prepared, CHOSEN, mirrored=False)
    seen = [b[PHOTOGRAPH].numpy() for b in features.shuffled(0, len(CHOSEN), 0, 2)]
    assert all(sorted(epoch) == list(range(len(CHOSEN))) for epoch in seen)


def test_mirror_images_that_were_not_prepared_are_missed(prepared):
    recipe = dataclasses.replace(prepared.recipe, mirrored=False)
    with pytest.raises(InputError, match="without mirror images"):
        FeatureShards(dataclasses.replace(prepared, recipe=recipe), CHOSEN, mirrored=True)


def test_a_damaged_shard_ends_in_one_line(prepared, tmp_path):
    damaged = []
    for number, file in enumerate(prepared.feature_files):
        content = bytearray(open(file, "rb").read())
        content[len(content) // 2] ^= 255
        (tmp_path / str(number)).write_bytes(content)
        damaged.append(str(tmp_path / str(number)))
    folder = dataclasses.replace(prepared, feature_files=tuple(damaged))
    with pytest.raises(InputError, match="a shard is damaged or gone"), damage_named(folder):
        _batches(FeatureShards(folder, CHOSEN, mirrored=True))
