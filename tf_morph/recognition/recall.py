"""Recall of a person among a gallery of photographs, by cosine between recognition features.

Ties: entries whose scores lie within `TIE_TOLERANCE` of each other are in random order, and a
query's hit is the probability, over that order, that a photograph of the right person is among the
first k. A network that gives the same features for everything thus comes out at chance, k / G,
exactly, and never at 100 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tf_morph.recognition.cosine_blocks import (
    ScoreBlock,
    UnitRows,
    exact_scores,
    score_blocks,
    score_error,
)

# Features are float32, and differ by about this much between batches of another size.
TIE_TOLERANCE = 1e-6


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

    def rows(self, chosen: np.ndarray) -> "Placing":
        """Some of the queries."""
        return Placing(self.higher[chosen], self.tied[chosen], self.matches[chosen])

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


def match_curve(placing: Placing, gallery: int) -> np.ndarray:
    """The whole cumulative match curve: mean of `placing.hits(k)` for k = 1, 2, … `gallery`, [G].

    Raises:
      ValueError: there are no queries.
    """
    if not len(placing.higher):
        raise ValueError("no queries, no curve")
    alone = placing.tied == 0
    first_hits = np.bincount(placing.higher[alone], minlength=gallery).astype(np.float64)
    kinds, kind = np.unique(
        np.stack([placing.tied[~alone], placing.matches[~alone]]), axis=1, return_inverse=True
    )
    for number, (tied, matches) in enumerate(kinds.T):
        starts = np.bincount(placing.higher[~alone][kind.ravel() == number], minlength=gallery)
        first_hits += np.convolve(starts, _first_hit(tied, matches))[:gallery]
    return np.cumsum(first_hits) / len(placing.higher)


def _first_hit(tied: int, matches: int) -> np.ndarray:
    """Probability [tied + 1] that of a tied group's places the first, second, … is the first hit.

    The group holds `tied` other people's entries and `matches` right ones, in random order.
    """
    left = tied - np.arange(tied + 1)
    missed = np.concatenate([[1.0], np.cumprod(left / (left + matches))])
    return -np.diff(missed)


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
      query_people: whom each query shows, [Q]; any type that can be sorted.
      gallery: features [G, D].
      gallery_people: whom each entry shows, [G]; a person may have several entries.

    Raises:
      ValueError: a feature is not finite, or a query's person is not in the gallery.
    """
    asked, entries = UnitRows(queries, "queries"), UnitRows(gallery, "gallery")
    wanted, people = _labels(np.asarray(query_people), np.asarray(gallery_people))
    best, matches = _best_matches(asked, entries, wanted, people)
    error = score_error(asked.features.shape[1])
    counts = np.zeros((2, len(asked)), np.int64)  # higher, tied
    for block in score_blocks(asked, entries):
        counts[:, block.rows] += _counted(block, asked, entries, wanted, people, best, error)
    return Placing(*counts, matches)


def _labels(query_people: np.ndarray, gallery_people: np.ndarray):
    """Both as whole numbers from 0, without gaps in the gallery's."""
    names, people = np.unique(gallery_people, return_inverse=True)
    wanted = np.minimum(np.searchsorted(names, query_people), len(names) - 1)
    if len(wanted) and (not len(names) or (names[wanted] != query_people).any()):
        raise ValueError("a query's person is not in the gallery")
    return wanted, people


def _best_matches(asked: UnitRows, entries: UnitRows, wanted, people):
    """Best score [Q] of an entry of the right person, and how many [Q] of theirs share it."""
    order = np.argsort(people, kind="stable")
    starts = np.searchsorted(people[order], wanted)
    sizes = np.bincount(people, minlength=1)[wanted] if len(wanted) else wanted
    best, matches = np.full(len(asked), -np.inf), np.zeros(len(asked), np.int64)
    rows = np.repeat(np.arange(len(asked)), sizes)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    scores = exact_scores(asked, entries, rows, order[starts[rows] + within])
    np.maximum.at(best, rows, scores)
    np.add.at(matches, rows, scores >= best[rows] - TIE_TOLERANCE)
    return best, matches


def _counted(block: ScoreBlock, asked, entries, wanted, people, best, error) -> np.ndarray:
    """(higher, tied) [2, B] of other people's entries in a block."""
    margin = TIE_TOLERANCE + error
    ends = [(best[block.rows, None] + side * margin).astype(np.float32) for side in (-1, 1)]
    above = block.scores > ends[1]
    near = (block.scores >= ends[0]) ^ above
    counted = np.stack([np.count_nonzero(above, axis=1), np.zeros(len(above), int)])
    at, entry = np.divmod(np.flatnonzero(near), near.shape[1])
    row, entry = block.rows.start + at, block.start + entry
    others = wanted[row] != people[entry]
    at, row, entry = at[others], row[others], entry[others]
    lead = exact_scores(asked, entries, row, entry) - best[row]
    np.add.at(counted[0], at, lead > TIE_TOLERANCE)
    np.add.at(counted[1], at, np.abs(lead) <= TIE_TOLERANCE)
    return counted


class Matches(NamedTuple):
    """The entries [Q, k] most like each query, best first, and their cosines [Q, k] in float64."""

    entries: np.ndarray
    scores: np.ndarray


def top_matches(queries: np.ndarray, gallery: np.ndarray, k: int) -> Matches:
    """The `k` entries of a gallery [G, D] most like each of the queries [Q, D], exactly.

    Of equally good ones the first. Where there are fewer than `k` entries, all.

    Raises:
      ValueError: a feature is not finite.
    """
    asked, entries = UnitRows(queries, "queries"), UnitRows(gallery, "gallery")
    k, error = min(k, len(entries)), score_error(asked.features.shape[1])
    found = Matches(np.full((len(asked), k), len(entries)), np.full((len(asked), k), -np.inf))
    for block in score_blocks(asked, entries):
        part = Matches(*(values[block.rows] for values in found))
        for values, better in zip(part, _merged(part, block, asked, entries, error), strict=True):
            values[:] = better
    return found


def _merged(part: Matches, block: ScoreBlock, asked, entries, error: float) -> Matches:
    """The best of those found so far and those of a block."""
    k = part.scores.shape[1]
    least = part.scores[:, -1] - error
    if block.scores.shape[1] >= k and np.isinf(least).any():
        here = np.partition(block.scores, -k, axis=1)[:, -k]
        least = np.maximum(least, here - 2 * error)
    at, entry = np.divmod(
        np.flatnonzero(block.scores >= least.astype(np.float32)[:, None] - np.float32(error)),
        block.scores.shape[1],
    )
    entry = entry + block.start
    scores = exact_scores(asked, entries, block.rows.start + at, entry)
    rows = np.concatenate([np.repeat(np.arange(len(part.scores)), k), at])
    entry = np.concatenate([part.entries.ravel(), entry])
    scores = np.concatenate([part.scores.ravel(), scores])
    order = np.lexsort((entry, -scores, rows))
    first = np.searchsorted(rows[order], np.arange(len(part.scores)))
    best = order[first[:, None] + np.arange(k)]
    return Matches(entry[best], scores[best])


def chance(k: int, gallery: int) -> float:
    """Recall at `k` of an order drawn at random, one entry a person among `gallery` entries."""
    return min(k, gallery) / gallery
