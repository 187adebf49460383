"""Predictions of several photographs made one."""

import types

import numpy as np

from tf_morph.evaluation.multi_image import (
    CONFIDENCE,
    FEATURES,
    MEAN,
    SingleImages,
    aggregate,
    confidences,
)
from tf_morph.regression.ground_truth_faces import Coefficients


def _halves(features):
    """A decoder that is linear: both ways through it agree."""

    class _Values(np.ndarray):
        def numpy(self):
            return np.asarray(self)

    values = np.asarray(features)
    return values[:, :2].view(_Values), values[:, 2:].view(_Values)


RUN = types.SimpleNamespace(decoder=_halves)
FEATURES_OF_FOUR = np.arange(12, dtype=np.float32).reshape(4, 3)
FACES = Coefficients(FEATURES_OF_FOUR[:, :2], FEATURES_OF_FOUR[:, 2:])
GROUPS = np.array([[0, 1], [2, 3]])


def _pool(confidences):
    return aggregate(RUN, SingleImages(FACES, np.array(confidences), FEATURES_OF_FOUR), GROUPS)


def test_the_mean_is_of_each_group():
    ways = _pool([0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(ways[MEAN].shape, [[1.5, 2.5], [7.5, 8.5]])
    np.testing.assert_allclose(ways[MEAN].texture, [[3.5], [9.5]])
    for way in (CONFIDENCE, FEATURES):  # equal confidences, a linear decoder
        np.testing.assert_allclose(ways[way].shape, ways[MEAN].shape)


def test_what_cannot_be_trusted_counts_little_or_nothing():
    faces = _pool([0.9, 0.3, 0.8, -0.2])[CONFIDENCE]
    np.testing.assert_allclose(faces.shape[1], FACES.shape[2])
    share = (faces.shape[0] - FACES.shape[0]) / (FACES.shape[1] - FACES.shape[0])
    np.testing.assert_allclose(share, 0.3**4 / (0.3**4 + 0.9**4), rtol=1e-5)


def test_where_nothing_can_be_trusted_all_count_alike():
    ways = _pool([-0.1, -0.9, 0.0, 0.0])
    np.testing.assert_allclose(ways[CONFIDENCE].shape, ways[MEAN].shape)


def test_confidence_is_the_cosine_of_photograph_and_drawing():
    photographs = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
    drawings = np.array([[5.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(confidences(photographs, drawings), [1.0, 0.0, np.sqrt(0.5)])
