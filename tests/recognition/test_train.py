"""Training a network: its loss, its measure, that it learns, goes on, and is written."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.augmentation import vary
from tf_morph.recognition.contrastive import Schedule, contrastive_loss, train_contrastive
from tf_morph.recognition.plan import NetworkPlan, build_network
from tf_morph.recognition.train import measure, train_network
from tf_morph.recognition.training_state import TrainingState
from tf_morph.recognition.verification import pair_accuracy, pair_auc

SIZE = 32
PLAN = NetworkPlan(
    "vgg_face", 0.0625, 16, SIZE, "flatten", schedule=Schedule(120, people=32, seed=5)
)
SHORT = PLAN._replace(schedule=Schedule(3, people=8), unseen_share=0.25)


def _people(count, photographs, seed):
    """Pictures of people who are patterns: uint8 [N, SIZE, SIZE, 3], labels [N]."""
    generator = np.random.default_rng(seed)
    patterns = (
        generator.uniform(60, 190, (count, 4, 4, 3)).repeat(SIZE // 4, 1).repeat(SIZE // 4, 2)
    )
    labels = np.repeat(np.arange(count), photographs)
    light = generator.normal(0, 25, (len(labels), 1, 1, 1))
    noise = generator.normal(0, 25, (len(labels), SIZE, SIZE, 3))
    return np.clip(patterns[labels] + light + noise, 0, 255).astype(np.uint8), labels


def _write(folder, images, labels):
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / f"p{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"p{label}" / f"p{label}_{i:04d}.png")


def test_contrastive_loss_equals_its_definition():
    embeddings = np.random.default_rng(0).standard_normal((8, 5)).astype(np.float32)
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    terms = []
    for i in range(8):
        others = [j for j in range(8) if j != i]
        scores = np.array([unit[i] @ unit[j] for j in others]) / 0.2
        partner = others.index((i + 4) % 8)
        terms.append(np.log(np.exp(scores).sum()) - scores[partner])
    assert float(contrastive_loss(embeddings, 0.2)) == pytest.approx(np.mean(terms), rel=1e-5)


def test_contrastive_loss_between_all_alike_and_all_apart():
    assert float(contrastive_loss(tf.ones([6, 4]), 0.1)) == pytest.approx(np.log(5), rel=1e-5)
    apart = np.concatenate([np.eye(3), np.eye(3)]).astype(np.float32)
    assert float(contrastive_loss(apart, 0.05)) < 1e-6


def test_pair_auc_equals_counting():
    generator = np.random.default_rng(1)
    labels = np.repeat(np.arange(5), 3)
    embeddings = generator.standard_normal((15, 4)) + 0.8 * np.eye(5, 4)[labels]
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    pairs = [(i, j) for i in range(15) for j in range(i)]
    same = [unit[i] @ unit[j] for i, j in pairs if labels[i] == labels[j]]
    other = [unit[i] @ unit[j] for i, j in pairs if labels[i] != labels[j]]
    counted = np.mean([(s > o) + 0.5 * (s == o) for s in same for o in other])
    assert pair_auc(embeddings, labels) == pytest.approx(counted)


def test_pair_auc_at_its_ends():
    labels = np.array(["a", "a", "b", "b"])
    assert pair_auc(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]]), labels) == 1.0
    assert pair_auc(np.ones((4, 3)), labels) == 0.5
    with pytest.raises(ValueError, match="same and of different"):
        pair_auc(np.ones((3, 2)), np.arange(3))


def test_accuracy_equals_trying_every_threshold():
    generator = np.random.default_rng(2)
    labels = np.repeat(np.arange(6), 3)
    embeddings = generator.standard_normal((18, 4)) + 0.8 * np.eye(6, 4)[labels]
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    pairs = [(i, j) for i in range(18) for j in range(i)]
    same = np.array([unit[i] @ unit[j] for i, j in pairs if labels[i] == labels[j]])
    other = np.array([unit[i] @ unit[j] for i, j in pairs if labels[i] != labels[j]])
    tried = [((same >= t).mean() + (other < t).mean()) / 2 for t in np.linspace(-1, 1, 20001)]
    assert pair_accuracy(embeddings, labels) == pytest.approx(max(tried), abs=1e-3)
    assert pair_accuracy(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]]), [0, 0, 1, 1]) == 1.0


def test_varied_pictures_are_the_seed_s_and_stay_pictures_of_the_same():
    images = tf.constant(_people(6, 1, 0)[0], tf.float32)
    varied = [vary(images, tf.constant(seed)) for seed in ([0, 1], [0, 1], [0, 2])]
    np.testing.assert_array_equal(varied[0], varied[1])
    assert np.abs(varied[0] - varied[2]).max() > 5
    assert varied[0].shape == images.shape
    assert 0 <= varied[0].numpy().min() and varied[0].numpy().max() <= 255
    mean_difference = np.abs(varied[0].numpy().mean((1, 2)) - images.numpy().mean((1, 2)))
    assert mean_difference.max() < 50


def test_training_tells_unseen_people_apart_and_is_repeatable():
    images, labels = _people(60, 3, 0)
    unseen = _people(30, 3, 1)
    results = []
    for _ in range(2):
        model = build_network(PLAN)
        before = measure(model, *unseen)["auc"]
        losses = train_contrastive(model, images, labels, PLAN.schedule)
        results.append((losses, measure(model, *unseen)["auc"]))
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:3])
    assert results[0][1] > max(0.8, before + 0.15)
    np.testing.assert_allclose(results[0][0][:20], results[1][0][:20], rtol=1e-2)


class _Ended(Exception):
    pass


def test_a_training_that_was_ended_goes_on_as_if_it_had_not(tmp_path, monkeypatch):
    monkeypatch.setattr("tf_morph.recognition.contrastive._SAVE_EVERY", 2)
    images, labels = _people(12, 2, 0)
    schedule = Schedule(6, people=8)
    whole = build_network(SHORT)
    losses = train_contrastive(whole, images, labels, schedule)

    class Ending(TrainingState):
        def save(self, step, model, optimizer):
            super().save(step, model, optimizer)
            if step == 4:
                raise _Ended

    path = tmp_path / "state.npz"
    with pytest.raises(_Ended):
        train_contrastive(build_network(SHORT), images, labels, schedule, state=Ending(path, 1))
    rest = train_contrastive(
        build_network(SHORT), images, labels, schedule, state=TrainingState(path, 1)
    )
    np.testing.assert_allclose(rest, losses[4:], rtol=1e-3)
    with pytest.raises(InputError, match="another training"):
        train_contrastive(whole, images, labels, schedule, state=TrainingState(path, 2))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="damaged"):
        train_contrastive(whole, images, labels, schedule, state=TrainingState(path, 1))


def test_a_trained_network_loads_as_any_other(tmp_path):
    images, labels = _people(12, 2, 0)
    _write(tmp_path / "photos", images, labels)
    out = tmp_path / "net.keras"
    facts = train_network(tmp_path / "photos", out, SHORT)
    assert (facts["people"], facts["unseen_people"], facts["photographs"]) == (9, 3, 18)
    assert 0 <= facts["auc"] <= 1 and 0.5 <= facts["accuracy"] <= 1
    assert facts["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.keras", "photos"]
    network = load_network(network_config("ours", str(out), kind="keras", input_size=SIZE))
    assert network.output_sizes["embedding"] == 16
    with pytest.raises(InputError, match="exists"):
        train_network(tmp_path / "photos", out, SHORT)


def test_other_people_can_be_named_to_measure_on(tmp_path):
    _write(tmp_path / "photos", *_people(8, 2, 0))
    _write(tmp_path / "unseen", *_people(5, 2, 1))
    untrained = SHORT._replace(schedule=Schedule(0))
    facts = train_network(
        tmp_path / "photos", tmp_path / "a.keras", untrained, unseen_photos=tmp_path / "unseen"
    )
    assert (facts["people"], facts["unseen_people"], facts["last_loss"]) == (8, 5, None)
    network = load_network(
        network_config("random", str(tmp_path / "a.keras"), kind="keras", input_size=SIZE)
    )
    picture = np.random.default_rng(0).uniform(size=(1, SIZE, SIZE, 3)).astype(np.float32)
    expected = build_network(untrained)(picture * 255, training=False)
    np.testing.assert_allclose(network(picture)["embedding"], expected["embedding"], rtol=1e-4)


def test_people_with_one_photograph_teach_nothing(tmp_path):
    images, labels = _people(5, 1, 0)
    _write(tmp_path / "photos", images, labels)
    with pytest.raises(InputError, match="two photographs"):
        train_network(tmp_path / "photos", tmp_path / "net.keras", SHORT)


def test_a_file_of_another_kind_is_not_written(tmp_path):
    with pytest.raises(InputError, match="ends in .keras"):
        train_network(tmp_path, tmp_path / "net", SHORT)
