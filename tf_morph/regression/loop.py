"""The loop over a run's steps."""

from collections.abc import Iterable, Sequence

import tensorflow as tf

from tf_morph.regression.callbacks.nonfinite import NonFiniteStop
from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.replicas import anywhere
from tf_morph.regression.trainer import TrainingStep


def run_steps(
    step: TrainingStep,
    batches: Iterable,
    first_step: int,
    observers: Sequence[Observer],
    nonfinite: NonFiniteStop,
) -> tuple[int, bool]:
    """Makes one step a batch, and tells the observers of each.

    Args:
      step: what is made; compiled once.
      batches: as `training_batches` gives them.
      first_step: how many steps the run has made before.
      observers: told in this order.
      nonfinite: asked before a step's gradients are applied.

    Returns:
      How many steps the run has made then, and whether training goes on: False where an observer
      ended it.

    Raises:
      InputError: a loss or gradient is not finite; the decoder is as it was before that step.
    """
    strategy = tf.distribute.get_strategy()

    @tf.function
    def compute(batch):
        return strategy.run(step.gradients, args=(batch,))

    @tf.function
    def apply(gradients):
        strategy.run(step.apply, args=(gradients,))

    def local(values):
        return tf.nest.map_structure(
            lambda value: strategy.experimental_local_results(value)[0], values
        )

    number = first_step
    for number, batch in enumerate(batches, first_step + 1):
        gradients, values = compute(batch)
        logged = {name: float(value) for name, value in local(values).items()}
        nonfinite.check(number, logged, gradients, batch, local)
        apply(gradients)
        for observer in observers:
            observer.after_step(number, logged)
        if anywhere(any(observer.ends_training for observer in observers)):
            return number, False
    return number, True
