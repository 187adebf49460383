"""Cells of an ablation's tables: figures by name, in words and as mean ± deviation."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from tf_morph.ablation.results import TURNED, VERTEX_ERROR, recall_name, values
from tf_morph.evaluation.methods import HELD_OUT, TRAINING

NOT_MEASURED = "–"
_PAIR = " / "
_SPOKEN = {
    HELD_OUT: "judge",
    TRAINING: "training network",
    HELD_OUT + TURNED: "judge, faces turned",
    TRAINING + TURNED: "training network, faces turned",
    "fooled": "training network's excess over the judge",
    "drift_shape": "drift of shape",
    "drift_texture": "drift of texture",
    "variance_off_shape": "variance's distance from 1, shape",
    "variance_off_texture": "variance's distance from 1, texture",
    VERTEX_ERROR: "vertex error, mm",
}

# A heading, the names of its figures, digits, and whether they are fractions in percent.
Column = tuple[str, tuple[str, ...], int, bool]


def recall_columns(sizes: Sequence[int]) -> list[Column]:
    """Top-1 / top-5 by judge and training network in each size of gallery."""
    return _recalls([(role, size) for role in (HELD_OUT, TRAINING) for size in sizes])


def turned_columns(sizes: Sequence[int]) -> list[Column]:
    """The judge's of faces seen from the side, in the largest gallery."""
    return _recalls([(HELD_OUT + TURNED, size) for size in sizes[-1:]])


def face_columns() -> list[Column]:
    """What the predicted coefficients are like, shape / texture, and the faces made of them."""
    columns = [
        (heading, (f"{figure}_shape", f"{figure}_texture"), 2, False)
        for heading, figure in (
            ("drift", "drift"),
            ("variance", "mean_variance"),
            ("independent", "independent_share"),
        )
    ]
    return columns + [
        ("vertex error, mm", (VERTEX_ERROR,), 2, False),
        ("EMD, judge", (f"{HELD_OUT}_emd",), 3, False),
        ("EMD, training network", (f"{TRAINING}_emd",), 3, False),
    ]


def cells(
    results: pd.DataFrame, variant: str, method: str, columns: Sequence[Column]
) -> Mapping[str, str]:
    """One row: heading to mean ± deviation over the seeds, several figures by slashes."""
    row = {}
    for heading, names, digits, percent in columns:
        parts = [
            mean_and_deviation(values(results, variant, name, method), digits, percent)
            for name in names
        ]
        row[heading] = NOT_MEASURED if set(parts) == {NOT_MEASURED} else _PAIR.join(parts)
    return row


def mean_and_deviation(numbers: pd.Series, digits: int, percent: bool = False) -> str:
    """`81.5 ± 0.8 %`, without the deviation where there is one number, a dash for none."""
    if not len(numbers):
        return NOT_MEASURED
    scale, unit = (100.0, " %") if percent else (1.0, "")
    text = f"{scale * numbers.mean():z.{digits}f}"
    if len(numbers) > 1:
        text += f" ± {scale * numbers.std():.{digits}f}"
    return text + unit


def spoken(figure: str) -> str:
    """A figure's name in words: `held_out_top1_1000` as "judge, top-1 of 1,000"."""
    recall = re.fullmatch(r"(\w+)_top(\d)_(\d+)", figure)
    if not recall:
        return _SPOKEN[figure]
    who, k, gallery = recall.groups()
    return f"{_SPOKEN[who]}, top-{k} of {int(gallery):,}"


def signed(figure: str) -> Callable[[float], str]:
    """How differences of a figure are written: those of recalls in points of a percent."""
    scale, digits, unit = (100.0, 1, " %") if "_top" in figure else (1.0, 3, "")
    return lambda number: f"{scale * number:+z.{digits}f}{unit}" if math.isfinite(number) else "–"


def _recalls(asked: Sequence[tuple[str, int]]) -> list[Column]:
    return [
        (f"{_SPOKEN[role]}, {size:,}", tuple(recall_name(role, k, size) for k in (1, 5)), 1, True)
        for role, size in asked
    ]
