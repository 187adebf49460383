"""The paper's figures of recall beside ours and its peers'."""

from collections.abc import Sequence

import pandas as pd

from tf_morph.evaluation.gallery_recall.results import RecallResult
from tf_morph.evaluation.methods import CHANCE, MEAN_FACE, RANDOM_FACE
from tf_morph.evaluation.paper import FIGURES
from tf_morph.evaluation.sections import Table
from tf_morph.evaluation.tables import percent

COLUMNS = ("method", "judged by", "people", "asked with", "hit", "top-1", "top-5", "on", "standing")
_MIXED = ("any", "everybody")
_FLOORS = (MEAN_FACE, RANDOM_FACE)


def beside_paper(name: str, data: str, results: Sequence[RecallResult]) -> Table:
    """A table ours | the paper's | its peers': a row a method, with what the figure stands on.

    Args:
      data: how `paper.FIGURES` begins to name the data set, such as "MoFA-Test".
      results: of which the floors and the groups that mix others are left out, but for chance.
    """
    rows = [_our_row(result) for result in results if _is_shown(result)] + _their_rows(data)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.drop(columns=[c for c in ("people", "hit") if frame[c].nunique() == 1])
    caption = (
        "Ours beside the paper's and its peers' figures; networks, photographs and face models "
        "are others, so that they stand side by side for orientation."
    )
    return Table(name, caption, frame)


def _is_shown(result: RecallResult) -> bool:
    mixed = result.photographs in _MIXED or result.people in _MIXED
    return result.method == CHANCE or not (mixed or result.method in _FLOORS)


def _our_row(result: RecallResult) -> tuple[str, ...]:
    judged_by = result.network if result.method == CHANCE else f"{result.network} ({result.role})"
    return (
        result.method.replace("_", " "),
        judged_by,
        result.people,
        result.photographs,
        result.hit,
        percent(result.top[1][0]),
        percent(result.top[5][0]),
        f"a gallery of {result.gallery:,}",
        "measured here",
    )


def _their_rows(data: str) -> list[tuple[str, ...]]:
    """A row a method of the paper's figures, first and fifth place together."""
    found: dict[str, dict] = {}
    for figure in FIGURES:
        if not (figure.data.startswith(data) and figure.measure.endswith("recall")):
            continue
        row = found.setdefault(figure.method, {"on": figure.data, "standing": []})
        names = [name for name in ("top-1", "top-5") if name in figure.measure]
        row |= dict(zip(names, figure.value.split(" / "), strict=True))
        row["standing"].append(f"{' and '.join(names)} {figure.standing}")
    return [
        (
            *(method, "–", "–", "–", "–", row.get("top-1", "–"), row.get("top-5", "–")),
            *(row["on"], "; ".join(row["standing"])),
        )
        for method, row in found.items()
    ]
