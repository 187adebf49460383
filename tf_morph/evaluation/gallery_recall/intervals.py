"""Confidence intervals by drawing people anew."""

import numpy as np

DRAWS = 1000
_LEVELS = (2.5, 97.5)  # percentiles
_BLOCK = 1 << 24  # counts held at once: 128 MiB


def bootstrap_interval(values: np.ndarray, people: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of `values`, by the bootstrap's percentiles over people.

    People are drawn with replacement, each with all their values: those of one person are alike,
    and do not count as independent. Where all values are the same, so are both ends.

    Args:
      values: [Q].
      people: [Q], whose each value is.
      seed: of the `DRAWS` draws.

    Returns:
      (low, high); nan where there are no values.
    """
    if not len(values):
        return float("nan"), float("nan")
    person = np.unique(people, return_inverse=True)[1]
    counts, sums = np.bincount(person), np.bincount(person, weights=values)
    random = np.random.default_rng([seed, len(counts)])
    rows, left, means = max(1, _BLOCK // len(counts)), DRAWS, []
    while left:
        draws = min(rows, left)
        times = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), draws)
        means.append((times @ sums) / (times @ counts))
        left -= draws
    low, high = np.percentile(np.concatenate(means), _LEVELS)
    return float(low), float(high)
