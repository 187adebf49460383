"""The paper's objectives (section 4). Every term is a mean over its dimensions, so that its size
does not depend on how many coefficients, faces or views there are; the weights are the config's.

The paper's own weights (from memory: identity 1, batch 10, loopback 0.1) belong to a normalisation
that is not known; those of the configs were found by trial.
"""

import tensorflow as tf

# Of the whole loss. `batch_covariance` and `low_frequency_color` are ours, not the paper's.
TERMS = (
    *("identity", "batch_shape", "batch_texture", "batch_covariance"),
    *("loopback", "parameter", "low_frequency_color"),
)
DRAWN_TERMS = ("identity", "loopback", "low_frequency_color")  # of photographs' faces drawn
_LEAST_VARIANCE = 1e-6  # that correlations are computed with


def identity_loss(
    rendered: dict[str, tf.Tensor], photographed: dict[str, tf.Tensor], outputs: tuple[str, ...]
) -> tf.Tensor:
    """Multi-view identity loss: one minus the cosine between recognition features.

    Args:
      rendered: output name to features [F * N, D], of N views of each of F faces, a face's views
        side by side.
      photographed: output name to features [F, D], of the photographs the faces were read from.
      outputs: the names compared; their cosines are averaged.

    Returns:
      Scalar in [0, 2]. Paper section 4.3 (cosine score and several views: from memory).
    """
    distances = [
        1.0 - tf.reduce_mean(view_cosines(rendered[name], photographed[name])) for name in outputs
    ]
    return tf.add_n(distances) / len(distances)


def view_cosines(rendered: tf.Tensor, photographed: tf.Tensor) -> tf.Tensor:
    """Cosines [F, N] between each view's features [F * N, D] and its photograph's [F, D]."""
    views = tf.shape(rendered)[0] // tf.shape(photographed)[0]
    rendered = tf.reshape(rendered, (-1, views, rendered.shape[-1]))
    rendered = tf.math.l2_normalize(rendered, axis=-1)
    photographed = tf.math.l2_normalize(photographed, axis=-1)
    return tf.einsum("fnd,fd->fn", rendered, photographed)


def batch_distribution_loss(mean: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
    """How far a batch is from the morphable model's prior, the standard normal distribution.

    Args:
      mean: [K] of the batch's coefficients, in standard deviations.
      variance: [K] theirs around it, divided by how many there are.

    Returns:
      Scalar: the mean over components of mean^2 + (variance - 1)^2. Paper section 4.1 (from memory:
      the sum over components).
    """
    return tf.reduce_mean(tf.square(mean) + tf.square(variance - 1.0))


def batch_covariance_loss(covariance: tf.Tensor) -> tf.Tensor:
    """How strongly a batch's coefficients hang together; in the prior they are independent.

    Beside `batch_distribution_loss`, which holds each one's mean and variance, it holds the whole
    covariance to the identity. Ours, not the paper's: coefficients that are each as the prior has
    them may still come in combinations that no person has.

    Args:
      covariance: [K, K] of the batch's coefficients.

    Returns:
      Scalar in [0, 1]: the mean squared correlation of two different components; 0 for fewer than
      two. That of N independent draws from the prior is about 1 / N.
    """
    components = covariance.shape[0]
    if components < 2:
        return tf.zeros([])
    variance = tf.maximum(tf.linalg.diag_part(covariance), _LEAST_VARIANCE)
    squared = tf.square(covariance) / (variance[:, tf.newaxis] * variance)
    others = tf.linalg.set_diag(squared, tf.zeros(components))
    return tf.reduce_sum(others) / (components * (components - 1))


def low_frequency_color_loss(rendered: tf.Tensor, photographed: tf.Tensor) -> tf.Tensor:
    """How far drawings' colours are from the photographs', seen from afar. Ours, not the paper's.

    Args:
      rendered: [F * N, D] `FaceColors` of N views of each of F faces, a face's side by side.
      photographed: [F, D] those of the photographs the faces were read from.

    Returns:
      Scalar: the mean squared difference, over cells, channels and drawings.
    """
    views = tf.shape(rendered)[0] // tf.shape(photographed)[0]
    rendered = tf.reshape(rendered, (-1, views, rendered.shape[-1]))
    return tf.reduce_mean(tf.math.squared_difference(rendered, photographed[:, tf.newaxis]))


def coefficient_distance(
    shape: tf.Tensor,
    texture: tf.Tensor,
    shape_target: tf.Tensor,
    texture_target: tf.Tensor,
    shape_weight: float,
    texture_weight: float,
) -> tf.Tensor:
    """Weighted mean squared differences between coefficients [..., K] in standard deviations.

    The form of the parameter loss on synthetic faces (section 4.4; from memory, weights 0.4 and
    0.002 on sums) and of the loopback loss (section 4.2).
    """
    return shape_weight * tf.reduce_mean(
        tf.math.squared_difference(shape, shape_target)
    ) + texture_weight * tf.reduce_mean(tf.math.squared_difference(texture, texture_target))
