"""Data as small as it can be: a face model, a network, photographs, and the config of a run."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_morph.config import identity_config, network_config
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.default_config import default_config

SIZE = 24
TEST_PEOPLE = 10


class _Network(tf.Module):
    """A random linear network that looks at coarse colours."""

    def __init__(self, seed):
        super().__init__()
        kernel = np.random.default_rng(seed).normal(size=(6 * 6 * 3, 8)) / 128
        self.kernel = tf.Variable(kernel.astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def __call__(self, image):
        coarse = tf.nn.avg_pool2d(image - 128.0, 4, 4, "VALID")
        features = tf.reshape(coarse, (-1, 6 * 6 * 3)) @ self.kernel
        return {"embedding": features, "pooled": tf.nn.relu(features)}


def _bulge():
    """A face of a kind: a bulging sheet of 200 by 240 mm that varies at random."""
    random = np.random.default_rng(3)
    x, y = np.meshgrid(np.linspace(-100, 100, 9), np.linspace(120, -120, 9))
    vertices = np.stack([x, y, 80 - 0.005 * (x**2 + y**2)], axis=-1).reshape(-1, 3)
    corner = (np.arange(8)[:, None] * 9 + np.arange(8)).reshape(-1, 1)
    triangles = np.concatenate([corner + [0, 9, 1], corner + [1, 9, 10]])
    basis = np.linalg.qr(random.normal(size=(vertices.size, 4)))[0]
    points = {
        "right.eye.corner_outer": (-45, 35, 70),
        "right.eye.corner_inner": (-18, 35, 75),
        "left.eye.corner_inner": (18, 35, 75),
        "left.eye.corner_outer": (45, 35, 70),
        "center.nose.tip": (0, -5, 80),
        "right.lips.corner": (-25, -40, 72),
        "left.lips.corner": (25, -40, 72),
    }
    return MorphableModel(
        shape=LinearBasis(vertices, basis, np.full(4, 20.0)),
        color=LinearBasis(np.full_like(vertices, 0.5), basis[:, :3], np.full(3, 1.0)),
        triangles=triangles.astype(np.int32),
        landmarks={name: np.array(point, np.float32) for name, point in points.items()},
        name="a bulge",
    )


def _save_network(folder, name, seed):
    network = _Network(seed)
    tf.saved_model.save(network, str(folder / name), signatures=network.__call__)
    return network_config(name, str(folder / name), input_size=SIZE)


def _save_photographs(folder):
    random = np.random.default_rng(0)
    for person in range(16):
        colors = random.integers(40, 216, size=(6, 6, 3))
        (folder / f"Person_{person:02d}").mkdir(parents=True)
        for number in range(1 + person % 2):
            noisy = np.clip(colors + random.integers(-20, 20, size=colors.shape), 0, 255)
            picture = Image.fromarray(noisy.astype(np.uint8)).resize((SIZE, SIZE))
            picture.save(folder / f"Person_{person:02d}" / f"{number}.png")


@pytest.fixture(scope="session")
def tiny_config(tmp_path_factory):
    """A run of two steps that draws; copy it before changing it."""
    folder = tmp_path_factory.mktemp("data")
    _bulge().save(folder / "face.h5")
    _save_photographs(folder / "photographs")
    config = default_config()
    config.face_model.path = str(folder / "face.h5")
    config.photographs.update(
        {"folder": str(folder / "photographs"), "size": SIZE, "test_identities": TEST_PEOPLE}
    )
    config.encoder = _save_network(folder, "trained_on", 1)
    config.identity.trained_on = identity_config(config.encoder)
    config.judge = _save_network(folder, "judging", 2)
    config.rendering.update({"size": SIZE, "surround": False})
    config.training.update(
        {"steps": 2, "decoded_faces": 6, "rendered_faces": 2, "views": 2, "log_every": 1}
    )
    return config


@pytest.fixture(scope="session")
def second_network(tmp_path_factory):
    """A network that is neither the tiny run's nor its judge, and looks at a part of the picture;
    copy it before changing it."""
    network = _save_network(tmp_path_factory.mktemp("second"), "second", 3)
    network.crop = (0.25, 0.125, 0.75, 0.875)
    return network
