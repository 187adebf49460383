"""Stress curves: recall, and how far coefficients move, over severity."""

import pandas as pd
from matplotlib.figure import Figure

from tf_morph.evaluation.plots import DIFFERENT_COLOR, GREY, OURS_COLOR, SAME_COLOR, clean

_COLUMNS = 5
_STYLES = ((OURS_COLOR, "-", "o"), (DIFFERENT_COLOR, "--", "s"), (SAME_COLOR, ":", "^"))


def recall_curves(table: pd.DataFrame, reference: str) -> Figure:
    """Top-1 over severity, a panel a stress, a line a network, beside the photograph itself.

    Args:
      table: `measurement.COLUMNS`.
      reference: the family whose first stress is none: where all curves begin that have no level
        of severity 0 themselves.
    """
    figure, panels = _panels(table, reference)
    networks = list(dict.fromkeys(zip(table["network"], table["role"], strict=True)))
    for axes, rows in panels:
        for (network, role), style in zip(networks, _STYLES * len(networks), strict=False):
            of_network = rows[(rows["network"] == network) & (rows["role"] == role)]
            _curve(axes, of_network, "top1", f"drawing, by {network} ({role})", style, 100.0)
        itself = rows.dropna(subset="photograph_top1")
        label = f"the photograph itself, by {networks[0][0]}"
        axes.plot(itself["severity"], 100.0 * itself["photograph_top1"], color=GREY, label=label)
        axes.set_ylim(-3, 103)
    return _finished(figure, panels, "top-1 recall, %")


def consistency_curves(table: pd.DataFrame, reference: str) -> Figure:
    """How far coefficients move, over severity, a panel a stress; as `recall_curves`."""
    figure, panels = _panels(table, reference)
    highest = max(1.1, 1.05 * float(table[["shape_high", "texture_high"]].to_numpy().max()))
    for axes, rows in panels:
        once = rows.drop_duplicates("severity")
        for kind, style in zip(("shape", "texture"), _STYLES, strict=False):
            _curve(axes, once, kind, f"{kind} coefficients", style)
        axes.axhline(1.0, color=GREY, linewidth=0.8, label="as far as another person")
        axes.set_ylim(0.0, highest)
    return _finished(figure, panels, "distance from the clean prediction")


def _panels(table: pd.DataFrame, reference: str):
    """A figure, and for each stress its axes and rows."""
    references = table[table["family"] == reference]
    none = references[references["stress"] == references["stress"].iloc[0]]
    stresses = table[table["family"] != reference].groupby(["family", "stress"], sort=False)
    columns = min(_COLUMNS, len(stresses))
    lines = -(-len(stresses) // columns)
    figure = Figure(figsize=(2.5 * columns, 2.0 * lines + 0.5), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    panels = []
    for axes, ((_, stress), rows) in zip(grid, stresses, strict=False):
        axes.set_title(stress.replace("_", " "), fontsize="small")
        axes.set_xlabel(_unit(rows.iloc[-1]), fontsize="x-small")
        if rows["severity"].min() > 0.0:
            rows = pd.concat([none, rows])
        levels = rows.drop_duplicates("severity")
        named = zip(levels["severity"], levels["amount"], strict=True)
        names = ["none" if severity == 0.0 else f"{amount:g}" for severity, amount in named]
        axes.set_xticks(levels["severity"], names)
        axes.tick_params(labelsize="x-small")
        panels.append((axes, rows))
    for axes in grid[len(stresses) :]:
        axes.set_visible(False)
    return figure, panels


def _unit(row: pd.Series) -> str:
    return row["level"].replace(f"{row['amount']:g}", "").strip("+ ")


def _curve(axes, rows: pd.DataFrame, column: str, label: str, style, scale: float = 1.0) -> None:
    color, line, marker = style
    axes.plot(
        rows["severity"], scale * rows[column],
        color=color, linestyle=line, marker=marker, markersize=3, label=label,
    )  # fmt: skip
    low, high = scale * rows[f"{column}_low"], scale * rows[f"{column}_high"]
    axes.fill_between(rows["severity"], low, high, color=color, alpha=0.15, linewidth=0)


def _finished(figure: Figure, panels, label: str) -> Figure:
    figure.supylabel(label, fontsize="small")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=3, fontsize="small", frameon=False
    )
    return clean(figure)
