"""The suite's figures: ROC curves of all networks in one, a histogram of cosines of each."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tf_morph.evaluation.plots import DIFFERENT_COLOR, GREY, OURS_COLOR, SAME_COLOR, clean
from tf_morph.evaluation.verification.pair_file import Pairs
from tf_morph.evaluation.verification.results import NetworkResult

_NETWORK_COLORS = (OURS_COLOR, SAME_COLOR, DIFFERENT_COLOR, "#d9a441", "#7b4b94", "#4a90c2")
_LINE_STYLES = ("-", "--", ":")  # the next for each further round of colours
_BINS = 60
_LEGEND_ROOM = 1.2  # of the highest bar


def roc_figure(results: Sequence[NetworkResult]) -> Figure:
    """TAR over FAR, on a logarithmic axis down to one false accept among all pairs."""
    figure = Figure(figsize=(7.0, 5.0), layout="constrained")
    axes = figure.subplots()
    lowest = min(_smallest_rate(result) for result in results)
    styles = itertools.cycle(itertools.product(_LINE_STYLES, _NETWORK_COLORS))
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
    values = result.similarities[compared]
    edges = np.linspace(values.min(), max(values.max(), values.min() + 1e-3), _BINS + 1)
    kinds = (
        ("two people", ~pairs.same, DIFFERENT_COLOR),
        ("one person", pairs.same, SAME_COLOR),
    )
    for name, kind, color in kinds:
        group = result.similarities[compared & kind]
        label = f"{name} ({len(group):,}), mean {group.mean():z.3f}"
        axes.hist(group, bins=edges, density=True, color=color, alpha=0.45, label=label)
    threshold = float(result.by_fold.thresholds.mean())
    label = f"threshold {threshold:z.3f}, mean of the folds'"
    axes.axvline(threshold, color=OURS_COLOR, linewidth=1.5, label=label)
    axes.set_title(f"{result.network}, {result.output}", fontsize="medium")
    axes.set_ylabel("density")
    axes.set_ylim(top=_LEGEND_ROOM * axes.get_ylim()[1])
    axes.legend(fontsize="x-small", frameon=False)


def _smallest_rate(result: NetworkResult) -> float:
    return float(result.curve.far[result.curve.far > 0].min())


def _percent_below(results: Sequence[NetworkResult]) -> float:
    """The axis' lower end: a round figure below every curve."""
    least = min(100 * result.curve.tar_at(_smallest_rate(result)) for result in results)
    return max(0.0, 10 * np.floor(least / 10) - 10)
