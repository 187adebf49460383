"""The tables of a recall suite."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tf_morph.evaluation.gallery_recall.results import TOP, RecallResult
from tf_morph.evaluation.sections import Table
from tf_morph.evaluation.tables import decimals, percent

_MOST_PLACES = 40  # of the curve in its table; the figure has them all
_HEADINGS = {
    "method": "method",
    "network": "network",
    "role": "role",
    "people": "people",
    "photographs": "photograph asked with",
    "hit": "hit",
    "top1": "top-1",
    "interval1": "95 % interval",
    "top5": "top-5",
    "interval5": "95 % interval",
    "median_rank": "median rank",
    "queries": "queries",
    "gallery": "gallery",
}


def recall_table(name: str, results: Sequence[RecallResult]) -> Table:
    """Top-1 and top-5 with intervals, a row a result."""
    frame = pd.DataFrame([result.row() for result in results])
    for k in TOP:
        ends = zip(frame[f"top{k}_low"], frame[f"top{k}_high"], strict=True)
        frame[f"interval{k}"] = [
            None if low != low else f"{100 * low:.1f} – {100 * high:.1f}" for low, high in ends
        ]
    headings = {
        column: heading
        for column, heading in _HEADINGS.items()
        if column != "hit" or frame["hit"].nunique() > 1
    }
    formats = dict.fromkeys(("top1", "top5"), percent)
    formats |= dict.fromkeys(("queries", "gallery"), "{:,}".format)
    formats |= {"median_rank": decimals(1), "interval1": str, "interval5": str}
    caption = "Recall of the person among the gallery; intervals are the bootstrap's over people."
    return Table(name, caption, frame, headings, formats)


def curve_table(name: str, results: Sequence[RecallResult]) -> Table:
    """The cumulative match curves, a column a result, at places spread evenly on a log scale."""
    places = _places(results[0].gallery)
    columns = {"k": places} | {_title(r): r.curve[places - 1] for r in results}
    frame = pd.DataFrame(columns)
    formats = dict.fromkeys(frame.columns[1:], percent)
    caption = f"Recall among the first k of {results[0].gallery:,}."
    return Table(name, caption, frame, None, formats)


def _places(gallery: int) -> np.ndarray:
    spread = np.geomspace(1, gallery, _MOST_PLACES).round().astype(int)
    return np.union1d(spread, np.arange(1, min(10, gallery) + 1))


def _title(result: RecallResult) -> str:
    parts = (result.method, result.network, result.people, result.photographs, result.hit)
    return ", ".join(part for part in parts if part != "–")
