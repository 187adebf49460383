"""Recall of a person among a gallery of photographs, by cosine between recognition features.

Ties: entries whose scores lie within `TIE_TOLERANCE` of each other are in random order, and a
query's hit is the probability, over that order, that a photograph of the right person is among the
first k. A network that gives the same features for everything thus comes out at chance, k / G,
exactly, and never at 100 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# Features are float32, and differ by about this much between batches of another size.
TIE_TOLERANCE = 1e-6
_BLOCK_SCORES = 1 << 23  # cosines held at once: 64 MiB in float64


@dataclass(frozen=True)
class Placing:
    """Where each query's person stands in its gallery, all of shape [Q].

    Attributes:
      higher: entries of other people scored above the best entry of the right person.
      tied: entries of other people scored equal to it.
      matches: entries of the right person that share the best score, at least 1.
    """

    higher: np.ndarray
    tied: np.ndarray
    matches: np.ndarray

    @property
    def ranks(self) -> np.ndarray:
        """Expected rank [Q] of the right person, from 1, ties in random order."""
        return 1.0 + self.higher + self.tied / (self.matches + 1.0)

    def hits(self, k: int) -> np.ndarray:
        """Probability [Q], in [0, 1], that the right person is among the first `k`."""
        places = np.maximum(k - self.higher, 0)
        missed = np.ones(len(self.higher))
        for drawn in range(k):
            left = np.maximum(self.tied - drawn, 0)
            missed *= np.where(drawn < places, left / (left + self.matches), 1.0)
        return 1.0 - missed


def normalise(features: np.ndarray) -> np.ndarray:
    """Rows of `features` [N, D] at unit length, float64; a row of zeros stays one."""
    features = np.asarray(features, np.float64)
    lengths = np.linalg.norm(features, axis=-1, keepdims=True)
    return features / np.where(lengths > 0.0, lengths, 1.0)


def joined(outputs: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Several outputs [N, D_i] as one [N, sum D_i], whose cosine is the mean of their cosines."""
    return np.concatenate([normalise(outputs[name]) for name in names], axis=1)


def place(
    queries: np.ndarray,
    query_people: np.ndarray,
    gallery: np.ndarray,
    gallery_people: np.ndarray,
) -> Placing:
    """Places each query's person among the gallery.

    Args:
      queries: features [Q, D].
      query_people: whom each query shows, [Q]; any type that compares equal.
      gallery: features [G, D].
      gallery_people: whom each entry shows, [G]; a person may have several entries.

    Raises:
      ValueError: a feature is not finite, or a query's person is not in the gallery.
    """
    for name, features in (("queries", queries), ("gallery", gallery)):
        if not np.all(np.isfinite(features)):
            raise ValueError(f"{name}: features that are not finite cannot be ranked")
    queries, gallery = normalise(queries), normalise(gallery)
    query_people, gallery_people = np.asarray(query_people), np.asarray(gallery_people)
    block = max(1, _BLOCK_SCORES // max(1, len(gallery)))
    parts = [
        _place_block(
            queries[start : start + block] @ gallery.T,
            query_people[start : start + block, None] == gallery_people[None, :],
        )
        for start in range(0, len(queries), block)
    ]
    higher, tied, matches = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), int)
    return Placing(higher, tied, matches)


def _place_block(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(higher, tied, matches) [3, Q] from cosines [Q, G] and which are of the right person."""
    if not np.all(right.any(axis=1)):
        raise ValueError("a query's person is not in the gallery")
    best = np.max(np.where(right, scores, -np.inf), axis=1, keepdims=True)
    above = scores > best + TIE_TOLERANCE
    equal = np.abs(scores - best) <= TIE_TOLERANCE
    return np.stack(
        [
            np.count_nonzero(above & ~right, axis=1),
            np.count_nonzero(equal & ~right, axis=1),
            np.count_nonzero(equal & right, axis=1),
        ]
    )


def chance(k: int, gallery: int) -> float:
    """Recall at `k` of an order drawn at random, one entry a person among `gallery` entries."""
    return min(k, gallery) / gallery


def wilson_interval(fraction: float, count: int) -> tuple[float, float]:
    """95 % confidence interval of a fraction observed over `count` queries (Wilson's score)."""
    if count == 0:
        return 0.0, 1.0
    z = 1.959964
    centre = fraction + z * z / (2 * count)
    half = z * np.sqrt(fraction * (1 - fraction) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
