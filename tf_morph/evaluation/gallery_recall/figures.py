"""Figures of recall: the cumulative match curve by network, and both figures as bars."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tf_morph.evaluation.gallery_recall.results import RecallResult
from tf_morph.evaluation.methods import CHANCE
from tf_morph.evaluation.plots import DIFFERENT_COLOR, GREY, OURS_COLOR, SAME_COLOR, clean

_COLORS = (OURS_COLOR, SAME_COLOR, DIFFERENT_COLOR, "#d9a441", "#7b4b94", "#4a90c2", "#8a5a44")
_STYLES = {"in the gallery": "-", "another": "--"}


def match_curves_figure(results: Sequence[RecallResult]) -> Figure:
    """Recall among the first k, k on a logarithmic axis: a panel a network, chance in each."""
    networks = list(dict.fromkeys((r.network, r.role) for r in results if r.method != CHANCE))
    lines = list(dict.fromkeys(_line(r) for r in results if r.method != CHANCE))
    colors = {line: _COLORS[i % len(_COLORS)] for i, line in enumerate(dict.fromkeys(
        (method, people) for method, people, _ in lines
    ))}  # fmt: skip
    figure = Figure(figsize=(1.0 + 4.2 * len(networks), 4.8), layout="constrained")
    panels = figure.subplots(1, len(networks), squeeze=False, sharey=True)[0]
    for axes, (network, role) in zip(panels, networks, strict=True):
        for result in results:
            if result.method == CHANCE:
                _curve(axes, result, GREY, ":", "chance")
            elif (result.network, result.role) == (network, role):
                method, people, kind = _line(result)
                label = f"{method.replace('_', ' ')}: {people}, {kind}"
                _curve(axes, result, colors[method, people], _STYLES.get(kind, "-."), label)
        axes.set_title(f"{network} ({role})", fontsize="medium")
        axes.set_xlabel(f"k, of {results[0].gallery:,}")
        axes.grid(color=GREY, alpha=0.25, linewidth=0.5)
    panels[0].set_ylabel("recall among the first k, %")
    panels[0].set_ylim(0, 101)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=2, fontsize="x-small", frameon=False
    )
    return clean(figure)


def _line(result: RecallResult) -> tuple[str, str, str]:
    return result.method, result.people, result.photographs


def _curve(axes, result: RecallResult, color: str, style: str, label: str) -> None:
    places = np.arange(1, result.gallery + 1)
    axes.semilogx(
        places, 100 * result.curve, style, color=color, linewidth=1.4, label=label,
        drawstyle="steps-post",
    )  # fmt: skip
