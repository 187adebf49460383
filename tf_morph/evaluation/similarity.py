"""How alike two photographs of a person look to a network, and a photograph and its rendering.

The paper compares the two distributions of cosines by the earth mover's distance (section 5, its
figure of 0.16 on LFW with VGG-Face).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import wasserstein_distance

from tf_morph.recognition.recall import normalise

MOST_DIFFERENT_PAIRS = 200_000
EMD_DRAWS = 200


@dataclass(frozen=True)
class Similarities:
    """Cosines in [-1, 1] under one network.

    Attributes:
      same: [S] of pairs of photographs of one person.
      different: [D] of pairs of photographs of two people.
      ours: [P] of a photograph and the rendering of its prediction.
      mean_face: [P] of a photograph and the rendering of the mean face.
    """

    same: np.ndarray
    different: np.ndarray
    ours: np.ndarray
    mean_face: np.ndarray


def same_person_pairs(identities: Sequence[str]) -> np.ndarray:
    """All pairs [S, 2] of photographs of one person, the first index below the second."""
    people, inverse = np.unique(np.asarray(identities), return_inverse=True)
    groups = [np.flatnonzero(inverse == person) for person in range(len(people))]
    pairs = [
        np.stack([group[i] for i in np.triu_indices(len(group), 1)], axis=1)
        for group in groups
        if len(group) > 1
    ]
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), int)


def different_person_pairs(count: int, seed: int, most: int = MOST_DIFFERENT_PAIRS) -> np.ndarray:
    """Pairs [D, 2] of distinct indices below `count`, one photograph a person.

    All of them; where there are more than `most`, as many drawn with the seed, maybe one twice.
    """
    if count * (count - 1) // 2 <= most:
        return np.stack(np.triu_indices(count, 1), axis=1)
    random = np.random.default_rng([seed, count])
    first = random.integers(count, size=most)
    return np.stack([first, (first + random.integers(1, count, size=most)) % count], axis=1)


def pair_cosines(features: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Cosines [M] between rows pairs[:, 0] and pairs[:, 1] of features [N, D]."""
    unit = normalise(features)  # before they are paired: each row stands in hundreds of pairs
    return np.einsum("md,md->m", unit[pairs[:, 0]], unit[pairs[:, 1]])


def row_cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines [M] between the rows of two arrays of features [M, D]."""
    return np.einsum("md,md->m", normalise(first), normalise(second))


def earth_movers_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Earth mover's distance between two samples of cosines, [M] and [N]; nan if one is empty."""
    if not len(first) or not len(second):
        return float("nan")
    return float(wasserstein_distance(first, second))


def emd_interval(
    first: np.ndarray,
    first_people: np.ndarray,
    second: np.ndarray,
    second_people: np.ndarray,
    seed: int,
) -> tuple[float, float]:
    """95 % interval of `earth_movers_distance`, by the bootstrap's percentiles over people.

    People are drawn with replacement, each with all their cosines in both samples. A draw adds
    noise, and noise adds to a distance: where it is near 0, the interval may lie above it.

    Args:
      first, second: cosines [M], [N].
      first_people, second_people: whose each is.
      seed: of the draws.

    Returns:
      (low, high); nan if a sample is empty.
    """
    if not len(first) or not len(second):
        return float("nan"), float("nan")
    people = np.concatenate([first_people, second_people])
    person = np.unique(people, return_inverse=True)[1]
    of_first = np.arange(len(people)) < len(first)
    values = np.concatenate([first, second])
    order = np.argsort(values)
    gaps, count = np.diff(values[order]), person.max() + 1
    random = np.random.default_rng([seed, count])
    distances = []
    for times in random.multinomial(count, np.full(count, 1 / count), EMD_DRAWS):
        weights = times[person].astype(np.float64)
        totals = weights[of_first].sum(), weights[~of_first].sum()
        if all(totals):
            shares = np.where(of_first, weights / totals[0], -weights / totals[1])[order]
            distances.append(np.abs(np.cumsum(shares)[:-1]) @ gaps)
    if not distances:
        return float("nan"), float("nan")
    low, high = np.percentile(distances, (2.5, 97.5))
    return float(low), float(high)


SIMILARITY_COLUMNS = (
    *("network", "role", "method", "emd_to_same", "emd_to_different"),
    *("mean", "mean_same", "mean_different", "pairs", "same_pairs", "different_pairs"),
)


def similarity_rows(similarities: Similarities, network: str, role: str) -> list[dict]:
    """One row (see `SIMILARITY_COLUMNS`) for our renderings, the mean face and the photographs.

    The row `another_photograph` compares the pairs of one person with themselves: its distance to
    the pairs of two people is the scale on which the others are to be read.
    """
    methods = {
        "ours": similarities.ours,
        "mean_face": similarities.mean_face,
        "another_photograph": similarities.same,
    }
    return [
        {"network": network, "role": role, "method": method}
        | similarity_figures(cosines, similarities.same, similarities.different)
        for method, cosines in methods.items()
    ]


def similarity_figures(
    cosines: np.ndarray, same: np.ndarray, different: np.ndarray
) -> dict[str, float]:
    """The figures of `SIMILARITY_COLUMNS` of one kind of pairs' cosines."""
    return {
        "emd_to_same": earth_movers_distance(cosines, same),
        "emd_to_different": earth_movers_distance(cosines, different),
        "mean": _mean(cosines),
        "mean_same": _mean(same),
        "mean_different": _mean(different),
        "pairs": len(cosines),
        "same_pairs": len(same),
        "different_pairs": len(different),
    }


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
