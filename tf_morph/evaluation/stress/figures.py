"""Stress curves: recall, and how far coefficients move, over severity."""

import pandas as pd
from matplotlib.figure import Figure

from tf_morph.evaluation.plots import DIFFERENT_COLOR, GREY, OURS_COLOR, SAME_COLOR, clean

_COLUMNS = 5
_STYLES = ((OURS_COLOR, "-", "o"), (DIFFERENT_COLOR, "--", "s"), (SAME_COLOR, ":", "^"))


def recall_curves(table: pd.DataFrame) -> Figure:
    """Top-1 over severity, a panel a stress, a line a network, beside the photograph itself."""
    figure, panels = _panels(table)
    for axes, rows in panels:
        for (network, role), style in zip(_networks(table), _styles(), strict=False):
            of_network = rows[(rows["network"] == network) & (rows["role"] == role)]
            _curve(axes, of_network, "top1", f"drawing, by {network} ({role})", style, 100.0)
        itself = rows.dropna(subset="photograph_top1")
        axes.plot(
            itself["severity"],
            100.0 * itself["photograph_top1"],
            color=GREY,
            label=f"the photograph itself, by {_networks(table)[0][0]}",
        )
        axes.set_ylim(-3, 103)
    return _finished(figure, panels, "top-1 recall, %")


def consistency_curves(table: pd.DataFrame) -> Figure:
    """How far coefficients move, over severity, a panel a stress."""
    figure, panels = _panels(table)
    first = table.groupby(["family", "stress", "level"], sort=False, as_index=False).first()
    highest = max(1.1, 1.05 * float(first[["shape", "texture"]].to_numpy().max()))
    for axes, rows in panels:
        rows = rows.drop_duplicates("level")
        for kind, style in zip(("shape", "texture"), _styles(), strict=False):
            _curve(axes, rows, kind, f"{kind} coefficients", style)
        axes.axhline(1.0, color=GREY, linewidth=0.8, label="as far as another person")
        axes.set_ylim(0.0, highest)
    return _finished(figure, panels, "distance from the clean prediction")


def _panels(table: pd.DataFrame):
    groups = list(table.groupby(["family", "stress"], sort=False))
    columns = min(_COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    figure = Figure(figsize=(2.5 * columns, 2.0 * lines + 0.5), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    panels = []
    for axes, ((_, stress), rows) in zip(grid, groups, strict=False):
        axes.set_title(stress.replace("_", " "), fontsize="small")
        levels = rows.drop_duplicates("level")
        axes.set_xticks(levels["severity"], [f"{amount:g}" for amount in levels["amount"]])
        axes.set_xlabel(_unit(levels.iloc[0]), fontsize="x-small")
        axes.tick_params(labelsize="x-small")
        panels.append((axes, rows))
    for axes in grid[len(groups) :]:
        axes.set_visible(False)
    return figure, panels


def _unit(row: pd.Series) -> str:
    return row["level"].replace(f"{row['amount']:g}", "").strip("+ ").strip()


def _curve(axes, rows: pd.DataFrame, column: str, label: str, style, scale: float = 1.0) -> None:
    color, line, marker = style
    axes.plot(
        rows["severity"], scale * rows[column],
        color=color, linestyle=line, marker=marker, markersize=3, label=label,
    )  # fmt: skip
    low, high = scale * rows[f"{column}_low"], scale * rows[f"{column}_high"]
    axes.fill_between(rows["severity"], low, high, color=color, alpha=0.15, linewidth=0)


def _networks(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(table["network"], table["role"], strict=True)))


def _styles():
    return _STYLES * 4


def _finished(figure: Figure, panels, label: str) -> Figure:
    figure.supylabel(label, fontsize="small")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=3, fontsize="small", frameon=False
    )
    return clean(figure)
