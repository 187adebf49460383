"""The paper's own figures, and how surely they are known here.

Genova et al., "Unsupervised Training for 3D Morphable Model Regression", CVPR 2018,
arXiv 1806.06098. Its photographs and its recognition networks are others than a run's here, so the
figures stand beside ours for orientation; none of them was measured by this project.
"""

from dataclasses import dataclass

import pandas as pd

from tf_morph.evaluation.identification import ANY, EVERYBODY
from tf_morph.evaluation.methods import CHANCE, MEAN_FACE, RANDOM_FACE
from tf_morph.evaluation.section import Table
from tf_morph.evaluation.tables import percent

SEEN = "quoted from a public source"
FROM_MEMORY = "from memory of the paper, not checked against its text"


@dataclass(frozen=True)
class PaperFigure:
    """One figure of the paper: what was measured, on what, whose method, and its standing."""

    measure: str
    data: str
    method: str
    value: str
    standing: str


_MOFA_TEST = "MoFA-Test, 84 images of 78 people, VGG-Face"
_LFW = "LFW, VGG-Face"
_MICC = "MICC Florence, mm: cooperative / indoor / outdoor"

FIGURES = (
    PaperFigure("top-1 recall", _MOFA_TEST, "the paper", "87 %", SEEN),
    PaperFigure("top-1 recall", _MOFA_TEST, "MoFA, by the paper", "19 %", SEEN),
    PaperFigure("top-1 recall", _MOFA_TEST, "Tran et al., by the paper", "25 %", SEEN),
    PaperFigure("top-5 recall", _MOFA_TEST, "the paper", "96 %", FROM_MEMORY),
    PaperFigure("top-5 recall", _MOFA_TEST, "MoFA, by the paper", "54 %", FROM_MEMORY),
    PaperFigure("top-5 recall", _MOFA_TEST, "Tran et al., by the paper", "62 %", FROM_MEMORY),
    PaperFigure("top-1 / top-5 recall", _MOFA_TEST, "random", "1 % / 6 %", FROM_MEMORY),
    PaperFigure("top-5 recall", "LFW, gallery of 5,749 people", "the paper", "51 %", SEEN),
    PaperFigure("EMD, photo-rendering to same person", _LFW, "the paper", "0.16", SEEN),
    PaperFigure("point-to-plane distance", _MICC, "the paper", "1.50 / 1.50 / 1.48", SEEN),
    PaperFigure("its standard deviation", _MICC, "the paper", "0.13 / 0.11 / 0.11", FROM_MEMORY),
    PaperFigure(
        "point-to-plane distance",
        _MICC,
        "Tran et al., by the paper",
        "1.93±0.27 / 2.02±0.25 / 1.86±0.23",
        FROM_MEMORY,
    ),
)


def paper_table() -> pd.DataFrame:
    """All figures, one row each, with their standing."""
    return pd.DataFrame([vars(figure) for figure in FIGURES])


def beside_ours(recall: pd.DataFrame, similarity: pd.DataFrame) -> pd.DataFrame:
    """The paper's figures of recall and EMD, each beside the nearest of ours.

    Args:
      recall: the run's identification table.
      similarity: `similarity.SIMILARITY_COLUMNS`.

    Returns:
      A row a paper's figure and network of ours: (measure, paper, paper_data, standing, ours,
      our_network, our_data).
    """
    by_ours = recall[recall["method"] == "ours"]
    galleries = sorted(by_ours["gallery"].unique())
    rows = []
    for figure in FIGURES:
        if figure.method != "the paper" or figure.data == _MICC:
            continue
        if figure.measure.startswith("EMD"):
            ours = similarity[similarity["method"] == "ours"]
            values, data = (
                ours["emd_to_same"].map("{:.3f}".format),
                ours["pairs"].map("{:,} people".format),
            )
        else:
            size = galleries[-1] if figure.data.startswith("LFW") else galleries[0]
            ours = by_ours[by_ours["gallery"] == size]
            values = ours["top1" if "top-1" in figure.measure else "top5"].map(percent)
            data = ours["gallery"].map(lambda count: f"gallery of {count:,} people")
        rows += [
            (figure.measure, figure.value, figure.data, figure.standing, *ours_row)
            for ours_row in zip(
                values, ours["network"] + " (" + ours["role"] + ")", data, strict=True
            )
        ]
    columns = ["measure", "paper", "paper_data", "standing", "ours", "our_network", "our_data"]
    return pd.DataFrame(rows, columns=columns)


COLUMNS = ("method", "network", "people", "probe", "hit", "top-1", "top-5", "on", "standing")


def beside_paper(name: str, data: str, frame: pd.DataFrame) -> Table:
    """A table ours | the paper's | its peers': a row a method, with what the figure stands on.

    Args:
      data: how `FIGURES` begins to name the data set, such as "MoFA-Test".
      frame: identification's; the floors and the groups that mix others are left out, and chance
        is shown once.
    """
    mixed = (frame["people"] == EVERYBODY) | (frame["photographs"] == ANY)
    chance = frame["method"] == CHANCE
    floors = frame["method"].isin((MEAN_FACE, RANDOM_FACE))
    shown = frame[~(mixed | floors | chance) | (chance & ~frame[["method", "hit"]].duplicated())]
    ours = pd.DataFrame(
        {
            "method": shown["method"].str.replace("_", " "),
            "network": shown["network"] + " (" + shown["role"] + ")",
            "people": shown["people"],
            "probe": shown["photographs"],
            "hit": shown["hit"],
            "top-1": shown["top1"].map(percent),
            "top-5": shown["top5"].map(percent),
            "on": shown["gallery"].map("a gallery of {:,}".format),
            "standing": "measured here",
        }
    )
    ours.loc[shown["method"] == CHANCE, "network"] = "–"
    table = pd.concat([ours, pd.DataFrame(_their_rows(data), columns=COLUMNS)], ignore_index=True)
    table = table.drop(columns=[c for c in ("people", "hit") if table[c].nunique() == 1])
    caption = (
        "Ours beside the paper's and its peers' figures; networks, photographs and face models "
        "are others, so that they stand side by side for orientation."
    )
    return Table(name, caption, table)


def _their_rows(data: str) -> list[tuple[str, ...]]:
    """A row a method of the paper's figures, first and fifth place together."""
    found: dict[str, dict] = {}
    for figure in FIGURES:
        if not (figure.data.startswith(data) and figure.measure.endswith("recall")):
            continue
        row = found.setdefault(figure.method, {"on": figure.data, "standing": []})
        names = [name for name in ("top-1", "top-5") if name in figure.measure]
        row |= dict(zip(names, figure.value.split(" / "), strict=True))
        row["standing"].append(f"{' and '.join(names)} {figure.standing}")
    return [
        (
            *(method, "–", "–", "–", "–", row.get("top-1", "–"), row.get("top-5", "–")),
            *(row["on"], "; ".join(row["standing"])),
        )
        for method, row in found.items()
    ]
