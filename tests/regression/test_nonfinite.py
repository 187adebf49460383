"""The end of a run whose loss or gradient is not finite, and what it leaves to look at."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.regression.callbacks.nonfinite import NonFiniteStop
from tf_morph.regression.decoder import Decoder


@pytest.fixture
def decoder():
    decoder = Decoder(3, 2, (5,), seed=1)
    decoder.build((None, 6))
    return decoder


@pytest.fixture
def stop(decoder, tmp_path):
    return NonFiniteStop(tmp_path / "nonfinite", decoder, ["a.png", "b.png", "c.png"])


def _check(stop, decoder, values, damage=np.nan):
    gradients = [tf.ones(weight.shape) for weight in decoder.trainable_variables]
    gradients[2] = gradients[2] * damage
    batch = {"encoder": tf.constant([[damage] * 6, [1.0] * 6]), "step": tf.constant(6)}
    batch["photograph"] = tf.constant([2, 0])
    stop.check(7, values, gradients, batch, lambda values: values)


def test_what_is_finite_passes_and_leaves_nothing(stop, decoder, tmp_path):
    _check(stop, decoder, {"loss": 1.0, "gradient_norm": 1e30}, damage=1.0)
    assert not (tmp_path / "nonfinite").exists()


@pytest.mark.parametrize("damage", [np.nan, np.inf, -np.inf])
def test_step_term_and_state_are_named_and_can_be_loaded(stop, decoder, tmp_path, damage):
    folder = tmp_path / "nonfinite" / "step_7"
    values = {"loss": damage, "identity": 0.5, "gradient_norm": damage}
    with pytest.raises(InputError, match=f"^step 7: loss, gradient_norm is not.*{folder}"):
        _check(stop, decoder, values, damage)
    state = json.loads((folder / "state.json").read_text())
    assert state["values"] == {"loss": str(damage), "identity": 0.5, "gradient_norm": str(damage)}
    assert state["photographs"] == ["c.png", "a.png"]
    assert state["not_finite_in_batch"] == ["encoder"]
    names = [weight.path for weight in decoder.trainable_variables]
    assert [name for name in names if isinstance(state["gradient_norms"][name], str)] == [names[2]]
    loaded = keras.models.load_model(folder / "decoder.keras")
    for one, other in zip(loaded.weights, decoder.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.load(folder / "batch.npz")["step"] == 6


def test_how_to_load_is_told_and_works(stop, decoder, tmp_path):
    with pytest.raises(InputError):
        _check(stop, decoder, {"loss": np.nan})
    folder = tmp_path / "nonfinite" / "step_7"
    told = json.loads((folder / "state.json").read_text())["to_load"]
    code = f"{told}; print(decoder(batch['encoder'])[0].shape)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert ended.stdout.strip().endswith("(2, 3)"), ended.stderr[-1000:]
