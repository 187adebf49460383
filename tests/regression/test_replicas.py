"""Steps that two replicas share against the same steps in one."""

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.face_colors import SIZE
from tf_morph.regression.losses import batch_covariance_loss, batch_distribution_loss
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.replicas import (
    global_covariance,
    global_mean,
    global_moments,
    own_indices,
    own_rows,
)
from tf_morph.regression.trainer import TrainingStep

ROWS, COMPONENTS = 8, 5


@pytest.fixture(scope="module")
def mirrored():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def in_each(strategy, function, *arguments):
    """What each replica gives, stacked."""
    run = tf.function(lambda *values: strategy.run(function, args=values))
    results = run(*map(tf.constant, arguments))
    return np.stack(strategy.experimental_local_results(results))


def coefficients():
    return np.random.default_rng(0).normal(0.7, 1.6, size=(ROWS, COMPONENTS)).astype(np.float32)


def distribution_loss(values):
    """In float64, of the whole batch, written out."""
    values = values.astype(np.float64)
    return np.mean(values.mean(0) ** 2 + (values.var(0) - 1.0) ** 2)


def test_rows_are_dealt_out_and_each_goes_to_one_replica(mirrored):
    rows = in_each(mirrored, own_rows, np.arange(6))
    np.testing.assert_array_equal(rows, [[0, 2, 4], [1, 3, 5]])
    views = in_each(mirrored, lambda: own_indices(4, each=3))
    np.testing.assert_array_equal(views, [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]])


def test_the_batch_s_moments_are_those_of_all_replicas_rows(mirrored):
    values = coefficients()
    mean, variance = in_each(
        mirrored, lambda rows: tf.stack(global_moments(own_rows(rows))), values
    ).swapaxes(0, 1)
    for replica in range(2):
        np.testing.assert_allclose(mean[replica], values.mean(0), rtol=1e-6)
        np.testing.assert_allclose(variance[replica], values.var(0), rtol=1e-6)


def test_the_batch_s_covariance_is_that_of_all_replicas_rows(mirrored):
    values = coefficients()
    found = in_each(mirrored, lambda rows: global_covariance(own_rows(rows)), values)
    for replica in range(2):
        expected = np.cov(values, rowvar=False, bias=True)
        np.testing.assert_allclose(found[replica], expected, rtol=1e-5, atol=1e-6)


def correlation_loss(values):
    """In float64, of the whole batch, by NumPy's own correlations."""
    squared = np.corrcoef(values.astype(np.float64), rowvar=False) ** 2
    return squared[~np.eye(COMPONENTS, dtype=bool)].mean()


def test_the_variance_of_a_batch_far_from_zero_keeps_its_digits(mirrored):
    values = coefficients() + 3000.0
    _, variance = in_each(
        mirrored, lambda rows: tf.stack(global_moments(own_rows(rows))), values
    ).swapaxes(0, 1)
    np.testing.assert_allclose(variance[0], values.astype(np.float64).var(0), rtol=1e-4)


@pytest.mark.parametrize(
    ("loss_of", "reference"),
    [
        (lambda values: batch_distribution_loss(*global_moments(values)), distribution_loss),
        (lambda values: batch_covariance_loss(global_covariance(values)), correlation_loss),
    ],
)
def test_a_batch_loss_s_gradient_is_the_numeric_one_through_both_replicas(
    mirrored, loss_of, reference
):
    def gradient_to_offsets(values):
        """Of the whole batch's loss, to what is added to each of the coefficients [B, K]."""
        offsets = tf.zeros((ROWS, COMPONENTS))
        with tf.GradientTape() as tape:
            tape.watch(offsets)
            loss = loss_of(own_rows(values + offsets))
        return global_mean(tape.gradient(loss, offsets))

    values = coefficients()
    found = in_each(mirrored, gradient_to_offsets, values)
    np.testing.assert_array_equal(found[0], found[1])
    numeric, step = np.zeros_like(values), 1e-5
    for place in np.ndindex(values.shape):
        up, down = values.astype(np.float64), values.astype(np.float64)
        up[place] += step
        down[place] -= step
        numeric[place] = (reference(up) - reference(down)) / (2 * step)
    np.testing.assert_allclose(found[0], numeric, rtol=1e-4, atol=1e-6)


@pytest.fixture
def shared_config(tiny_config):
    config = tiny_config.copy_and_resolve_references()
    config.loss.update({"parameter": 0.5, "batch_covariance": 2.0, "low_frequency_color": 0.5})
    config.training.update(
        {"decoded_faces": ROWS, "rendered_faces": 4, "views": 2, "synthetic_faces": 4}
    )
    config.decoder.hidden_units = (32,)
    config.training.update({"learning_rate": 1e-3, "warmup_steps": 2, "steps": 20})
    return config


def steps_of(config, strategy, count):
    """The values of each of some steps, and the decoder's weights after them."""
    encoder, identity = make_networks(config)
    model = make_face_model(config, None)
    with strategy.scope():
        decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
        optimizer = make_optimizer(config.training)
        optimizer.build(decoder.trainable_variables)
        drawer = make_drawer(config, model)
        step = TrainingStep(decoder, drawer, encoder, identity, config, optimizer)

        @tf.function
        def make(batch):
            gradients, values = strategy.run(step.gradients, args=(batch,))
            strategy.run(step.apply, args=(gradients,))
            return values

        random, logged = np.random.default_rng(1), []
        for number in range(count):
            batch = {"encoder": random.normal(size=(ROWS, encoder.size))}
            for each in identity:
                for name, size in each.feature_sizes.items():
                    batch[name] = random.normal(size=(ROWS, size))
            batch["color"] = random.uniform(0.5, 1.5, size=(ROWS, SIZE))
            batch = {name: tf.constant(value, tf.float32) for name, value in batch.items()}
            values = make(batch | {"step": tf.constant(number, tf.int64)})
            local = [strategy.experimental_local_results(value) for value in values.values()]
            assert all((part[0] == other).numpy() for part in local for other in part)
            logged.append({name: part[0].numpy() for name, part in zip(values, local, strict=True)})
        return logged, [weight.numpy() for weight in decoder.weights]


def test_two_replicas_train_as_one_does(shared_config, mirrored):
    logged, weights = steps_of(shared_config, tf.distribute.get_strategy(), 20)
    shared, shared_weights = steps_of(shared_config, mirrored, 20)
    assert logged[0]["gradient_norm"] > 1.0  # it is clipped
    for step, other in zip(logged, shared, strict=True):
        assert step.keys() == other.keys()
        for name, value in step.items():
            np.testing.assert_allclose(other[name], value, rtol=1e-5, err_msg=name)
    for weight, other in zip(weights, shared_weights, strict=True):
        np.testing.assert_allclose(other, weight, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("field", ["decoded_faces", "rendered_faces", "synthetic_faces"])
def test_a_batch_that_cannot_be_shared_is_refused(shared_config, mirrored, field):
    shared_config.training[field] = 3
    with mirrored.scope(), pytest.raises(InputError, match=f"training.{field} is 3, which 2"):
        TrainingStep(None, None, None, None, shared_config, None)
