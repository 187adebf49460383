"""A loss that gives up on what is far off: that of Geman and McClure."""

import numpy as np
import tensorflow as tf


def robust_loss(squared: tf.Tensor, spread: float) -> tf.Tensor:
    """r^2 / (r^2 + spread^2), of squared residuals of any shape: from 0 to 1."""
    return squared / (squared + spread**2)


def robust_weights(residuals: np.ndarray, spread: float) -> np.ndarray:
    """The weights of the squares in a least squares fit that lessens `robust_loss`, at most 1."""
    return (spread**2 / (residuals**2 + spread**2)) ** 2
