"""The text of an ablation in Markdown: what was run, its tables, figures and verdicts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tf_morph.ablation.cells import (
    Column,
    cells,
    face_columns,
    recall_columns,
    signed,
    spoken,
    turned_columns,
)
from tf_morph.ablation.facts import Facts
from tf_morph.ablation.pictures import PICTURE
from tf_morph.ablation.plots import COLLAPSE, FOOLING
from tf_morph.ablation.results import gallery_sizes
from tf_morph.ablation.variants import FULL, LeftOut, Variant
from tf_morph.ablation.verdicts import Verdict
from tf_morph.evaluation.methods import METHODS, OURS
from tf_morph.evaluation.tables import to_markdown
from tf_morph.regression.contact_sheet import TURN_RADIANS

REPORT = "ablation.md"
_DEGREES = f"{math.degrees(TURN_RADIANS):.0f} degrees"
_VERDICTS = (
    "A prediction is about the difference of two variants under the same seed: *held* if its 95 % "
    "interval over the seeds (Student's t) lies on the predicted side of zero, *refuted* if on the "
    "other, *undecided* else. It is the interval of training anew on the same people, not of other "
    "people."
)


@dataclass(frozen=True)
class Ablation:
    """What is reported on.

    Attributes:
      facts: of all runs together.
      variants: in the order of the rows.
      left_out: those the config has no room for.
      results: see `all_results`.
      verdicts: on predictions about the variants.
    """

    facts: Facts
    variants: Mapping[str, Variant]
    left_out: Sequence[LeftOut]
    results: pd.DataFrame
    verdicts: Sequence[Verdict]


def report(ablation: Ablation) -> str:
    """All of it; pictures and figures stand beside it under their files' names."""
    sizes = gallery_sizes(ablation.results)
    sections = [
        _facts_table(ablation.facts),
        _variant_table(ablation),
        *_left_out(ablation.left_out),
        "Recall of the drawing of the prediction from the gallery's photograph, frontal or turned "
        f"by {_DEGREES}, top-1 / top-5; mean ± standard deviation over the seeds:\n",
        _by_variant(ablation, recall_columns(sizes) + turned_columns(sizes), networks=True),
        f"![top-1 recall by the training network and by the judge, each variant]({FOOLING})\n",
        "Coefficients of unseen people, shape / texture: *drift*, the mean over components of the "
        "absolute mean, *variance*, their mean variance, *independent*, the share of the "
        "components that vary independently (prior: 0, 1, 1); *EMD*, the earth mover's distance "
        "of the cosines between photograph and drawing to those of one person's photographs:\n",
        _by_variant(ablation, face_columns()),
        f"![drift and variance of the coefficients, each variant]({COLLAPSE})\n",
        f"The same people by each variant, seed {ablation.facts.least_seed}:\n",
        f"![photographs and the faces each variant makes of them]({PICTURE})\n",
        *_references(ablation.results, sizes),
        *_verdict_section(ablation.verdicts),
    ]
    return "\n".join(sections)


def _facts_table(facts: Facts) -> str:
    rows = pd.DataFrame(facts.rows, columns=["of all runs", ""])
    return to_markdown(rows)


def _variant_table(ablation: Ablation) -> str:
    rows = [
        {
            "run": f"`{variant.name}`",
            "what": variant.shown,
            "`--config.…`": ", ".join(f"`{f}={v}`" for f, v in variant.overrides.items()),
        }
        for variant in ablation.variants.values()
    ]
    return to_markdown(pd.DataFrame(rows))


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    if not left_out:
        return []
    reasons = "; ".join(f"`{variant.name}` ({variant.reason})" for variant in left_out)
    return [f"Left out: {reasons}.\n"]


def _by_variant(ablation: Ablation, columns: Sequence[Column], networks: bool = False) -> str:
    rows, seeds = [], ablation.facts.seeds
    for name in ablation.variants:
        made = ablation.results.loc[ablation.results["variant"] == name, "seed"].nunique()
        fewer = "" if made == seeds else f" ({made} of {seeds} seeds)"
        row = {"run": f"`{name}`{fewer}"}
        if networks:
            row |= ablation.facts.networks[name]
        rows.append(row | dict(cells(ablation.results, name, OURS, columns)))
    return to_markdown(pd.DataFrame(rows))


def _references(results: pd.DataFrame, sizes: Sequence[int]) -> list[str]:
    of_full = results[results["variant"] == FULL]
    rows = [
        {"query": f"`{method}`", "what": METHODS.get(method, "")}
        | dict(cells(of_full, FULL, method, recall_columns(sizes)))
        for method in of_full["method"].unique()
        if of_full.loc[of_full["method"] == method, "figure"].str.contains("_top").any()
    ]
    if not rows:
        return []
    heading = f"References, as the runs of `{FULL}` measured them, top-1 / top-5:\n"
    return [heading, to_markdown(pd.DataFrame(rows))]


def _verdict_section(verdicts: Sequence[Verdict]) -> list[str]:
    if not verdicts:
        return []
    return [f"{_VERDICTS}\n", to_markdown(pd.DataFrame(map(_verdict_row, verdicts)))]


def _verdict_row(verdict: Verdict) -> dict[str, object]:
    prediction = verdict.prediction
    other = f"`{prediction.other}`"
    if prediction.other_method != OURS:
        other = f"`{prediction.other_method}` in {other}"
    write = signed(verdict.figure)
    return {
        "claim": prediction.claim,
        "prediction": f"{spoken(verdict.figure)} of `{prediction.variant}` "
        f"{prediction.direction} that of {other}",
        "difference": write(verdict.mean),
        "95 % interval": f"{write(verdict.low)} to {write(verdict.high)}",
        "seeds": verdict.seeds,
        "verdict": verdict.verdict,
    }
