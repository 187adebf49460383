"""The encoder of random weights: built as the trained one, another network."""

import keras
import numpy as np
import pytest

from benchmarks.claims.random_features import make_random_encoder
from tf_morph.errors import InputError


@pytest.fixture
def trained(tmp_path):
    image = keras.Input((8, 8, 3), name="image")
    pooled = keras.layers.Conv2D(4, 3, kernel_initializer="zeros")(image)
    pooled = keras.layers.GlobalAveragePooling2D()(pooled)
    model = keras.Model(image, {"embedding": keras.layers.Dense(5)(pooled), "pooled": pooled})
    for variable in model.trainable_variables:
        variable.assign_add(np.full(variable.shape, 7.0))
    model.save(tmp_path / "trained.keras")
    return tmp_path / "trained.keras"


def test_random_encoder_is_built_alike_and_the_same_every_time(trained, tmp_path):
    kernels = []
    for name in ("first.keras", "second.keras"):
        make_random_encoder(trained, tmp_path / name)
        model = keras.saving.load_model(tmp_path / name)
        assert {name: output.shape[1] for name, output in model.output.items()} == {
            "embedding": 5,
            "pooled": 4,
        }
        kernels.append(model.trainable_variables[2].numpy())
    assert np.array_equal(*kernels) and 0.0 < np.abs(kernels[0]).max() < 7.0


def test_random_encoder_is_kept(trained, tmp_path):
    (tmp_path / "kept.keras").write_text("as it was")
    make_random_encoder(trained, tmp_path / "kept.keras")
    assert (tmp_path / "kept.keras").read_text() == "as it was"


def test_what_is_no_keras_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothing.keras: not a .keras file"):
        make_random_encoder(tmp_path / "nothing.keras", tmp_path / "random.keras")
