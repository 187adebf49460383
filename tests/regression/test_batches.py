"""Which photographs a step sees."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.regression.batches import photograph_indices, training_batches


@pytest.mark.parametrize(("photographs", "batch"), [(10, 4), (7, 7), (3, 8), (1, 2)])
def test_every_epoch_visits_every_photograph_once(photographs, batch):
    steps = range(photographs * 2)
    seen = np.concatenate([photograph_indices(step, 5, photographs, batch) for step in steps])
    for epoch in seen[: len(seen) // photographs * photographs].reshape(-1, photographs):
        assert sorted(epoch) == list(range(photographs))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = {
        tuple(photograph_indices(step, seed, 30, 30).numpy()) for step in (0, 1) for seed in (0, 1)
    }
    assert len(orders) == 4


def test_a_resumed_run_sees_what_an_unbroken_one_sees():
    features = {"encoder": np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)}
    unbroken = list(training_batches(features, 1, 4, 0, 6))
    resumed = list(training_batches(features, 1, 4, 3, 6))
    for whole, part in zip(unbroken[3:], resumed, strict=True):
        tf.debugging.assert_equal(whole["encoder"], part["encoder"])
        assert whole["step"] == part["step"]
