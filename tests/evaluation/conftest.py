"""Made-up people, their photographs, pairs and features; small networks; a run of two steps."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import network_config
from tf_morph.evaluation.context import open_context
from tf_morph.evaluation.identification import Probes
from tf_morph.evaluation.identification import test_people as choose_photographs
from tf_morph.evaluation.measurements import TestFeatures
from tf_morph.evaluation.methods import OURS, OURS_FROM_ANOTHER, RANDOM_FACE
from tf_morph.evaluation.pairs import make_pairs
from tf_morph.regression.train import train

DIMENSIONS = 16


def _album(people):
    photographs = [
        (f"photographs/Person_{person:04d}/{number}.jpg", f"Person_{person:04d}")
        for person in range(people)
        for number in range(2 if person % 3 == 0 else 1)
    ]
    return [list(column) for column in zip(*photographs, strict=True)]


@pytest.fixture(scope="session")
def make_features():
    """A function to people, identities and features: every third person has two photographs, and
    a rendering's features are its photograph's plus noise."""

    def make(count, noise, network="a_network", role="held_out", seed=0):
        random = np.random.default_rng(seed)
        paths, identities = _album(count)
        people = choose_photographs(paths, identities)
        whom = np.unique(identities, return_inverse=True)[1]
        photographs = random.normal(size=(count, DIMENSIONS))[whom]
        photographs = photographs + 0.2 * random.normal(size=photographs.shape)

        def rendered(indices):
            values = photographs[indices]
            return values + noise * random.normal(size=values.shape)

        features = TestFeatures(
            network=network,
            role=role,
            images=photographs,
            renderings={
                OURS: Probes(rendered(people.first), people.first),
                OURS_FROM_ANOTHER: Probes(
                    rendered(people.another[people.with_another]),
                    people.first[people.with_another],
                ),
                RANDOM_FACE: Probes(random.normal(size=(count, DIMENSIONS)), people.first),
            },
            mean_face=random.normal(size=DIMENSIONS),
        )
        return people, identities, features

    return make


IMAGE_SIZE = 12
PEOPLE, FOLDS, PAIRS = 24, 3, 8


class _Colors(tf.Module):
    """Compares coarse colours; one channel of the input can be made to spoil the features."""

    def __init__(self, seed):
        super().__init__()
        kernel = np.random.default_rng(seed).normal(size=(3 * 3 * 3, 10)) / 128
        self.kernel = tf.Variable(kernel.astype(np.float32))

    @tf.function(
        input_signature=[tf.TensorSpec([None, IMAGE_SIZE, IMAGE_SIZE, 3], tf.float32, name="image")]
    )
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
    config = network_config("colors", str(colors), input_size=IMAGE_SIZE)
    config.outputs = {"embedding": "embedding"}
    return config


@pytest.fixture
def photographs(tmp_path):
    """A folder of two photographs, IMAGE_SIZE + 2 pixels wide, of each person."""
    random = np.random.default_rng(0)
    for person in range(PEOPLE):
        folder = tmp_path / "photographs" / f"Person_{person:02d}"
        folder.mkdir(parents=True)
        color = random.integers(20, 236, (3, 3, 3))
        for number in (1, 2):
            noisy = np.clip(color + random.integers(-25, 25, (3, 3, 3)), 0, 255).astype(np.uint8)
            picture = Image.fromarray(noisy).resize((IMAGE_SIZE + 2, IMAGE_SIZE + 2))
            picture.save(folder / f"{folder.name}_{number:04d}.png")
    return tmp_path / "photographs"


@pytest.fixture
def pair_file(photographs, tmp_path):
    file = tmp_path / "pairs.txt"
    file.write_text(make_pairs(photographs, FOLDS, PAIRS))
    return file


@pytest.fixture(scope="session")
def make_context(tiny_config, tmp_path_factory):
    """A function to a new context, its keywords those of `open_context`."""
    config = tiny_config.copy_and_resolve_references()
    # Without the terms that draw, training compiles in a second.
    config.loss.update({"identity": 0.0, "loopback": 0.0})
    folder = tmp_path_factory.mktemp("stress")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        train(config, folder / "run")
        yield lambda **given: open_context(None, folder / "run", **given)
