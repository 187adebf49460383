"""How far a prediction moves when the photograph becomes hard, against how far people are apart."""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.gallery_recall.intervals import bootstrap_interval

KINDS = ("shape", "texture")


class Share(NamedTuple):
    """A mean over people and the ends of its 95 % interval, by the bootstrap."""

    mean: float
    low: float
    high: float


def self_consistency(clean: Coefficients, stressed: Coefficients, seed: int) -> dict[str, Share]:
    """Mean distance of people's coefficients from those of their clean photograph, as a share of
    the mean distance between the clean coefficients of two people.

    0: the prediction stays; 1: it is as far off as somebody else.

    Args:
      clean: [N], N >= 2, of different people.
      stressed: [N] the same people's.
      seed: of the bootstrap.

    Returns:
      By "shape", "texture" and "both", side by side. Distances are Euclidean, in standard
      deviations.
    """
    shares = {}
    for kind in (*KINDS, "both"):
        known, moved = _values(clean, kind), _values(stressed, kind)
        between = max(float(pdist(known).mean()), 1e-12)
        distances = np.linalg.norm(moved - known, axis=1) / between
        ends = bootstrap_interval(distances, np.arange(len(distances)), seed)
        shares[kind] = Share(float(distances.mean()), *ends)
    return shares


def _values(faces: Coefficients, kind: str) -> np.ndarray:
    return np.concatenate(faces, axis=1) if kind == "both" else getattr(faces, kind)
