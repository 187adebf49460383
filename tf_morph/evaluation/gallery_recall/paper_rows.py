"""The paper's figures of recall beside ours and its peers'."""

from collections.abc import Sequence

import pandas as pd

from tf_morph.evaluation.gallery_recall.results import RecallResult
from tf_morph.evaluation.methods import CHANCE, MEAN_FACE, RANDOM_FACE
from tf_morph.evaluation.paper import FIGURES
from tf_morph.evaluation.sections import Table
from tf_morph.evaluation.tables import percent

_BY_US = "measured here"


def beside_paper(name: str, data: str, results: Sequence[RecallResult]) -> Table:
    """A table ours | the paper's | its peers': a row a method, with what the figure stands on.

    Args:
      data: how `paper.FIGURES` begins to name the data set, such as "MoFA-Test".
      results: whose rows with the photograph in the gallery are shown.
    """
    rows = [
        (_name(r), percent(r.top[1][0]), percent(r.top[5][0]), f"gallery of {r.gallery:,}", _BY_US)
        for r in results
        if r.method not in (MEAN_FACE, RANDOM_FACE)
    ]
    theirs: dict[str, list] = {}
    for figure in FIGURES:
        if figure.data.startswith(data) and figure.measure.endswith("recall"):
            row = theirs.setdefault(figure.method, ["–", "–", figure.data, []])
            values = figure.value.split(" / ")
            if "top-1" in figure.measure:
                row[0] = values[0]
            if "top-5" in figure.measure:
                row[1] = values[-1]
            row[3].append(f"{figure.measure}: {figure.standing}")
    rows += [(who, *row[:3], "; ".join(row[3])) for who, row in theirs.items()]
    frame = pd.DataFrame(rows, columns=["method", "top-1", "top-5", "on", "standing"])
    caption = (
        "Ours beside the paper's and its peers' figures; networks, photographs and face models "
        "are others, so that they stand side by side for orientation."
    )
    return Table(name, caption, frame)


def _name(result: RecallResult) -> str:
    if result.method == CHANCE:
        return CHANCE
    return (
        f"{result.method}, by {result.network} ({result.role}), {result.people}, "
        f"{result.photographs}, hit: {result.hit}"
    )
