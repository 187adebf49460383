"""The optimiser, its learning rate and the clipping of gradients."""

import keras
import ml_collections
import tensorflow as tf


def make_optimizer(settings: ml_collections.ConfigDict) -> keras.optimizers.Optimizer:
    """Adam under a cosine schedule after a warm-up, by the fields of `config.training`."""
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
        decay_steps=max(settings.steps - settings.warmup_steps, 1),
    )
    return keras.optimizers.Adam(schedule)


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
