"""Linear light to sRGB coding and back (IEC 61966-2-1), with finite gradients everywhere."""

import tensorflow as tf

_LINEAR_END = 0.0031308  # of the curve's straight piece, in linear light
_CODED_END = 0.04045  # the same point, coded
_SLOPE = 12.92
_OFFSET = 0.055
_EXPONENT = 2.4


def linear_to_srgb(linear: tf.Tensor) -> tf.Tensor:
    """Linear RGB of any shape to sRGB-coded values; [0, 1] maps to [0, 1].

    Below zero the straight piece is continued; above one the curve is. Nothing is clipped.
    """
    # Where the other branch is taken, the power's argument stays where its slope is finite.
    safe = tf.maximum(linear, _LINEAR_END)
    curve = (1 + _OFFSET) * safe ** (1 / _EXPONENT) - _OFFSET
    return tf.where(linear <= _LINEAR_END, _SLOPE * linear, curve)


def srgb_to_linear(coded: tf.Tensor) -> tf.Tensor:
    """sRGB-coded values of any shape to linear RGB; the inverse of `linear_to_srgb`."""
    safe = tf.maximum(coded, _CODED_END)
    curve = ((safe + _OFFSET) / (1 + _OFFSET)) ** _EXPONENT
    return tf.where(coded <= _CODED_END, coded / _SLOPE, curve)
