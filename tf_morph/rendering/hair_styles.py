"""The hairstyles that can be drawn around a face, by name."""

from collections.abc import Mapping

import tensorflow as tf

from tf_morph.errors import InputError

STYLES = ("bald", "shaved", "short", "receding", "curly", "chin_length", "long")
USUAL_STYLE = "short"  # of the evaluation's pictures

# How often each is drawn (ours): press photographs, of more men than women.
STYLE_WEIGHTS = {
    "bald": 0.06,
    "shaved": 0.16,
    "short": 0.34,
    "receding": 0.10,
    "curly": 0.06,
    "chin_length": 0.14,
    "long": 0.14,
}


def style_index(name: str) -> int:
    """The number by which scenes and surrounds name a style.

    Raises:
      InputError: there is no such style.
    """
    if name not in STYLES:
        raise InputError(f"no hairstyle {name!r}; there are {', '.join(STYLES)}")
    return STYLES.index(name)


def random_styles(weights: Mapping[str, float], batch, seed: tf.Tensor) -> tf.Tensor:
    """Styles int32 [batch] as often as `weights` say, by name; names left out never.

    Args:
      weights: 0 or more each, one above 0; their sum does not matter.
      batch: how many.
      seed: [2] int32, stateless.
    """
    shares = tf.constant([[float(weights.get(name, 0.0)) for name in STYLES]])
    draws = tf.random.stateless_categorical(tf.math.log(shares), batch, seed, tf.int32)
    return draws[0]
