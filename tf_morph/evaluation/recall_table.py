"""The recall table: one row per method, network and size of gallery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tf_morph.evaluation.methods import CHANCE
from tf_morph.recognition.recall import chance, place, wilson_interval

COLUMNS = (
    *("method", "network", "role", "gallery", "top1", "top5", "queries", "galleries"),
    *("top1_deviation", "top5_deviation"),
    *("top1_low", "top1_high", "top5_low", "top5_high", "median_rank"),
)
_TOP = (1, 5)


@dataclass(frozen=True)
class Queries:
    """What one method asks of a gallery: features [Q, D] and whom each is to find, [Q]."""

    features: np.ndarray
    people: np.ndarray

    def among(self, people: np.ndarray) -> "Queries":
        """Those whose person is one of `people`."""
        kept = np.isin(self.people, people)
        return Queries(self.features[kept], self.people[kept])


def recall_rows(
    network: str,
    role: str,
    gallery: np.ndarray,
    methods: Mapping[str, Queries],
    galleries: Sequence[np.ndarray],
) -> list[dict]:
    """Rows of the recall table for one network and galleries of one size.

    Args:
      network: its name.
      role: "judge" or "training".
      gallery: features [P, D], one photograph a person; a person is their row here.
      methods: name to its queries.
      galleries: each the rows of `gallery` that form one gallery, all of one size.

    Returns:
      A row (see `COLUMNS`) a method and one of chance. `top1` and `top5` are fractions of all
      queries of all galleries; the deviation is that of the galleries' own recalls, nan for
      fewer than two; low and high bound Wilson's 95 % interval over the queries.
    """
    size = len(galleries[0])
    rows = [
        {"method": method, "network": network, "role": role, "gallery": size}
        | _recall(gallery, queries, galleries)
        for method, queries in methods.items()
    ]
    chances = {f"top{k}": chance(k, size) for k in _TOP}
    rows.append({"method": CHANCE, "network": network, "role": role, "gallery": size} | chances)
    return rows


def recall_table(rows: Sequence[dict]) -> pd.DataFrame:
    """The rows with the columns in their order; what a row has not is nan."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _recall(gallery: np.ndarray, queries: Queries, galleries: Sequence[np.ndarray]) -> dict:
    placings = []
    for people in galleries:
        asked = queries.among(people)
        if len(asked.people):
            placings.append(place(asked.features, asked.people, gallery[people], people))
    if not placings:
        return {"queries": 0, "galleries": 0}
    ranks = np.concatenate([placing.ranks for placing in placings])
    row = {
        "queries": len(ranks),
        "galleries": len(placings),
        "median_rank": float(np.median(ranks)),
    }
    for k in _TOP:
        hits = [placing.hits(k) for placing in placings]
        fraction = float(np.mean(np.concatenate(hits)))
        low, high = wilson_interval(fraction, len(ranks))
        means = [float(np.mean(values)) for values in hits]
        deviation = float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")
        row |= {f"top{k}": fraction, f"top{k}_deviation": deviation}
        row |= {f"top{k}_low": low, f"top{k}_high": high}
    return row
