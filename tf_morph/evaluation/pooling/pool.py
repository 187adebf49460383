"""Predictions from several photographs of a person made one.

- `mean`: of the coefficients. The decoder's errors on single photographs, as far as they are
  independent, shrink with the square root of their number.
- `confidence`: their mean weighted by how far each prediction can be trusted: the cosine between
  the features of its drawing and of the photograph it was read from, by the network trained on,
  to the power of `SHARPNESS`. That cosine is what training raised; it is low where the photograph
  shows what no face of the model can: a hand, dark glasses, a blur. It needs no label and no other
  photograph, but a network that flatters the run flatters its confidence, too.
- `features`: one prediction from the mean of the encoder's features.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.recognition.recall import normalise
from tf_morph.regression.run import Run

MEAN, CONFIDENCE, FEATURES = "mean", "confidence", "features"
SHARPNESS = 4.0


class Readings(NamedTuple):
    """What is known of N photographs.

    Attributes:
      faces: [N] read from each alone.
      confidences: [N] cosines of each photograph with the drawing of its face.
      features: [N, E] the encoder's.
    """

    faces: Coefficients
    confidences: np.ndarray
    features: np.ndarray


def confidences(photographs: np.ndarray, drawings: np.ndarray) -> np.ndarray:
    """Cosines [N] of features [N, D] of photographs with those of the drawings of their faces."""
    return np.sum(normalise(photographs) * normalise(drawings), axis=1)


def pool(run: Run, readings: Readings, groups: np.ndarray) -> Mapping[str, Coefficients]:
    """One face a group of photographs, by each way to pool.

    Args:
      run: whose decoder reads pooled features.
      readings: of N photographs.
      groups: int [G, k] rows of the photographs pooled.
    """
    weights = np.maximum(readings.confidences[groups], 0.0) ** SHARPNESS
    even = np.ones(groups.shape)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0.0, weights, even)
    features = readings.features[groups].mean(axis=1)
    return {
        MEAN: _weighted(readings.faces, groups, even),
        CONFIDENCE: _weighted(readings.faces, groups, weights),
        FEATURES: Coefficients(*(values.numpy() for values in run.decoder(tf.constant(features)))),
    }


def _weighted(faces: Coefficients, groups: np.ndarray, weights: np.ndarray) -> Coefficients:
    shares = weights / weights.sum(axis=1, keepdims=True)

    def mean(values):
        return np.einsum("gk,gkc->gc", shares, values[groups]).astype(np.float32)

    return Coefficients(mean(faces.shape), mean(faces.texture))
