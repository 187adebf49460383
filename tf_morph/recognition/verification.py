"""How well a network tells people apart: same-person pairs against pairs of different people.

A pair is accepted, called one person, where its similarity reaches a threshold. Of a threshold,
FAR (false accept rate) is the share of the pairs of different people that are accepted, TAR (true
accept rate) the share of the pairs of one person. All figures here are those of the measured pairs
alone; no curve is fitted.
"""

from typing import NamedTuple

import numpy as np


class Roc(NamedTuple):
    """Receiver operating characteristic: both rates at every threshold that matters.

    Attributes:
      thresholds: [T] falling, from +inf, which accepts nothing, through every similarity there is.
      far: [T] in [0, 1], rising from 0 to 1.
      tar: [T] in [0, 1], rising from 0 to 1.
    """

    thresholds: np.ndarray
    far: np.ndarray
    tar: np.ndarray

    @property
    def auc(self) -> float:
        """The area under straight lines between the points, in [0, 1].

        It is the chance that a pair of one person is more alike than a pair of two; ties count
        half.
        """
        return float(np.trapezoid(self.tar, self.far))

    @property
    def eer(self) -> float:
        """Equal error rate: where, on the lines between the points, FAR equals 1 - TAR."""
        excess = self.far + self.tar - 1  # from -1 to 1, never falling
        after = int(np.argmax(excess >= 0))
        before = after - 1
        share = -excess[before] / (excess[after] - excess[before])
        return float(self.far[before] + share * (self.far[after] - self.far[before]))

    def tar_at(self, far: float) -> float:
        """The highest TAR of a threshold whose FAR is at most `far`; nothing is interpolated.

        With fewer than 1 / `far` pairs of different people it is the TAR without a false accept.
        """
        return float(self.tar[np.searchsorted(self.far, far, side="right") - 1])


def roc(same: np.ndarray, different: np.ndarray) -> Roc:
    """The curve of similarities of same-person pairs [S] and of pairs of different people [D].

    Raises:
      ValueError: there are none of one kind.
    """
    if not len(same) or not len(different):
        raise ValueError("pairs of the same and of different people are needed")
    values = np.unique(np.concatenate([same, different]))
    far, tar = (_accepted(part, values)[::-1] for part in (different, same))
    return Roc(np.append(np.inf, values[::-1]), np.append(0.0, far), np.append(0.0, tar))


def pair_auc(embeddings: np.ndarray, identities: np.ndarray) -> float:
    """The chance that a same-person pair is more alike (cosine) than a pair of two people.

    Args:
      embeddings: [N, D], not all zero in a row.
      identities: [N] integers or names.

    Returns:
      The area under the ROC curve over all pairs, in [0, 1]; ties count half.

    Raises:
      ValueError: nobody has two embeddings, or all are of one person.
    """
    return roc(*_pair_similarities(embeddings, identities)).auc


def pair_accuracy(embeddings: np.ndarray, identities: np.ndarray) -> float:
    """The share of pairs judged rightly at the best threshold, both kinds of pair weighing alike.

    Args and errors are those of `pair_auc`.
    """
    curve = roc(*_pair_similarities(embeddings, identities))
    return float(np.max(1 - curve.far + curve.tar) / 2)


def _pair_similarities(embeddings, identities):
    """Cosines of all same-person pairs, and of all pairs of different people."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    _, labels = np.unique(identities, return_inverse=True)
    first, second = np.triu_indices(len(labels), 1)
    similarities = (unit @ unit.T)[first, second]
    same = labels[first] == labels[second]
    return similarities[same], similarities[~same]


def _accepted(similarities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """The share of the similarities that reach each threshold."""
    below = np.searchsorted(np.sort(similarities), thresholds)
    # One rounding: 3 of 300 must not come out above 0.01.
    return (len(similarities) - below) / len(similarities)
