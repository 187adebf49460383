"""The real networks tell the people of Labeled Faces in the Wild apart, fed as the config says."""

import copy

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.config import network_config
from tf_morph.evaluation.pairs import read_pairs
from tf_morph.photographs import LFW_FACE_CROP, load_photographs
from tf_morph.recognition import compute_features, load_network

SIZE = 112
PAIRS_OF_THE_QUICK_CHECK = 40
NETWORKS = ("mobileface_v2", "mobilefacenet_y1")


@pytest.fixture(scope="module", params=NETWORKS)
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

    pairs = read_pairs(file, assets / "lfw")
    paths = [tuple(pairs.photographs[row] for row in rows) for rows in pairs.rows]
    same, different = (
        [pair for pair, of_one in zip(paths, pairs.same, strict=True) if of_one == kind]
        for kind in (True, False)
    )
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
    same, different = (pairs[::7][:PAIRS_OF_THE_QUICK_CHECK] for pairs in _pairs(assets))

    def scores(pairs, **changes):
        changed = copy.deepcopy(config)
        changed.update(changes)
        return _similarities(load_network(changed), pairs)

    right, apart = scores(same), scores(different[::2])
    assert _auc(right[::2], apart) > 0.98
    assert abs(apart.mean()) < 0.1
    # Fed 0..1, a network made for 0..255 sees black: everybody is alike.
    assert scores(different[::8], input_range=(0.0, 1.0)).mean() > 0.9
    # The right order makes the same people more alike, pair by pair: two standard errors at least.
    gain = right - scores(same, color_order="BGR")
    assert gain.mean() > 2 * gain.std() / np.sqrt(len(gain))


def test_the_network_is_fed_what_its_file_asks_for(config, assets):
    paths = [pair[0] for pair in _pairs(assets)[0][::60]]
    images = load_photographs(paths, LFW_FACE_CROP, SIZE, progress=False).images
    signature = tf.saved_model.load(config.path).signatures["serving_default"]
    expected = signature(image=tf.cast(images, tf.float32))  # RGB, 0..255
    features = compute_features(load_network(config), images, progress=False)
    for ours, theirs in config.outputs.items():
        np.testing.assert_allclose(features[ours], expected[theirs], rtol=1e-3, atol=1e-3)


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
