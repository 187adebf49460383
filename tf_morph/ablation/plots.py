"""The figures of an ablation: who is fooled, and what collapses."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tf_morph.ablation.results import TURNED, gallery_sizes, recall_name, values
from tf_morph.ablation.variants import Variant
from tf_morph.evaluation.methods import HELD_OUT, TRAINING
from tf_morph.evaluation.plots import DIFFERENT_COLOR, GREY, OURS_COLOR, SAME_COLOR, clean

FOOLING, COLLAPSE = "ablation_fooling.png", "ablation_collapse.png"
_ROW_HEIGHT, _FRAME_HEIGHT = 0.34, 1.3  # inches
_KINDS = (("shape", OURS_COLOR, 0.14), ("texture", DIFFERENT_COLOR, -0.14))


def fooling_figure(
    results: pd.DataFrame, variants: Mapping[str, Variant], judges: Mapping[str, str]
) -> Figure:
    """Top-1 recall by the training network against the judge's, a row a variant.

    The line between the two is by how much the training network is fooled. Frontal drawings on
    the left, turned ones on the right; mean and standard deviation over the seeds.

    Args:
      results: see `all_results`.
      variants: in the order of the rows.
      judges: each variant's judge, named where it is not the first's.
    """
    gallery = gallery_sizes(results)[-1]
    panels = (("faces seen from the front", ""), ("faces turned to the side", TURNED))
    figure, grid = _panels(len(variants), len(panels))
    for axes, (title, view) in zip(grid, panels, strict=True):
        judge, training = (
            _spread(results, variants, recall_name(role + view, 1, gallery), 100.0)
            for role in (HELD_OUT, TRAINING)
        )
        rows = _rows(variants)
        axes.hlines(rows, judge[0], training[0], color=GREY, linewidth=2, alpha=0.6, zorder=1)
        _dots(axes, training, rows, OURS_COLOR, "o", "by the network trained on")
        _dots(axes, judge, rows, SAME_COLOR, "D", "by the judge, which took no part in training")
        axes.set_xlim(-2, 102)
        axes.set_title(title, fontsize="medium")
        axes.set_xlabel(f"top-1 recall of {gallery:,} people, %")
    usual = judges[next(iter(variants))]
    other = {name: f"\njudge: {judge}" for name, judge in judges.items() if judge != usual}
    _label_rows(grid, [_spaced(name) + other.get(name, "") for name in variants])
    return _finish(figure, grid)


def collapse_figure(results: pd.DataFrame, variants: Mapping[str, Variant]) -> Figure:
    """Drift and variance of the coefficients of unseen people beside the prior's, a row a variant.

    Mean and standard deviation over the seeds.
    """
    panels = (
        ("drift: mean |mean| of a coefficient", "drift", 0.0),
        ("spread: mean variance of a coefficient", "mean_variance", 1.0),
    )
    figure, grid = _panels(len(variants), len(panels))
    for axes, (title, name, prior) in zip(grid, panels, strict=True):
        axes.axvline(prior, color=SAME_COLOR, linewidth=1.5, label="the prior's", zorder=1)
        for kind, color, offset in _KINDS:
            spread = _spread(results, variants, f"{name}_{kind}")
            _dots(axes, spread, _rows(variants) + offset, color, "o", kind)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
        axes.set_title(title, fontsize="medium")
        axes.set_xlabel("standard deviations" if name == "drift" else "squared standard deviations")
    _label_rows(grid, [_spaced(name) for name in variants])
    return _finish(figure, grid)


def _panels(rows: int, columns: int) -> tuple[Figure, Sequence]:
    figure = Figure(figsize=(10.5, _FRAME_HEIGHT + _ROW_HEIGHT * rows), layout="constrained")
    return figure, figure.subplots(1, columns, sharey=True, squeeze=False)[0]


def _rows(variants: Collection[str]) -> np.ndarray:
    """Heights of the variants' rows, the first on top."""
    return np.arange(len(variants))[::-1].astype(float)


def _spread(
    results: pd.DataFrame, variants: Mapping[str, Variant], figure: str, scale: float = 1.0
) -> np.ndarray:
    """Mean and standard deviation [2, V] of a figure over the seeds; nan where it is not known."""
    found = [scale * values(results, name, figure) for name in variants]
    return np.array([[v.mean() for v in found], [v.std() for v in found]])


def _dots(axes, spread: np.ndarray, rows: np.ndarray, color: str, marker: str, label: str) -> None:
    means, deviations = spread
    axes.errorbar(
        *(means, rows),
        xerr=np.nan_to_num(deviations),
        fmt=marker,
        color=color,
        markersize=6,
        capsize=3,
        elinewidth=1.2,
        label=label,
        zorder=2,
    )


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _label_rows(grid, names: Sequence[str]) -> None:
    grid[0].set_yticks(_rows(names), names)
    for axes in grid:
        axes.set_ylim(-0.7, len(names) - 0.3)
        axes.grid(axis="both", color=GREY, alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)


def _finish(figure: Figure, grid) -> Figure:
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return clean(figure)
