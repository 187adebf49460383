"""Checkpoints hold the whole decoder and optimiser."""

import keras
import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.run_folder import RunFolder


def make(seed):
    decoder = Decoder(3, 2, (5, 4), seed=seed)
    decoder.build((None, 6))
    return decoder, keras.optimizers.Adam(0.01)


def train_a_little(decoder, optimizer):
    decoder.adapt(np.random.default_rng(0).normal(2.0, 3.0, size=(9, 6)))
    optimizer.build(decoder.trainable_variables)
    for step in range(3):
        gradients = [np.full(v.shape, 0.1 * (step + 1)) for v in decoder.trainable_variables]
        optimizer.apply(gradients, decoder.trainable_variables)


def test_what_is_restored_is_what_was_saved(tmp_path):
    decoder, optimizer = make(seed=1)
    train_a_little(decoder, optimizer)
    Checkpoints(RunFolder(tmp_path), decoder, optimizer).save(3)
    other, other_optimizer = make(seed=2)
    assert Checkpoints(RunFolder(tmp_path), other, other_optimizer).resume() == 3
    pairs = [*zip(decoder.weights, other.weights, strict=True)]
    pairs += zip(optimizer.variables, other_optimizer.variables, strict=True)
    assert len(pairs) > 8 * 2
    for saved, restored in pairs:
        np.testing.assert_array_equal(saved, restored)
    features = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)
    np.testing.assert_array_equal(decoder(features)[0], other(features)[0])


def test_the_decoder_alone_can_be_restored(tmp_path):
    decoder, optimizer = make(seed=1)
    train_a_little(decoder, optimizer)
    Checkpoints(RunFolder(tmp_path), decoder, optimizer).save(3)
    other, _ = make(seed=2)
    assert Checkpoints(RunFolder(tmp_path), other).restore_decoder() == 3
    for saved, restored in zip(decoder.weights, other.weights, strict=True):
        np.testing.assert_array_equal(saved, restored)


def test_a_decoder_of_another_shape_is_not_restored(tmp_path):
    decoder, optimizer = make(seed=1)
    Checkpoints(RunFolder(tmp_path), decoder, optimizer).save(0)
    wider = Decoder(3, 2, (5, 5))
    wider.build((None, 6))
    with pytest.raises(InputError, match="not of this run's decoder"):
        Checkpoints(RunFolder(tmp_path), wider).restore_decoder()


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    decoder, optimizer = make(seed=1)
    Checkpoints(RunFolder(tmp_path), decoder, optimizer).save(2)
    (data,) = (tmp_path / "checkpoints").glob("*.data-*")
    data.write_bytes(content)
    with pytest.raises(InputError, match="ckpt-2: damaged"):
        Checkpoints(RunFolder(tmp_path), decoder).restore_decoder()
    with pytest.raises(InputError, match="ckpt-2: damaged"):
        Checkpoints(RunFolder(tmp_path), decoder, optimizer).resume()


def damage(tmp_path, number):
    (data,) = (tmp_path / "checkpoints").glob(f"ckpt-{number}.data-*")
    data.write_bytes(b"damaged")


def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(tmp_path, caplog):
    decoder, optimizer = make(seed=1)
    checkpoints = Checkpoints(RunFolder(tmp_path), decoder, optimizer)
    checkpoints.save(2)
    before = [weight.numpy() for weight in decoder.weights]
    train_a_little(decoder, optimizer)
    checkpoints.save(3)
    damage(tmp_path, 3)
    other, other_optimizer = make(seed=2)
    assert Checkpoints(RunFolder(tmp_path), other, other_optimizer).resume() == 2
    assert "ckpt-3: damaged" in caplog.text and "ckpt-2 is taken" in caplog.text
    for saved, restored in zip(before, other.weights, strict=True):
        np.testing.assert_array_equal(saved, restored)


def test_what_the_index_does_not_name_is_not_taken(tmp_path):
    decoder, optimizer = make(seed=1)
    checkpoints = Checkpoints(RunFolder(tmp_path), decoder, optimizer)
    checkpoints.save(2)
    index = (tmp_path / "checkpoints" / "checkpoint").read_bytes()
    checkpoints.save(3)
    # As a process leaves it that was killed before it was done with writing.
    (tmp_path / "checkpoints" / "checkpoint").write_bytes(index)
    (data,) = (tmp_path / "checkpoints").glob("ckpt-3.data-*")
    data.write_bytes(data.read_bytes()[:100])
    again = Checkpoints(RunFolder(tmp_path), decoder, optimizer)
    assert again.resume() == 2
    again.save(3)
    assert Checkpoints(RunFolder(tmp_path), decoder, optimizer).resume() == 3


def test_the_best_and_those_by_number_are_kept_and_found(tmp_path):
    decoder, optimizer = make(seed=1)
    checkpoints = Checkpoints(RunFolder(tmp_path), decoder, optimizer, keep=2)
    saved = {}
    for step in (1, 2, 3, 4):
        train_a_little(decoder, optimizer)
        saved[step] = decoder.weights[2].numpy()
        checkpoints.save(step)
        if step == 1:
            checkpoints.save_best(step)
    other, _ = make(seed=2)
    opened = Checkpoints(RunFolder(tmp_path), other)
    for which, step in (("latest", 4), ("best", 1), ("3", 3)):
        assert opened.restore_decoder(which) == step
        np.testing.assert_array_equal(other.weights[2], saved[step])
    with pytest.raises(InputError, match="no checkpoint '1'; there are 3, 4, latest"):
        opened.restore_decoder("1")


def test_without_a_best_checkpoint_it_is_said_how_to_have_one(tmp_path):
    decoder, optimizer = make(seed=1)
    Checkpoints(RunFolder(tmp_path), decoder, optimizer).save(1)
    with pytest.raises(InputError, match="validation.people"):
        Checkpoints(RunFolder(tmp_path), decoder).restore_decoder("best")


def test_a_run_without_checkpoint_says_so(tmp_path):
    decoder, optimizer = make(seed=1)
    assert Checkpoints(RunFolder(tmp_path), decoder, optimizer).resume() == 0
    with pytest.raises(InputError, match="no checkpoint"):
        Checkpoints(RunFolder(tmp_path), decoder).restore_decoder()


@pytest.mark.parametrize("damage", [None, b"", b"\0" * 80, b'model_checkpoint_path: "ckp'])
def test_a_lost_or_damaged_list_of_checkpoints_loses_none(tmp_path, damage):
    decoder, optimizer = make(seed=1)
    checkpoints = Checkpoints(RunFolder(tmp_path), decoder, optimizer)
    for step in (2, 4):
        checkpoints.save(step)
    index = tmp_path / "checkpoints" / "checkpoint"
    index.unlink()
    if damage is not None:
        index.write_bytes(damage)
    other, other_optimizer = make(seed=2)
    resumed = Checkpoints(RunFolder(tmp_path), other, other_optimizer)
    assert resumed.resume() == 4
    np.testing.assert_array_equal(decoder.weights[0], other.weights[0])
    resumed.save(6)  # of those there are, the oldest goes
    kept = sorted(path.name for path in index.parent.glob("*.index"))
    assert kept == ["ckpt-4.index", "ckpt-6.index"]


def test_lost_checkpoints_are_not_begun_anew(tmp_path):
    decoder, optimizer = make(seed=1)
    checkpoints = Checkpoints(RunFolder(tmp_path), decoder, optimizer)
    checkpoints.save(2)
    for path in (tmp_path / "checkpoints").glob("ckpt-2*"):
        path.unlink()
    with pytest.raises(InputError, match="its checkpoints are lost"):
        Checkpoints(RunFolder(tmp_path), decoder, optimizer).resume()
