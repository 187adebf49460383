"""The suite's table for the terminal, and its report."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tf_morph.evaluation import tables
from tf_morph.evaluation.verification.results import FARS, NetworkResult

ROC_FILE, HISTOGRAM_FILE = "roc.png", "similarity_histogram.png"
_MOST_SKIPPED_NAMED = 20
_HEADINGS = {
    "network": "network",
    "accuracy": "accuracy",
    "deviation": "± sd of folds",
    "standard_error": "standard error",
    "auc": "AUC",
    "tar_far_1e-2": "TAR at FAR 1 %",
    "tar_far_1e-3": "TAR at FAR 0.1 %",
    "eer": "EER",
    "pairs": "pairs",
    "images_per_second": "images/s",
}
_PROTOCOL = (
    "Accuracy is LFW's: each fold's pairs are judged by the threshold that is best on the other "
    "folds; the mean over folds, the standard deviation between them and the standard error of the "
    "mean (deviation / root of the folds). AUC, TAR and EER are of all pairs together. TAR: the "
    "share of pairs of one person accepted by the lowest threshold whose FAR, the share of pairs "
    "of two people accepted, is at most the one given. EER: where FAR equals 1 - TAR. Images a "
    "second: the network alone, photographs already read, when the features were computed."
)


def summary(table: pd.DataFrame) -> str:
    """The figures of each network, as a Markdown table."""
    percents = ("accuracy", "deviation", "standard_error", "eer", *FARS)
    formats = dict.fromkeys(percents, _percent) | {
        "auc": tables.decimals(4),
        "pairs": tables.decimals(0),
        "images_per_second": tables.decimals(1),
    }
    return tables.to_markdown(table, _HEADINGS, formats)


def report(table: pd.DataFrame, results: Sequence[NetworkResult], facts: Mapping[str, str]) -> str:
    """The report as Markdown.

    Args:
      table: `results.result_table`.
      results: what it is made of.
      facts: what was compared, as (what, value) rows.
    """
    rows = "".join(f"| {what} | {value} |\n" for what, value in facts.items())
    sections = (
        f"# Verification\n\n| what | value |\n| --- | --- |\n{rows}",
        f"{_PROTOCOL}\n\n{summary(table)}",
        *_coarse_rates(table),
        f"![ROC]({ROC_FILE})\n\n![cosines]({HISTOGRAM_FILE})\n",
        f"## Folds\n\nAccuracy, and the threshold it was reached with:\n\n{_folds(results)}",
        *_skipped(results),
    )
    return "\n".join(sections)


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %"


def _coarse_rates(table: pd.DataFrame) -> list[str]:
    fewest = int(table["different_pairs"].min())
    if fewest * min(FARS.values()) >= 1:
        return []
    return [
        f"With {fewest:,} pairs of two people one false accept is a FAR of {100 / fewest:.2g} %: "
        "TAR at a lower one is TAR without any.\n"
    ]


def _folds(results: Sequence[NetworkResult]) -> str:
    folds = max(len(result.by_fold.accuracies) for result in results)
    table = pd.DataFrame({"fold": np.arange(1, folds + 1)})
    for result in results:
        cells = [
            f"{100 * accuracy:.2f} % ({threshold:z.3f})"
            for accuracy, threshold in zip(*result.by_fold, strict=True)
        ]
        table[result.network] = cells + [None] * (folds - len(cells))
    return tables.to_markdown(table)


def _skipped(results: Sequence[NetworkResult]) -> list[str]:
    sections = []
    for result in results:
        skipped = result.features.skipped
        if not skipped:
            continue
        named = [f"- `{path}`: {reason}\n" for path, reason in skipped[:_MOST_SKIPPED_NAMED]]
        more = len(skipped) - len(named)
        named += [f"- and {more:,} more\n"] if more > 0 else []
        left_out = int(np.isnan(result.similarities).sum())
        sections.append(
            f"## Photographs skipped by {result.network}\n\n{left_out:,} pairs were left out for "
            f"them; no figure counts these.\n\n{''.join(named)}"
        )
    return sections
