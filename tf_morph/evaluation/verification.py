"""Verification: LFW's protocol, accuracy by cross-validated thresholds, ROC, EER, TAR at FAR.

Labeled Faces in the Wild (Huang, Ramesh, Berg, Learned-Miller, technical report 07-49, University
of Massachusetts, 2007; vis-www.cs.umass.edu/lfw/README.txt and results.html), view 2: each fold's
pairs are classified by what was learnt on the other folds, and the mean of the folds' accuracies is
reported with its standard error. Here a threshold on the cosine of two features is all that is
learnt on LFW, so that no use is made of who is on which pair; but the networks were trained
on labelled photographs of other people. LFW's list of results keeps such in its class
"unrestricted, labeled outside data".

The figures of a network:

- accuracy: the mean over folds of the share of a fold's pairs, of either kind, that are classified
  rightly by the threshold with the most right ones on the other folds together; among equally
  good thresholds, each halfway between two neighbouring similarities, the median one.
- deviation: the sample standard deviation of the folds' accuracies, with folds - 1 in the
  denominator. It is what most publications put behind "±", some with folds in the denominator,
  which gives 5 % less for 10 folds.
- standard error: the deviation over the root of the number of folds, which is what LFW's own list
  puts behind "±". The folds share most of what their thresholds are chosen on, so it says nothing
  of other data.
- auc, eer, tar: of the pairs of all folds together, no threshold chosen (recognition/verification).
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tf_morph.errors import InputError
from tf_morph.evaluation.pair_features import PairFeatures
from tf_morph.evaluation.pairs import Pairs
from tf_morph.evaluation.plots import (
    COLORS,
    DIFFERENT_COLOR,
    GREY,
    OURS_COLOR,
    SAME_COLOR,
    clean,
    cosine_histogram,
)
from tf_morph.evaluation.similarity import pair_cosines
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.verification import Roc, roc

PROTOCOL = (
    "Accuracy is LFW's: each fold's pairs are classified by the threshold that is best on the "
    "other folds; the mean over folds, the standard deviation between them and the standard error "
    "of the mean (deviation / root of the folds). AUC, TAR and EER are of all pairs together. TAR: "
    "the share of pairs of one person accepted by the lowest threshold whose FAR, the share of "
    "pairs of two people accepted, is at most the one given. EER: where FAR equals 1 - TAR. Images "
    "a second: the network alone, photographs already read, when the features were computed."
)
FARS = {"tar_far_1e-2": 1e-2, "tar_far_1e-3": 1e-3}
COLUMNS = (
    *("network", "accuracy", "deviation", "auc", *FARS, "eer", "pairs", "images_per_second"),
    *("standard_error", "threshold", "mean_same", "mean_different", "folds"),
    *("same_pairs", "different_pairs", "left_out_pairs", "photographs", "skipped_photographs"),
    *("output", "features", "input_size", "crop"),
)
_LINE_STYLES = ("-", "--", ":")  # the next for each further round of colours
_LEGEND_ROOM = 1.2  # of the highest bar


class FoldResults(NamedTuple):
    """Accuracy by cross-validation.

    Attributes:
      accuracies: [F] of each fold, in [0, 1].
      thresholds: [F] each chosen on the other folds; a pair at or above it is called one person.
    """

    accuracies: np.ndarray
    thresholds: np.ndarray

    @property
    def accuracy(self) -> float:
        """The mean of the folds' accuracies."""
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        """The sample standard deviation of the folds' accuracies."""
        return float(self.accuracies.std(ddof=1))

    @property
    def standard_error(self) -> float:
        """Of the mean of the folds' accuracies."""
        return self.deviation / float(np.sqrt(len(self.accuracies)))


def cross_validate(similarities: np.ndarray, same: np.ndarray, folds: np.ndarray) -> FoldResults:
    """Classifies each fold's pairs by the threshold that is best on the others.

    Args:
      similarities: [M], finite.
      same: bool [M], whether a pair shows one person.
      folds: [M] integers; which values they are does not matter.

    Raises:
      ValueError: there are fewer than two folds.
    """
    values = np.unique(folds)
    if len(values) < 2:
        raise ValueError("a fold's threshold is chosen on the others: at least 2 are needed")
    inside = [folds == fold for fold in values]
    thresholds = np.array([best_threshold(similarities[~fold], same[~fold]) for fold in inside])
    accuracies = [
        np.mean((similarities[fold] >= threshold) == same[fold])
        for fold, threshold in zip(inside, thresholds, strict=True)
    ]
    return FoldResults(np.array(accuracies), thresholds)


def best_threshold(similarities: np.ndarray, same: np.ndarray) -> float:
    """The threshold by which the most pairs are classified rightly; the median one of equally good.

    Thresholds lie at the lowest similarity, halfway between two neighbouring ones, or just above
    the highest.

    Args:
      similarities: [M], M at least 1.
      same: bool [M].
    """
    values, groups = np.unique(similarities, return_inverse=True)
    of_one = np.bincount(groups, weights=same)
    of_two = np.bincount(groups, weights=~same)
    # By the k-th threshold the k lowest values are refused.
    right = np.append(0, of_two.cumsum()) + np.append(of_one[::-1].cumsum()[::-1], 0)
    best = np.flatnonzero(right == right.max())
    between = (values[:-1] + values[1:]) / 2
    thresholds = [values[0], *between, np.nextafter(values[-1], np.inf)]
    return float(thresholds[best[(len(best) - 1) // 2]])


class NetworkResult(NamedTuple):
    """What a network makes of the pairs.

    Attributes:
      network: its name.
      output: which of its outputs was compared.
      input_size: side of its images, pixels.
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
    features: PairFeatures


def compare_pairs(
    network: RecognitionNetwork, crop: str, pairs: Pairs, features: PairFeatures
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


def roc_figure(results: Sequence[NetworkResult]) -> Figure:
    """TAR over FAR, on a logarithmic axis down to one false accept among all pairs."""
    figure = Figure(figsize=(7.0, 5.0), layout="constrained")
    axes = figure.subplots()
    lowest = min(_smallest_rate(result) for result in results)
    styles = itertools.cycle(itertools.product(_LINE_STYLES, COLORS))
    for result, (style, color) in zip(results, styles, strict=False):
        label = f"{result.network}: AUC {result.curve.auc:.4f}, EER {100 * result.curve.eer:.1f} %"
        # A step's left end lies at FAR 0, which the axis does not reach.
        far = np.maximum(result.curve.far, lowest / 2)
        axes.plot(far, 100 * result.curve.tar, style, color=color, linewidth=1.5, label=label)
    axes.set_xscale("log")
    axes.set_xlim(lowest, 1.0)
    axes.set_ylim(_percent_below(results), 101)
    axes.grid(color=GREY, alpha=0.25, linewidth=0.5)
    axes.set_xlabel("pairs of two people accepted (FAR)")
    axes.set_ylabel("pairs of one person accepted (TAR), %")
    figure.legend(loc="outside lower center", fontsize="small", frameon=False)
    return clean(figure)


def histogram_figure(results: Sequence[NetworkResult], pairs: Pairs) -> Figure:
    """Cosines of pairs of one person and of two, a panel a network, with the mean threshold."""
    figure = Figure(figsize=(7.0, 0.8 + 2.4 * len(results)), layout="constrained")
    panels = figure.subplots(len(results), squeeze=False)[:, 0]
    for axes, result in zip(panels, results, strict=True):
        _histogram(axes, result, pairs)
    panels[-1].set_xlabel("cosine similarity of features")
    return clean(figure)


def _histogram(axes, result: NetworkResult, pairs: Pairs) -> None:
    compared = np.isfinite(result.similarities)
    groups = {
        "two people": (result.similarities[compared & ~pairs.same], DIFFERENT_COLOR),
        "one person": (result.similarities[compared & pairs.same], SAME_COLOR),
    }
    cosine_histogram(axes, groups)
    threshold = float(result.by_fold.thresholds.mean())
    label = f"threshold {threshold:z.3f}, mean of the folds'"
    axes.axvline(threshold, color=OURS_COLOR, linewidth=1.5, label=label)
    axes.set_title(f"{result.network}, {result.output}", fontsize="medium")
    axes.set_ylim(top=_LEGEND_ROOM * axes.get_ylim()[1])
    axes.legend(fontsize="x-small", frameon=False)


def _smallest_rate(result: NetworkResult) -> float:
    return float(result.curve.far[result.curve.far > 0].min())


def _percent_below(results: Sequence[NetworkResult]) -> float:
    """The axis' lower end: a round figure below every curve."""
    least = min(100 * result.curve.tar_at(_smallest_rate(result)) for result in results)
    return max(0.0, 10 * np.floor(least / 10) - 10)
