"""The suite verification: networks and pairs of photographs in, tables and figures out."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import ml_collections
import numpy as np
import pandas as pd

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation import tables
from tf_morph.evaluation.arguments import named_networks
from tf_morph.evaluation.pair_features import compute_pair_features
from tf_morph.evaluation.pairs import Pairs, read_pairs
from tf_morph.evaluation.plots import png
from tf_morph.evaluation.section import write_outputs
from tf_morph.evaluation.verification import (
    FARS,
    PROTOCOL,
    NetworkResult,
    compare_pairs,
    histogram_figure,
    pair_table,
    result_table,
    roc_figure,
)
from tf_morph.photographs.decode import Crop
from tf_morph.recognition.load import load_network
from tf_morph.recognition.photograph_crop import (
    PhotographFile,
    crop_for,
    crop_rule,
    describe_crop,
    read_files,
)
from tf_morph.regression.photograph_features import CACHE_FOLDER

TABLE, PAIRS = "verification.csv", "pairs.csv"
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


def verify(
    networks: Sequence[str],
    photos: str,
    pairs: str,
    out: str | Path,
    *,
    crop: str | None = None,
    weights: Sequence[str] = (),
    output: str | None = None,
    cache_folder: str | Path = CACHE_FOLDER,
) -> pd.DataFrame:
    """Verifies pairs of photographs by each network; verification.py says what the figures are.

    Only the photographs of pairs are read, and one network is held at a time.

    Args:
      networks: names or paths, each maybe several apart by commas.
      photos: the folder of photographs, a subfolder a person.
      pairs: the file of pairs.
      out: where verification.csv, pairs.csv, report.md, roc.png and similarity_histogram.png are
        written.
      crop: which part of the photographs the networks see (`photograph_crop.crop_rule`).
      weights: the weight files of networks that are named, in their order.
      output: which output of every network is compared, by its own name; by default each one's
        usual one.
      cache_folder: where features are kept.

    Returns:
      A row a network: `verification.COLUMNS`.

    Raises:
      InputError: any of these is missing or wrong.
    """
    out, cache = expand_path(str(out)), expand_path(str(cache_folder))
    for name, value in (("network", networks), ("photos", photos), ("pairs", pairs)):
        if not value:
            raise InputError(f"the verification suite needs --{name}; see --help")
    configs = named_networks(networks, weights, output)
    compared = read_pairs(pairs, photos)
    files = read_files(compared.photographs)
    rule = crop_rule(crop, files)
    results = [_result(config, compared, files, rule, cache) for config in configs]
    table = result_table(results, compared)
    facts = {
        "photographs": f"{len(compared.photographs):,} of {photos}",
        "pairs": f"{len(compared.same):,} of {pairs}, in {compared.folds.max() + 1} folds, half of "
        "them of one person",
        "crop (left, top, right, bottom in pixels, or a rule's name)": describe_crop(rule),
        "similarity": "cosine of the features of the two photographs, as they are, not mirrored",
        "processor cores": str(os.cpu_count()),
    }
    outputs = {
        ROC_FILE: png(roc_figure(results)),
        HISTOGRAM_FILE: png(histogram_figure(results, compared)),
        PAIRS: tables.to_csv(pair_table(results, compared)),
        "report.md": _report(table, results, facts),
        TABLE: tables.to_csv(table),
    }
    write_outputs(out, outputs)
    print(f"{summary(table)}\nwritten to {out}")
    return table


def _result(
    config: ml_collections.ConfigDict,
    pairs: Pairs,
    files: Sequence[PhotographFile],
    crop: Crop | str | None,
    cache_folder: Path,
) -> NetworkResult:
    network = load_network(config)
    crop = crop_for(config.kind, crop)
    features = compute_pair_features(network, network.output_names[0], files, crop, cache_folder)
    return compare_pairs(network, describe_crop(crop), pairs, features)


def summary(table: pd.DataFrame) -> str:
    """The figures of each network, as a Markdown table."""
    percents = ("accuracy", "deviation", "standard_error", "eer", *FARS)
    formats = dict.fromkeys(percents, lambda value: f"{100 * value:.2f} %") | {
        "auc": tables.decimals(4),
        "pairs": tables.decimals(0),
        "images_per_second": tables.decimals(1),
    }
    return tables.to_markdown(table, _HEADINGS, formats)


def _report(table: pd.DataFrame, results: Sequence[NetworkResult], facts: Mapping[str, str]) -> str:
    """The report as Markdown; facts: what was compared, as (what, value) rows."""
    rows = "".join(f"| {what} | {value} |\n" for what, value in facts.items())
    sections = [
        f"# Verification\n\n| what | value |\n| --- | --- |\n{rows}",
        f"{PROTOCOL}\n\n{summary(table)}",
        f"![ROC]({ROC_FILE})\n\n![cosines]({HISTOGRAM_FILE})\n",
        f"## Folds\n\nAccuracy, and the threshold it was reached with:\n\n{_folds(results)}",
        *(_skipped(result) for result in results if result.features.skipped),
    ]
    fewest = int(table["different_pairs"].min())
    if fewest * min(FARS.values()) < 1:
        coarse = (
            f"With {fewest:,} pairs of two people one false accept is a FAR of {100 / fewest:.2g} "
            "%: TAR at a lower one is TAR without any.\n"
        )
        sections.insert(2, coarse)
    return "\n".join(sections)


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


def _skipped(result: NetworkResult) -> str:
    skipped = result.features.skipped
    named = [f"- `{path}`: {reason}\n" for path, reason in skipped[:_MOST_SKIPPED_NAMED]]
    more = len(skipped) - len(named)
    named += [f"- and {more:,} more\n"] if more > 0 else []
    left_out = int(np.isnan(result.similarities).sum())
    return (
        f"## Photographs skipped by {result.network}\n\n{left_out:,} pairs were left out for "
        f"them; no figure counts these.\n\n{''.join(named)}"
    )
