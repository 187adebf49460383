"""What a network makes of pairs, and the table of several networks."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from tf_morph.errors import InputError
from tf_morph.evaluation.similarity import pair_cosines
from tf_morph.evaluation.verification.pair_file import Pairs
from tf_morph.evaluation.verification.photograph_features import PhotographFeatures
from tf_morph.evaluation.verification.protocol import FoldResults, cross_validate
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.verification import Roc, roc

FARS = {"tar_far_1e-2": 1e-2, "tar_far_1e-3": 1e-3}
COLUMNS = (
    *("network", "accuracy", "deviation", "auc", *FARS, "eer", "pairs", "images_per_second"),
    *("standard_error", "threshold", "mean_same", "mean_different", "folds"),
    *("same_pairs", "different_pairs", "left_out_pairs", "photographs", "skipped_photographs"),
    *("output", "features", "input_size", "crop"),
)


class NetworkResult(NamedTuple):
    """A network's judgement of the pairs.

    Attributes:
      network: its name.
      output: which of its outputs was compared.
      input_size: side of its pictures, pixels.
      crop: which part of the photographs it saw.
      similarities: [M] cosines in [-1, 1] of all pairs; nan of a pair left out, because one of its
        photographs has no features.
      curve: of all pairs that were compared.
      by_fold: accuracy by LFW's protocol.
      features: of the photographs.
    """

    network: str
    output: str
    input_size: int
    crop: str
    similarities: np.ndarray
    curve: Roc
    by_fold: FoldResults
    features: PhotographFeatures


def judge_pairs(
    network: RecognitionNetwork, crop: str, pairs: Pairs, features: PhotographFeatures
) -> NetworkResult:
    """Compares the photographs of each pair by the cosine of their features.

    Args:
      network: of one output.
      crop: which part of the photographs it saw.
      pairs: of which photographs.
      features: of those photographs.

    Raises:
      InputError: too few pairs are left: none of one kind, or of fewer than two folds.
    """
    similarities = pair_cosines(features.features, pairs.rows)
    compared = np.isfinite(similarities)
    values, same, folds = (part[compared] for part in (similarities, pairs.same, pairs.folds))
    if not same.any() or same.all() or len(np.unique(folds)) < 2:
        path, reason = features.skipped[0]
        raise InputError(
            f"{network.name}: pairs of both kinds in two folds are needed, and {compared.sum()} of "
            f"{len(compared)} are left; {len(features.skipped):,} photographs were skipped, the "
            f"first {path}: {reason}"
        )
    return NetworkResult(
        network=network.name,
        output=network.output_names[0],
        input_size=network.input_size,
        crop=crop,
        similarities=similarities,
        curve=roc(values[same], values[~same]),
        by_fold=cross_validate(values, same, folds),
        features=features,
    )


def result_table(results: Sequence[NetworkResult], pairs: Pairs) -> pd.DataFrame:
    """A row a network, in their order; `COLUMNS`."""
    return pd.DataFrame([_row(result, pairs) for result in results], columns=COLUMNS)


def pair_table(results: Sequence[NetworkResult], pairs: Pairs) -> pd.DataFrame:
    """A row a pair: its fold from 1, whether it shows one person, its photographs, the cosines."""
    photographs = np.array(["/".join(Path(p).parts[-2:]) for p in pairs.photographs], object)
    return pd.DataFrame(
        {
            "fold": pairs.folds + 1,
            "same": pairs.same.astype(int),
            "first": photographs[pairs.rows[:, 0]],
            "second": photographs[pairs.rows[:, 1]],
            **{result.network: result.similarities for result in results},
        }
    )


def _row(result: NetworkResult, pairs: Pairs) -> dict:
    compared = np.isfinite(result.similarities)
    same = result.similarities[compared & pairs.same]
    different = result.similarities[compared & ~pairs.same]
    return {
        "network": result.network,
        "accuracy": result.by_fold.accuracy,
        "deviation": result.by_fold.deviation,
        "auc": result.curve.auc,
        **{column: result.curve.tar_at(far) for column, far in FARS.items()},
        "eer": result.curve.eer,
        "pairs": len(same) + len(different),
        "images_per_second": result.features.images_per_second,
        "standard_error": result.by_fold.standard_error,
        "threshold": float(result.by_fold.thresholds.mean()),
        "mean_same": float(same.mean()),
        "mean_different": float(different.mean()),
        "folds": len(result.by_fold.accuracies),
        "same_pairs": len(same),
        "different_pairs": len(different),
        "left_out_pairs": int((~compared).sum()),
        "photographs": len(pairs.photographs),
        "skipped_photographs": len(result.features.skipped),
        "output": result.output,
        "features": result.features.features.shape[1],
        "input_size": result.input_size,
        "crop": result.crop,
    }
