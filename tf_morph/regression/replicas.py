"""What one replica does of a step that several make together.

Replicas share a batch row by row, as cards are dealt: of R replicas the one numbered r takes rows
r, r + R, r + 2 R, ... The first rows of a batch are thereby spread evenly over all of them, and
what is done with them does not depend on how many there are. Outside `tf.distribute` there is one
replica, and every function here leaves its work to it.
"""

import functools
from collections.abc import Callable, Sequence

import keras
import ml_collections
import tensorflow as tf

from tf_morph.errors import InputError

_SHARED = ("decoded_faces", "rendered_faces", "synthetic_faces")


def replica_count() -> int:
    """How many replicas make a step together, on all machines."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def check_shared(training: ml_collections.ConfigDict) -> None:
    """Checks that a step's rows can be shared out.

    Raises:
      InputError: the replicas do not divide one of the batch's sizes.
    """
    count = replica_count()
    for name in _SHARED:
        if training[name] % count:
            raise InputError(
                f"config: training.{name} is {training[name]}, which {count} replicas cannot share "
                "equally; set it to a multiple of them"
            )


def own_rows(values: tf.Tensor) -> tf.Tensor:
    """This replica's rows [B / R, ...] of the whole batch's [B, ...]."""
    count = replica_count()
    return values if count == 1 else values[_number() :: count]


def own_indices(rows: int, each: int = 1) -> tf.Tensor | None:
    """Where this replica's rows stand in the whole batch; None where they are all.

    Args:
      rows: of the whole batch.
      each: entries that stand side by side for each row, as the views of a face do.

    Returns:
      [rows / R * each] int32.
    """
    count = replica_count()
    if count == 1:
        return None
    first = tf.range(_number(), rows, count)[:, tf.newaxis] * each
    return tf.reshape(first + tf.range(each), [-1])


def global_mean(values):
    """The mean over the replicas of tensors, nested as you like; it has a gradient.

    That gradient is right for a loss whose own mean over the replicas is the whole batch's.
    """
    if replica_count() == 1:
        return values
    flat = tf.nest.flatten(values)
    means = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, flat)
    return tf.nest.pack_sequence_as(values, means)


def global_moments(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and variance [K] over the rows of the whole batch, of which this replica has [B, K].

    The variance is that around the whole batch's mean, divided by the number of rows, in a second
    pass: the difference of two large means would lose digits.
    """
    if replica_count() == 1:
        return tf.nn.moments(values, axes=[0])
    mean = global_mean(tf.reduce_mean(values, axis=0))
    # As a function of the mean the variance is at its least there: nothing to pass on.
    deviations = tf.math.squared_difference(values, tf.stop_gradient(mean))
    return mean, global_mean(tf.reduce_mean(deviations, axis=0))


def global_covariance(values: tf.Tensor) -> tf.Tensor:
    """Covariance [K, K] over the rows of the whole batch, of which this replica has [B, K].

    Around the whole batch's mean, divided by the number of rows, as in `global_moments`.
    """
    # As a function of the mean it changes by the deviations' own mean, which is 0.
    mean = tf.stop_gradient(global_mean(tf.reduce_mean(values, axis=0)))
    deviations = values - mean
    rows = tf.cast(tf.shape(values)[0], values.dtype)
    return global_mean(tf.matmul(deviations, deviations, transpose_a=True) / rows)


def given_global_gradients(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The optimiser, which no longer sums over the replicas what it is given in each.

    Keras' own sum comes last of all, but the gradients' norm is to be clipped when it is the whole
    batch's.
    """
    optimizer._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
    return optimizer


def anywhere(holds: bool) -> bool:
    """Whether it holds in any of the processes that train together; each calls this, outside its
    replicas."""
    strategy = tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return holds
    return bool(process_sums(strategy, [float(holds)])[0] > 0.0)


def process_sums(strategy: tf.distribute.Strategy, values: Sequence[float]) -> tf.Tensor:
    """Sums [N] float32 over the processes, each of which calls this with N values."""
    sums = _sum_of_processes(strategy)(tf.constant(values, tf.float32))
    return strategy.experimental_local_results(sums)[0]


@functools.cache
def _sum_of_processes(strategy: tf.distribute.Strategy) -> Callable[[tf.Tensor], tf.Tensor]:
    in_a_process = len(strategy.extended.worker_devices)

    def add(values):
        speaks = tf.cast(_number() % in_a_process == 0, values.dtype)  # one for its process
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, values * speaks)

    return tf.function(lambda values: strategy.run(add, args=(values,)))


def _number() -> tf.Tensor:
    context = tf.distribute.get_replica_context()
    return tf.cast(context.replica_id_in_sync_group, tf.int32)
