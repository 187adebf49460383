"""Cosines of queries with a gallery of any size: by blocks, in flat memory, exact where asked.

Products are float32, and off by no more than `score_error`; what lies as near to a threshold as
that is computed anew in float64. The rest is on its side of the threshold for certain.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

ENTRIES = 1 << 14  # of the gallery at a time: 32 MiB at 512 numbers
_SCORES = 1 << 23  # cosines held at once: 32 MiB
_NUMBERS = 1 << 22  # of the rows compared in float64 at once: 32 MiB
_UNIT = 2.0**-24  # a float32 product's relative rounding


class UnitRows:
    """Features [N, D] whose rows are taken at unit length; rows of zeros stay zeros.

    Attributes:
      features: as they came.
      lengths: float64 [N], 1 for rows of zeros.
    """

    def __init__(self, features: np.ndarray, name: str):
        """
        Raises:
          ValueError: a feature is not finite; `name` says whose.
        """
        self.features = np.asarray(features)
        squares = np.empty(len(self.features))
        for start in range(0, len(squares), ENTRIES):
            block = np.asarray(self.features[start : start + ENTRIES], np.float64)
            squares[start : start + ENTRIES] = np.einsum("nd,nd->n", block, block)
        if not np.isfinite(squares).all():
            raise ValueError(f"{name}: features that are not finite cannot be ranked")
        self.lengths = np.sqrt(np.where(squares > 0.0, squares, 1.0))

    def __len__(self) -> int:
        return len(self.features)

    def single(self, rows: slice) -> np.ndarray:
        """Some rows in float32."""
        return (self.features[rows] / self.lengths[rows, None]).astype(np.float32)


class ScoreBlock(NamedTuple):
    """Float32 cosines [B, E] of the queries `rows` with the entries from `start` on."""

    rows: slice
    start: int
    scores: np.ndarray


def score_blocks(queries: UnitRows, gallery: UnitRows) -> Iterator[ScoreBlock]:
    """All cosines, block by block, all queries of some entries after one another.

    The scores are overwritten by the next block's.
    """
    asked = queries.single(slice(None))
    step = max(1, _SCORES // max(1, min(ENTRIES, len(gallery))))
    memory = np.empty((min(step, max(1, len(queries))), min(ENTRIES, len(gallery))), np.float32)
    for start in range(0, len(gallery), ENTRIES):
        entries = gallery.single(slice(start, start + ENTRIES)).T
        for first in range(0, len(queries), step):
            rows = slice(first, min(first + step, len(queries)))
            scores = memory.ravel()[: (rows.stop - first) * entries.shape[1]]
            scores = scores.reshape(-1, entries.shape[1])
            yield ScoreBlock(rows, start, np.matmul(asked[rows], entries, out=scores))


def exact_scores(
    queries: UnitRows, gallery: UnitRows, rows: np.ndarray, entries: np.ndarray
) -> np.ndarray:
    """Cosines [P] in float64 of the pairs (rows[p], entries[p])."""
    scores = np.empty(len(rows))
    step = max(1, _NUMBERS // max(1, queries.features.shape[1]))
    for start in range(0, len(rows), step):
        one, other = rows[start : start + step], entries[start : start + step]
        products = np.einsum(
            "pd,pd->p",
            queries.features[one].astype(np.float64),
            gallery.features[other].astype(np.float64),
        )
        scores[start : start + step] = products / queries.lengths[one] / gallery.lengths[other]
    return scores


def score_error(numbers: int) -> float:
    """How far a float32 cosine of rows of so many numbers may be off, at most.

    N numbers summed in any order are off by at most N units of the sum of their magnitudes, which
    is at most 1 here (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1);
    eight more are for what is rounded before and after.
    """
    return (numbers + 8) * _UNIT
