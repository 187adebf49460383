"""How well a network tells people apart: same-person pairs against pairs of different people."""

import numpy as np
from scipy.stats import rankdata


def pair_auc(embeddings: np.ndarray, identities: np.ndarray, seed: int = 0) -> float:
    """The chance that a same-person pair is more alike (cosine) than a pair of two people.

    Every same-person pair enters, and as many times ten pairs of different people, drawn at random.

    Args:
      embeddings: [N, D], not all zero in a row.
      identities: [N] integers or names.
      seed: of the draw.

    Returns:
      The area under the ROC curve, in [0, 1]; ties count half.

    Raises:
      ValueError: nobody has two embeddings, or all are of one person.
    """
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    _, labels = np.unique(identities, return_inverse=True)
    first, second = np.triu_indices(len(labels), 1)
    same = labels[first] == labels[second]
    if same.all() or not same.any():
        raise ValueError("an AUC needs pairs of the same and of different people")
    others = np.flatnonzero(~same)
    drawn = np.random.default_rng(seed).choice(
        others, min(len(others), 10 * int(same.sum())), False
    )
    pairs = np.concatenate([np.flatnonzero(same), drawn])
    scores = np.sum(unit[first[pairs]] * unit[second[pairs]], axis=1)
    ranks = rankdata(scores)
    positives = int(same.sum())
    above = ranks[:positives].sum() - positives * (positives + 1) / 2
    return float(above / (positives * len(drawn)))
