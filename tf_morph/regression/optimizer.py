"""The optimiser and its learning rate."""

import keras
import ml_collections


def make_optimizer(settings: ml_collections.ConfigDict) -> keras.optimizers.Optimizer:
    """Adam under a cosine schedule after a warm-up, by the fields of `config.training`."""
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
        decay_steps=max(settings.steps - settings.warmup_steps, 1),
    )
    return keras.optimizers.Adam(schedule)
