"""The verification suite: networks, photographs and pairs in, a folder of figures out."""

import os
from collections.abc import Sequence
from pathlib import Path

import ml_collections
import pandas as pd

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation import tables
from tf_morph.evaluation.outputs import write_outputs
from tf_morph.evaluation.plots import png
from tf_morph.evaluation.verification.figures import histogram_figure, roc_figure
from tf_morph.evaluation.verification.networks import asked_networks
from tf_morph.evaluation.verification.pair_file import Pairs, read_pairs
from tf_morph.evaluation.verification.photograph_features import photograph_features
from tf_morph.evaluation.verification.report import HISTOGRAM_FILE, ROC_FILE, report, summary
from tf_morph.evaluation.verification.results import (
    NetworkResult,
    judge_pairs,
    pair_table,
    result_table,
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
    """Verifies pairs of photographs by each network; `protocol` says what the figures are.

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
      A row a network: `results.COLUMNS`.

    Raises:
      InputError: any of these is missing or wrong.
    """
    out = expand_path(str(out))
    for name, value in (("network", networks), ("photos", photos), ("pairs", pairs)):
        if not value:
            raise InputError(f"the verification suite needs --{name}; see --help")
    configs = asked_networks(networks, weights, output)
    compared = read_pairs(pairs, photos)
    files = read_files(compared.photographs)
    rule = crop_rule(crop, files)
    cache = expand_path(str(cache_folder))
    results = [_result(config, compared, files, rule, cache) for config in configs]
    table = result_table(results, compared)
    facts = _facts(photos, pairs, compared, rule)
    write_outputs(out, _outputs(table, results, compared, facts))
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
    (output,) = network.output_names
    features = photograph_features(network, output, files, crop, cache_folder)
    return judge_pairs(network, describe_crop(crop), pairs, features)


def _facts(photos: str, pairs: str, compared: Pairs, crop: Crop | str | None) -> dict[str, str]:
    return {
        "photographs": f"{len(compared.photographs):,} of {photos}",
        "pairs": f"{len(compared.same):,} of {pairs}, in {compared.folds.max() + 1} folds, half of "
        "them of one person",
        "crop (left, top, right, bottom in pixels, or a rule's name)": describe_crop(crop),
        "similarity": "cosine of the features of the two photographs, as they are, not mirrored",
        "processor cores": str(os.cpu_count()),
    }


def _outputs(
    table: pd.DataFrame, results: Sequence[NetworkResult], pairs: Pairs, facts: dict[str, str]
) -> dict[str, bytes | str]:
    return {
        ROC_FILE: png(roc_figure(results)),
        HISTOGRAM_FILE: png(histogram_figure(results, pairs)),
        PAIRS: tables.to_csv(pair_table(results, pairs)),
        "report.md": report(table, results, facts),
        TABLE: tables.to_csv(table),
    }
