"""Two real worker processes on this machine: the same numbers as one, and one that is killed."""

import numpy as np
import pandas as pd
import pytest

from tests.regression.cluster_runs import Workers
from tf_morph.config import save_config
from tf_morph.regression.run import Run
from tf_morph.regression.train import train

STEPS = 20
PATIENCE = 300  # seconds, of a machine that does much else

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tiny_config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    config = tiny_config.copy_and_resolve_references()
    config.decoder.hidden_units = (32,)
    config.loss.parameter = 0.5
    config.training.update({"decoded_faces": 8, "rendered_faces": 4, "synthetic_faces": 4})
    config.training.update({"steps": STEPS, "warmup_steps": 2, "checkpoint_every": 2})
    return config


@pytest.fixture
def shared(config, tmp_path):
    """The file of the same config for several workers."""
    distributed = config.copy_and_resolve_references()
    distributed.distribution.strategy = "multi_worker"
    save_config(distributed, tmp_path / "config.json")
    return tmp_path / "config.json"


def assert_same_run(folder, other):
    rows, other_rows = (pd.read_csv(path / "metrics.csv") for path in (folder, other))
    assert list(rows["step"]) == list(range(1, STEPS + 1))
    pd.testing.assert_frame_equal(rows, other_rows, rtol=1e-5, atol=0.0, check_like=True)
    weights, other_weights = (Run.load(path).decoder.weights for path in (folder, other))
    for weight, same in zip(weights, other_weights, strict=True):
        np.testing.assert_allclose(same, weight, rtol=1e-3, atol=1e-6)


def test_two_workers_train_as_one_process_does(config, shared, tmp_path):
    train(config, tmp_path / "one")
    with Workers(2, shared, tmp_path / "two", tmp_path) as workers:
        assert [workers.wait(index, PATIENCE) for index in range(2)] == [0, 0], workers.text(0)
        assert "steps 1 to 20" in workers.text(0) and "training" not in workers.text(1)
    assert_same_run(tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_worker_is_named_and_the_run_goes_on(config, shared, tmp_path, killed):
    train(config, tmp_path / "one")
    with Workers(2, shared, tmp_path / "two", tmp_path) as workers:
        workers.wait_for(tmp_path / "two" / "checkpoints" / "ckpt-2.index", PATIENCE)
        workers.kill(killed)
        left = 1 - killed
        assert workers.wait(left, PATIENCE) == 2
        *_, last = workers.text(left).strip().splitlines()
        assert last.startswith(f"error: worker {killed} of 2 ({workers.addresses[killed]}) is gone")
    with Workers(2, shared, tmp_path / "two", tmp_path) as workers:
        assert [workers.wait(index, PATIENCE) for index in range(2)] == [0, 0], workers.text(0)
        assert "steps 1 to" not in workers.text(0)  # it did not begin anew
    assert_same_run(tmp_path / "one", tmp_path / "two")
