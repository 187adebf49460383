"""The real networks tell the people of Labeled Faces in the Wild apart, fed as the config says."""

import copy

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.config import network_config
from tf_morph.photographs import LFW_FACE_CROP, load_photographs
from tf_morph.recognition import compute_features, load_network

SIZE = 112
PAIRS_OF_THE_QUICK_CHECK = 25
# On the 600 pairs of lfw_pairs_subset.txt, photographs cropped as above: measured with this code.
MEASURED_AUC = {"mobileface_v2": 0.9937, "mobilefacenet_y1": 0.9985}


@pytest.fixture(scope="module", params=sorted(MEASURED_AUC))
def config(request, assets):
    path = assets / "recognition" / request.param
    if not path.is_dir():
        pytest.skip(f"needs the network {path}")
    return network_config(request.param, str(path))


def _pairs(assets):
    """(path, path) of same people and of different people, from a file like LFW's pairs.txt."""
    file = assets / "lfw_pairs_subset.txt"
    if not file.is_file():
        pytest.skip(f"needs the pairs {file}")

    def photograph(name, number):
        return str(assets / "lfw" / name / f"{name}_{int(number):04d}.jpg")

    same, different = [], []
    for fields in (line.split() for line in file.read_text().splitlines()[1:]):
        if len(fields) == 3:
            same.append((photograph(fields[0], fields[1]), photograph(fields[0], fields[2])))
        else:
            different.append((photograph(*fields[:2]), photograph(*fields[2:])))
    return same, different


def _similarities(network, pairs):
    """Cosine of the embeddings of each pair: [len(pairs)]."""
    paths = sorted({path for pair in pairs for path in pair})
    loaded = load_photographs(paths, LFW_FACE_CROP, SIZE, progress=False)
    assert not loaded.skipped
    embeddings = compute_features(network, loaded.images, progress=False)["embedding"]
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    rows = {path: row for row, path in enumerate(paths)}
    left, right = (embeddings[[rows[pair[side]] for pair in pairs]] for side in (0, 1))
    return np.sum(left * right, axis=1)


def _auc(same, different):
    """The share of (same, different) pairs of scores in the right order."""
    return np.mean(same[:, None] > different[None, :])


def test_colour_order_and_range_are_those_of_the_config(config, assets):
    same, different = (pairs[::12][:PAIRS_OF_THE_QUICK_CHECK] for pairs in _pairs(assets))

    def margin(**changes):
        changed = copy.deepcopy(config)
        changed.update(changes)
        network = load_network(changed)
        scores = _similarities(network, same + different)
        same_scores, different_scores = scores[: len(same)], scores[len(same) :]
        spread = np.hypot(same_scores.std(), different_scores.std())
        return (same_scores.mean() - different_scores.mean()) / spread

    right = margin()
    assert right > 2.0
    assert margin(color_order="BGR") < 0.97 * right
    assert margin(input_range=(0.0, 1.0)) < 0.8 * right


def test_swapping_colours_changes_who_is_seen(config, assets):
    same, _ = _pairs(assets)
    paths = [pair[0] for pair in same[::30]]
    images = load_photographs(paths, LFW_FACE_CROP, SIZE, progress=False).images
    network = load_network(config)
    upright, swapped = (network(x / np.float32(255)) for x in (images, images[..., ::-1]))
    cosines = -tf.keras.losses.cosine_similarity(upright["embedding"], swapped["embedding"])
    assert np.mean(cosines) < 0.97


def test_gradient_reaches_every_picture_of_any_batch(config, assets):
    network = load_network(config)
    same, _ = _pairs(assets)
    images = load_photographs([p[0] for p in same[::100]], LFW_FACE_CROP, SIZE, progress=False)

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3])])
    def gradient(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            outputs = network(pictures)
            score = sum(tf.reduce_sum(tf.math.l2_normalize(o, -1)[:, :4]) for o in outputs.values())
        return tape.gradient(score, pictures)

    pictures = images.images.astype(np.float32) / 255
    for batch in (pictures, pictures[:1], np.zeros((1, SIZE, SIZE, 3), np.float32)):
        slope = gradient(batch).numpy()
        assert np.isfinite(slope).all()
        assert (np.abs(slope).max((1, 2, 3)) > 1e-6).all()


@pytest.mark.slow
def test_verification_on_labeled_faces_in_the_wild(config, assets):
    same, different = _pairs(assets)
    scores = _similarities(load_network(config), same + different)
    auc = _auc(scores[: len(same)], scores[len(same) :])
    assert auc == pytest.approx(MEASURED_AUC[config.name], abs=0.005)
