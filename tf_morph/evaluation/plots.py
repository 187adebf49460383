"""Matplotlib figures of an evaluation, and the bytes of their files."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tf_morph.evaluation.methods import OURS, ROLES

DOTS_PER_INCH = 120
OURS_COLOR, SAME_COLOR, DIFFERENT_COLOR, GREY = "#d1495b", "#2e7d6b", "#6b7a99", "#9a9a9a"
COLORS = (OURS_COLOR, SAME_COLOR, DIFFERENT_COLOR, "#d9a441", "#7b4b94", "#4a90c2", "#8a5a44")
_BINS = 60


def png(figure: Figure) -> bytes:
    """The figure as a PNG at `DOTS_PER_INCH`; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # Without its name matplotlib writes no version into the file.
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def pdf(figure: Figure) -> bytes:
    """The same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Producer": None})
    return buffer.getvalue()


def recall_figure(table: pd.DataFrame) -> Figure:
    """Top-1 and top-5 of every method with 95 % intervals: a row a network, a column a gallery."""
    networks = list(dict.fromkeys(zip(table["network"], table["role"], strict=True)))
    galleries = sorted(table["gallery"].unique())
    height = 0.8 + 0.34 * table["method"].nunique()
    figure = Figure(
        figsize=(2.2 + 3.6 * len(galleries), 0.6 + height * len(networks)), layout="constrained"
    )
    grid = figure.subplots(len(networks), len(galleries), squeeze=False, sharex=True, sharey=True)
    for axes_row, (network, role) in zip(grid, networks, strict=True):
        for axes, gallery in zip(axes_row, galleries, strict=True):
            of_network = (table["network"] == network) & (table["role"] == role)
            _recall_panel(axes, table[of_network & (table["gallery"] == gallery)])
            axes.set_title(f"{network} ({ROLES[role]}), of {gallery:,} people", fontsize="small")
    for axes in grid[-1]:
        axes.set_xlabel("recall, %", fontsize="small")
    legend_below(figure, grid[0, 0], columns=2)
    return clean(figure)


def _recall_panel(axes, panel: pd.DataFrame) -> None:
    positions = np.arange(len(panel))[::-1]
    for k, offset, color in ((1, 0.2, OURS_COLOR), (5, -0.2, DIFFERENT_COLOR)):
        values = 100 * panel[f"top{k}"].to_numpy(float)
        axes.barh(positions + offset, values, height=0.38, color=color, label=f"top-{k}")
        low, high = (100 * panel[f"top{k}_{end}"].to_numpy(float) for end in ("low", "high"))
        spread = np.nan_to_num(np.stack([values - low, high - values])).clip(0.0)
        axes.errorbar(
            values, positions + offset, xerr=spread, fmt="none", ecolor="#333333", linewidth=0.8
        )
        for value, position, end in zip(values, positions + offset, high, strict=True):
            if np.isfinite(value):
                at = np.nanmax([value, end]) + 1.0
                axes.text(at, position, f"{value:.1f}", va="center", fontsize="x-small")
    axes.set_yticks(positions, [name.replace("_", " ") for name in panel["method"]])
    axes.tick_params(labelsize="small")
    axes.set_xlim(0, 110)


def coefficients_figure(components: pd.DataFrame, people: int) -> Figure:
    """Mean and variance of every component against the prior's 0 and 1 and its sampling range."""
    names = list(dict.fromkeys(components["coefficients"]))
    figure = Figure(figsize=(9.0, 5.0), layout="constrained")
    grid = figure.subplots(2, len(names), squeeze=False, sharey="row")
    # Two standard errors of a mean and of a variance of that many standard normal draws.
    ranges = {"mean": (0.0, 2 / np.sqrt(people)), "variance": (1.0, 2 * np.sqrt(2 / people))}
    for column, name in enumerate(names):
        table = components[components["coefficients"] == name]
        for row, (statistic, (center, half)) in enumerate(ranges.items()):
            axes = grid[row, column]
            label = "two standard errors of the prior's"
            axes.axhspan(
                center - half, center + half, color=SAME_COLOR, alpha=0.2, linewidth=0, label=label
            )
            axes.axhline(center, color=SAME_COLOR, linewidth=1, label="the prior's")
            axes.bar(table["component"], table[statistic] - center, bottom=center, color=OURS_COLOR)
            axes.set_title(f"{statistic} of {name} coefficients", fontsize="medium")
        grid[1, column].set_xlabel("component")
    legend_below(figure, grid[0, 0], columns=2)
    return clean(figure)


def correlations_figure(correlations: pd.DataFrame) -> Figure:
    """How each predicted coefficient follows the truth's: ours as bars, two others' as lines.

    `correlations` is a `known_truth.correlation.correlation_table`.
    """
    names = list(dict.fromkeys(correlations["coefficients"]))
    others = [column for column in correlations.columns[2:] if column != OURS]
    figure = Figure(figsize=(9.0, 3.0), layout="constrained")
    grid = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    for axes, name in zip(grid, names, strict=True):
        table = correlations[correlations["coefficients"] == name]
        axes.bar(table["component"], table[OURS], color=OURS_COLOR, label=OURS)
        for method, color in zip(others, (DIFFERENT_COLOR, SAME_COLOR), strict=False):
            axes.step(table["component"], table[method], where="mid", color=color, label=method)
        axes.set_title(f"{name} coefficients: correlation with the truth", fontsize="medium")
        axes.set_xlabel("component")
    legend_below(figure, grid[0], columns=3)
    return clean(figure)


def clean(figure: Figure) -> Figure:
    """The figure without the lines above and to the right of its axes."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def legend_below(figure: Figure, axes, columns: int, size: str = "small") -> None:
    """What the lines of one of the figure's axes are, below all of them."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=columns, fontsize=size, frameon=False
    )


def cosine_histogram(axes, groups: Mapping[str, tuple[np.ndarray, str]]) -> None:
    """Densities of groups of cosines in the same bins; the legend says how many, and the mean.

    Args:
      groups: label to (values [N], colour); the empty ones are left out.
    """
    values = np.concatenate([group for group, _ in groups.values()])
    low, high = float(values.min()), float(values.max())
    edges = np.linspace(low, max(high, low + 1e-3), _BINS + 1)
    for name, (group, color) in groups.items():
        if len(group):
            label = f"{name} ({len(group):,}), mean {group.mean():z.3f}"
            axes.hist(group, bins=edges, density=True, color=color, alpha=0.45, label=label)
    axes.set_ylabel("density")
