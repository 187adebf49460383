"""The optimiser, its learning rate and the clipping of gradients."""

import math
from collections.abc import Sequence

import keras
import ml_collections
import tensorflow as tf

_OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "lion": keras.optimizers.Lion,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
_DECAYS = {  # of the share `progress` of the steps after the warm-up, to the share `final`
    "constant": lambda progress, final: tf.ones_like(progress),
    "cosine": lambda progress, final: (
        final + (1.0 - final) * 0.5 * (1.0 + tf.cos(math.pi * progress))
    ),
    "exponential": lambda progress, final: final**progress,
    "linear": lambda progress, final: 1.0 - (1.0 - final) * progress,
}
OPTIMIZERS, SCHEDULES = tuple(_OPTIMIZERS), tuple(_DECAYS)
_SGD_MOMENTUM = 0.9


def make_optimizer(
    settings: ml_collections.ConfigDict, peaks: Sequence[tuple[int, float]] = ()
) -> keras.optimizers.Optimizer:
    """The optimiser and schedule that the fields of `config.training` name.

    Args:
      settings: `config.training`.
      peaks: (steps made before, learning rate) of each stage, the first from 0; none:
        `learning_rate` throughout.
    """
    rate = LearningRate(
        peaks or [(0, settings.learning_rate)],
        settings.learning_rate_schedule,
        settings.warmup_steps,
        settings.steps,
        settings.final_learning_rate,
    )
    others = {"momentum": _SGD_MOMENTUM, "nesterov": True} if settings.optimizer == "sgd" else {}
    decay = settings.weight_decay or None
    return _OPTIMIZERS[settings.optimizer](rate, weight_decay=decay, **others)


@keras.saving.register_keras_serializable("tf_morph")
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """From 0 linearly to the peak, then down: over the whole run, whatever its stages.

    A stage of another peak scales it there.
    """

    def __init__(
        self,
        peaks: Sequence[tuple[int, float]],
        decay: str,
        warmup_steps: int,
        steps: int,
        final_share: float,
    ):
        """
        Args:
          peaks: (steps made before, learning rate), the first from 0, in order.
          decay: one of `SCHEDULES`.
          warmup_steps: to the peak.
          steps: of the run.
          final_share: of the peak, where the decay ends.
        """
        self._settings = {
            "peaks": [list(peak) for peak in peaks],
            "decay": decay,
            "warmup_steps": warmup_steps,
            "steps": steps,
            "final_share": final_share,
        }

    def __call__(self, step):
        settings, step = self._settings, tf.cast(step, tf.float32)
        begins, peaks = (
            tf.constant(part, tf.float32) for part in zip(*settings["peaks"], strict=True)
        )
        peak = peaks[tf.reduce_sum(tf.cast(step >= begins, tf.int32)) - 1]
        warmup = settings["warmup_steps"]
        progress = (step - warmup) / max(settings["steps"] - warmup, 1)
        decay = _DECAYS[settings["decay"]]
        after = decay(tf.clip_by_value(progress, 0.0, 1.0), settings["final_share"])
        return peak * tf.where(step < warmup, step / max(warmup, 1), after)

    def get_config(self):
        return self._settings


def clip_gradients(gradients: list[tf.Tensor], limit: float) -> tuple[list[tf.Tensor], tf.Tensor]:
    """Gradients scaled to a norm, over all of them, of at most `limit`, and the norm they had.

    With a limit of 0 they are as they were; so they are, too, where the norm is not finite, that it
    can be seen whose are not.
    """
    norm = tf.linalg.global_norm(gradients)
    if not limit:
        return gradients, norm
    scale = limit / tf.maximum(norm, limit)
    scale = tf.where(tf.math.is_finite(norm), scale, 1.0)
    return [gradient * scale for gradient in gradients], norm
