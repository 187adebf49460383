"""Photographs of made-up people, pairs of them, and real small networks to tell them apart."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import network_config
from tf_morph.evaluation.pairs import make_pairs

SIZE = 12
PEOPLE, FOLDS, PAIRS = 24, 3, 8


class _Colors(tf.Module):
    """Compares coarse colours; one channel of the input can be made to spoil the features."""

    def __init__(self, seed):
        super().__init__()
        kernel = np.random.default_rng(seed).normal(size=(3 * 3 * 3, 10)) / 128
        self.kernel = tf.Variable(kernel.astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def __call__(self, image):
        coarse = tf.reshape(tf.nn.avg_pool2d(image - 128.0, 4, 4, "VALID"), [-1, 27])
        # All black pictures give features that are not finite.
        spoilt = tf.where(tf.reduce_all(coarse <= -128, 1, keepdims=True), np.inf, 0.0)
        return {"embedding": coarse @ self.kernel + spoilt, "pooled": coarse[:, :4] + spoilt}


@pytest.fixture(scope="session")
def colors(tmp_path_factory):
    """The folder of a SavedModel that sees colours."""
    path = tmp_path_factory.mktemp("networks") / "colors"
    network = _Colors(0)
    tf.saved_model.save(network, str(path), signatures=network.__call__)
    return path


@pytest.fixture(scope="session")
def colors_config(colors):
    """Its config, of one output."""
    config = network_config("colors", str(colors), input_size=SIZE)
    config.outputs = {"embedding": "embedding"}
    return config


@pytest.fixture
def photographs(tmp_path):
    """A folder of two photographs, SIZE + 2 pixels wide, of each person."""
    random = np.random.default_rng(0)
    for person in range(PEOPLE):
        folder = tmp_path / "photographs" / f"Person_{person:02d}"
        folder.mkdir(parents=True)
        color = random.integers(20, 236, (3, 3, 3))
        for number in (1, 2):
            noisy = np.clip(color + random.integers(-25, 25, (3, 3, 3)), 0, 255).astype(np.uint8)
            picture = Image.fromarray(noisy).resize((SIZE + 2, SIZE + 2))
            picture.save(folder / f"{folder.name}_{number:04d}.png")
    return tmp_path / "photographs"


@pytest.fixture
def pair_file(photographs, tmp_path):
    file = tmp_path / "pairs.txt"
    file.write_text(make_pairs(photographs, FOLDS, PAIRS))
    return file
