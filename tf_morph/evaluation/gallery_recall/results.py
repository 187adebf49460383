"""Recall of every method by every network: a table's rows, and the whole curve of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tf_morph.evaluation.gallery_recall.intervals import bootstrap_interval
from tf_morph.evaluation.gallery_recall.questions import Asked, Gallery
from tf_morph.evaluation.methods import CHANCE
from tf_morph.recognition.recall import Placing, match_curve, place

TOP = (1, 5)
_ANY_NETWORK = "–"


@dataclass(frozen=True)
class RecallResult:
    """Recall of one method by one network over one group of queries.

    Attributes:
      method, network, role: who drew, and who judged.
      people, photographs: the group, in words.
      hit: what counts as one, in words.
      queries: how many there were.
      gallery: entries.
      top: k to (recall, low, high); the ends are nan for chance.
      median_rank: of the expected ranks.
      curve: [G] recall among the first 1, 2, … G.
    """

    method: str
    network: str
    role: str
    people: str
    photographs: str
    hit: str
    queries: int
    gallery: int
    top: Mapping[int, tuple[float, float, float]]
    median_rank: float
    curve: np.ndarray

    def row(self) -> dict:
        """Of the recall table."""
        row = {name: getattr(self, name) for name in _NAMED}
        for k, (value, low, high) in self.top.items():
            row |= {f"top{k}": value, f"top{k}_low": low, f"top{k}_high": high}
        return row | {"median_rank": self.median_rank}


_NAMED = ("method", "network", "role", "people", "photographs", "hit", "queries", "gallery")
Groups = Mapping[tuple[str, str], np.ndarray]


def recall_results(
    network: str,
    role: str,
    photographs: np.ndarray,
    asked: Mapping[str, Asked],
    gallery: Gallery,
    groups: Groups,
    people: np.ndarray,
    seed: int,
) -> list[RecallResult]:
    """By one network, the recall of every method.

    Args:
      network: its name.
      role: one of roles.py.
      photographs: features [N, D] of all photographs.
      asked: by method.
      gallery: which photographs stand in it, and what counts as a hit.
      groups: (people, photographs) in words to bool [N]: of which photographs.
      people: [N] whom each photograph shows: the bootstrap draws people.
      seed: of the bootstrap.
    """
    results = []
    for hit, labels in gallery.labels.items():
        entries = photographs[gallery.photographs], labels[gallery.photographs]
        for method, queries in asked.items():
            placing = place(queries.features, labels[queries.photographs], *entries)
            for (who, which), rows in _distinct(groups, queries.photographs):
                named = (method, network, role, who, which, hit)
                whose = people[queries.photographs[rows]]
                results.append(_result(named, placing.rows(rows), whose, gallery, seed))
    return results


def _distinct(groups: Groups, photographs: np.ndarray) -> Iterator:
    """(group, rows of its queries) of the groups that ask for something no earlier one asks."""
    known = {b""}
    for group, members in groups.items():
        rows = np.flatnonzero(members[photographs])
        if rows.tobytes() not in known:
            known.add(rows.tobytes())
            yield group, rows


def chance_results(gallery: Gallery) -> list[RecallResult]:
    """An order drawn at random, for every entry of the gallery: exact, whatever the network."""
    size = len(gallery.photographs)
    results = []
    for hit, labels in gallery.labels.items():
        entries = labels[gallery.photographs]
        matches = np.bincount(entries)[entries]
        placing = Placing(np.zeros_like(matches), size - matches, matches)
        named = (CHANCE, _ANY_NETWORK, _ANY_NETWORK, "everybody", "in the gallery", hit)
        results.append(_result(named, placing, None, gallery, 0))
    return results


def _result(named, placing: Placing, people, gallery: Gallery, seed: int) -> RecallResult:
    top = {}
    for k in TOP:
        hits = placing.hits(k)
        ends = (np.nan, np.nan) if people is None else bootstrap_interval(hits, people, seed)
        top[k] = float(hits.mean()), *ends
    return RecallResult(
        *named,
        queries=len(placing.higher),
        gallery=len(gallery.photographs),
        top=top,
        median_rank=float(np.median(placing.ranks)),
        curve=match_curve(placing, len(gallery.photographs)),
    )
