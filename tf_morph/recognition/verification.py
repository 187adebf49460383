"""How well a network tells people apart: same-person pairs against pairs of different people."""

import numpy as np
from scipy.stats import rankdata


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
    same, different = _pair_similarities(embeddings, identities)
    ranks = rankdata(np.concatenate([same, different]))
    above = ranks[: len(same)].sum() - len(same) * (len(same) + 1) / 2
    return float(above / len(same) / len(different))


def pair_accuracy(embeddings: np.ndarray, identities: np.ndarray) -> float:
    """The share of pairs judged rightly at the best threshold, both kinds of pair weighing alike.

    Args and errors are those of `pair_auc`.
    """
    same, different = (np.sort(part) for part in _pair_similarities(embeddings, identities))
    thresholds = np.concatenate([same, [np.inf]])  # between two of them the best is the upper
    missed = np.searchsorted(same, thresholds) / len(same)
    refused = np.searchsorted(different, thresholds) / len(different)
    return float(np.max(1 - missed + refused) / 2)


def _pair_similarities(embeddings, identities):
    """Cosines of all same-person pairs, and of all pairs of different people."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    _, labels = np.unique(identities, return_inverse=True)
    first, second = np.triu_indices(len(labels), 1)
    similarities = (unit @ unit.T)[first, second]
    same = labels[first] == labels[second]
    if same.all() or not same.any():
        raise ValueError("pairs of the same and of different people are needed")
    return similarities[same], similarities[~same]
