"""Training a small network: its loss, its measure, and that it learns and exports."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import network_config
from tf_morph.errors import InputError
from tf_morph.recognition import load_network
from tf_morph.recognition.contrastive import Schedule, contrastive_loss, train_contrastive
from tf_morph.recognition.small_networks import ARCHITECTURES, build_network
from tf_morph.recognition.train import NetworkPlan, measure_auc, train_network
from tf_morph.recognition.verification import pair_auc

SIZE = 24


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


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_come_from_the_seed(architecture):
    image = np.random.default_rng(0).uniform(0, 255, (1, SIZE, SIZE, 3)).astype(np.float32)
    outputs = [build_network(architecture, 4, 7, SIZE, seed)(image) for seed in (3, 3, 4)]
    assert outputs[0]["embedding"].shape == (1, 7)
    np.testing.assert_array_equal(outputs[0]["embedding"], outputs[1]["embedding"])
    assert np.abs(outputs[0]["embedding"] - outputs[2]["embedding"]).max() > 1e-3


def test_training_tells_unseen_people_apart_and_is_repeatable():
    images, labels = _people(60, 3, 0)
    unseen = _people(30, 3, 1)
    results = []
    for _ in range(2):
        model = build_network("strided", 8, 16, SIZE, seed=0)
        before = measure_auc(model, *unseen)
        losses = train_contrastive(model, images, labels, Schedule(200, people=32, seed=5))
        results.append((losses, measure_auc(model, *unseen)))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])
    assert results[0][1] > max(0.97, before)
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-2)


def test_trained_network_loads_as_any_saved_model(tmp_path):
    images, labels = _people(12, 2, 0)
    _write(tmp_path / "photos", images, labels)
    plan = NetworkPlan("stacked", 4, 16, SIZE, Schedule(3, people=8), unseen_share=0.25)
    facts = train_network(tmp_path / "photos", tmp_path / "net", plan)
    assert (facts["people"], facts["unseen_people"], facts["photographs"]) == (9, 3, 18)
    assert 0 <= facts["auc_unseen"] <= 1
    config = network_config("small", str(tmp_path / "net"), input_size=SIZE)
    network = load_network(config)
    assert network.output_sizes == {"embedding": 16, "features": 32}
    pictures = tf.constant(images[:3], tf.float32) / 255
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        loss = tf.reduce_sum(network(pictures)["embedding"])
    assert np.abs(tape.gradient(loss, pictures)).max() > 0
    with pytest.raises(InputError, match="exists"):
        train_network(tmp_path / "photos", tmp_path / "net", plan)


def test_people_with_one_photograph_teach_nothing(tmp_path):
    images, labels = _people(5, 1, 0)
    _write(tmp_path / "photos", images, labels)
    with pytest.raises(InputError, match="two photographs"):
        train_network(tmp_path / "photos", tmp_path / "net", NetworkPlan(input_size=SIZE))
