"""The tables of all runs in Markdown, ready for docs/reproduction.md."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from benchmarks.claims.figures import TURNED, VERTEX_ERROR, gallery_sizes, recall_name, values
from benchmarks.claims.variants import FULL, Variant
from benchmarks.claims.verdicts import NOT_RUN, Verdict
from tf_morph.evaluation.methods import METHODS, OURS
from tf_morph.evaluation.network_features import JUDGE, TRAINING
from tf_morph.evaluation.tables import to_markdown
from tf_morph.regression.contact_sheet import TURN_RADIANS

_PAIR = " / "
_SPOKEN = {
    JUDGE: "judge",
    TRAINING: "training network",
    JUDGE + TURNED: "judge, faces turned",
    TRAINING + TURNED: "training network, faces turned",
    "fooled": "training network's excess over the judge",
    "drift_shape": "drift of shape",
    "drift_texture": "drift of texture",
    "variance_off_shape": "variance's distance from 1, shape",
    "variance_off_texture": "variance's distance from 1, texture",
    VERTEX_ERROR: "vertex error, mm",
}


def summary(
    figures: pd.DataFrame, variants: Mapping[str, Variant], judged: Sequence[Verdict]
) -> str:
    """All tables: recall and faces by variant, the references, the verdicts.

    Args:
      figures: see `all_figures`.
      variants: those that may have been run, in the order of the rows.
      judged: see `verdicts`.
    """
    sizes = gallery_sizes(figures)
    seeds = sorted(set(figures["seed"]))
    turned = _recalls([(JUDGE + TURNED, size) for size in sizes[-1:]])
    sections = (
        f"Mean ± standard deviation over seeds {', '.join(map(str, seeds)) or 'none'}; where a "
        "variant has fewer, their number stands behind its name.\n",
        "Recall of the drawing of the prediction from the gallery's photograph, frontal or turned "
        f"by {math.degrees(TURN_RADIANS):.0f} degrees, top-1 / top-5:\n",
        _by_variant(figures, variants, _recall_columns(sizes) + turned, len(seeds)),
        "Coefficients of unseen people, shape / texture (prior: drift 0, variance 1, all of them "
        "independent), and how far drawings are from photographs of the same person:\n",
        _by_variant(figures, variants, _face_columns(), len(seeds)),
        f"References, as the runs of `{FULL}` measured them, top-1 / top-5:\n",
        _references(figures, sizes),
        "Predictions, and what the runs say of them (difference of the two variants under the same "
        "seed; the 95 % interval is over seeds):\n",
        _verdict_table(judged),
    )
    return "\n".join(sections)


def mean_and_deviation(numbers: pd.Series, digits: int, percent: bool = False) -> str:
    """`81.5 ± 0.8 %`, without the deviation where there is one number, `not run` for none."""
    if not len(numbers):
        return NOT_RUN
    scale, unit = (100.0, " %") if percent else (1.0, "")
    text = f"{scale * numbers.mean():z.{digits}f}"
    if len(numbers) > 1:
        text += f" ± {scale * numbers.std():.{digits}f}"
    return text + unit


# A heading, the names of its figures, digits, and whether they are fractions in percent.
_Column = tuple[str, tuple[str, ...], int, bool]


def _recall_columns(sizes: Sequence[int]) -> list[_Column]:
    asked = [(role, size) for role in (JUDGE, TRAINING) for size in sizes]
    return _recalls(asked)


def _recalls(asked: Sequence[tuple[str, int]]) -> list[_Column]:
    return [
        (f"{_SPOKEN[role]}, {size:,}", tuple(recall_name(role, k, size) for k in (1, 5)), 1, True)
        for role, size in asked
    ]


def _face_columns() -> list[_Column]:
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
        ("EMD, judge", (f"{JUDGE}_emd",), 3, False),
        ("EMD, training network", (f"{TRAINING}_emd",), 3, False),
    ]


def _by_variant(figures, variants: Mapping[str, Variant], columns: Sequence[_Column], seeds) -> str:
    rows = []
    for variant in variants.values():
        made = figures.loc[figures["variant"] == variant.name, "seed"].nunique()
        fewer = f" ({made} of {seeds} seeds)" if 0 < made < seeds else ""
        row = {"run": f"`{variant.name}`{fewer}", "what": variant.shown}
        rows.append(row | _cells(figures, variant.name, OURS, columns))
    return to_markdown(pd.DataFrame(rows))


def _references(figures, sizes: Sequence[int]) -> str:
    of_full = figures[figures["variant"] == FULL]
    rows = [
        {"query": f"`{method}`", "what": METHODS.get(method, "")}
        | _cells(of_full, FULL, method, _recall_columns(sizes))
        for method in of_full["method"].unique()
        if of_full.loc[of_full["method"] == method, "figure"].str.contains("_top").any()
    ]
    return to_markdown(pd.DataFrame(rows)) if rows else f"{NOT_RUN}\n"


def _cells(figures, variant: str, method: str, columns: Sequence[_Column]) -> dict[str, str]:
    cells = {}
    for heading, names, digits, percent in columns:
        parts = [
            mean_and_deviation(values(figures, variant, name, method), digits, percent)
            for name in names
        ]
        cells[heading] = NOT_RUN if set(parts) == {NOT_RUN} else _PAIR.join(parts)
    return cells


def _verdict_table(judged: Sequence[Verdict]) -> str:
    rows = []
    for verdict in judged:
        prediction = verdict.prediction
        other = f"`{prediction.other}`"
        if prediction.other_method != OURS:
            other = f"`{prediction.other_method}` in {other}"
        write = _signed(verdict.figure)
        rows.append(
            {
                "claim": prediction.claim,
                "prediction": f"{spoken(verdict.figure)} of `{prediction.variant}` "
                f"{prediction.direction} that of {other}",
                "difference": write(verdict.mean),
                "95 % interval": f"{write(verdict.low)} to {write(verdict.high)}",
                "seeds": verdict.seeds,
                "verdict": verdict.verdict,
            }
        )
    return to_markdown(pd.DataFrame(rows))


def spoken(figure: str) -> str:
    """A figure's name in words: `judge_top1_1000` as "judge, top-1 of 1,000"."""
    recall = re.fullmatch(r"(\w+)_top(\d)_(\d+)", figure)
    if not recall:
        return _SPOKEN[figure]
    who, k, gallery = recall.groups()
    return f"{_SPOKEN[who]}, top-{k} of {int(gallery):,}"


def _signed(figure: str) -> Callable[[float], str]:
    """How differences of a figure are written: those of recalls in points of a percent."""
    scale, digits, unit = (100.0, 1, " %") if "_top" in figure else (1.0, 3, "")
    return lambda number: f"{scale * number:+z.{digits}f}{unit}" if math.isfinite(number) else "–"
