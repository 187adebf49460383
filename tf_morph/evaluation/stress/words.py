"""What the stress suite says beside its numbers."""

from collections.abc import Sequence

import pandas as pd

from tf_morph.evaluation import tables
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.sections import Table

RECALL_CAPTION = (
    "Top-1 recall of the clean photograph by the drawing of the face read from the stressed one; "
    "shaded: Wilson's 95 % intervals."
)
CONSISTENCY_CAPTION = (
    "Mean distance of coefficients from those of the clean photograph, in mean distances between "
    "two people; shaded: 95 % intervals."
)
SHEET_CAPTION = (
    "One person's photographs under each stress, growing to the right, and under each the face "
    "read from it, frontal and evenly lit."
)
_TRUE_SITTERS = "the people's true faces"
_PREDICTED_SITTERS = (
    "the faces read from the clean photographs, so that they are drawings of predictions, not "
    "photographs"
)
_PROTOCOL = """\
- **Gallery**: the first photograph by name of every test person, clean.
- **Query**: the gallery's own photograph of a person is made hard, a face is read from it and
  drawn, frontal and evenly lit. Which people is drawn with the evaluation's seed.
- **Recall**: cosine of the network's features, ties as in an order drawn at random; Wilson's 95 %
  interval over the people. Beside it what the first network finds by the hard photograph itself.
- **Self-consistency**: Euclidean distance, in standard deviations, between the coefficients read
  from the hard and from the clean photograph, mean over people, divided by the mean distance
  between the clean coefficients of two people. 0: unmoved; 1: as far off as somebody else.
- **Photographs** are changed after they are cropped, so that no face detector fails and no aligner
  helps. Light is changed, blurred and counted in linear RGB.
- **In the round**: {sitters}, drawn by the renderer with a background, hair, clothes and lights
  drawn for each from the run's scenes, with the pose or lamp set; the coefficients are held against
  those read from the drawing at 0. The gallery stays the photographs.
- **Folders** (`--data=feret:FOLDER`, `--data=bam:FOLDER`): with `clean/`, the same, the gallery
  being its photographs; without, the gallery is all the folder's pictures, and the drawing of the
  face read from each is to find that very picture.
"""
_PERCENT = ("top1", "top5", "photograph_top1")
_HEADINGS = {
    "family": "of",
    "stress": "stress",
    "level": "level",
    "network": "network",
    "role": "role",
    "top1": "top-1",
    "top1_low": "from",
    "top1_high": "to",
    "top5": "top-5",
    "photograph_top1": "photograph itself, top-1",
    "shape": "shape moved",
    "texture": "texture moved",
}
_FORMATS = {
    **dict.fromkeys((*_PERCENT, "top1_low", "top1_high"), tables.percent),
    **dict.fromkeys(("shape", "texture", "both"), tables.decimals(2)),
}


def protocol(truth: bool) -> str:
    """How it is measured, as Markdown."""
    return _PROTOCOL.format(sitters=_TRUE_SITTERS if truth else _PREDICTED_SITTERS)


def facts(context: Context, everybody: int, count: int) -> tuple[tuple[str, str], ...]:
    """On what it was run."""
    return (
        ("people in the gallery", f"{everybody:,}"),
        ("of them made hard", f"{count:,}"),
        ("networks", ", ".join(f"{n.name} ({n.role})" for n in context.networks)),
        ("chance, top-1", tables.percent(1 / everybody)),
    )


def notes(truth: bool) -> tuple[str, ...]:
    """What is to be known beside the tables."""
    known = (
        "The side light on photographs takes the face for half a cylinder; the lamp in the round "
        "is shaded on the mesh, without cast shadows.",
        "A distance of 0 says nothing of the face being right: a prediction that ignores the "
        "photograph never moves. Recall is to be read beside it.",
    )
    if truth:
        return known
    return (*known, "In the round faces are the run's own predictions, which it reads more easily.")


def not_run(context: Context, folders: Sequence[str]) -> tuple[str, ...]:
    """What needs data or a face model that are not there."""
    left_out = [
        f"{name.upper()}: give its photographs by --data={name}:FOLDER (<stress>[/<level>]/"
        "<person>.jpg, and clean/<person>.jpg)."
        for name in folders
        if not context.data.get(name)
    ]
    model = context.truth.model if context.truth else context.run.model
    if model.expression is None:
        left_out.append("Expression in the round: the face model has no expressions.")
    return tuple(left_out)


def stress_tables(table: pd.DataFrame) -> tuple[Table, ...]:
    """Everything, and what is left at half and full severity by the first network."""
    everything = Table(
        "stress",
        "Recall and self-consistency under every stress, level and network.",
        table,
        _HEADINGS,
        _FORMATS,
    )
    return (_summary(table), everything)


def _summary(table: pd.DataFrame) -> Table:
    first = table[table["network"] == table["network"].iloc[0]]
    rows = []
    for (family, stress), levels in first.groupby(["family", "stress"], sort=False):
        row = {"family": family, "stress": stress}
        levels = levels.sort_values("severity")
        middle = (len(levels) - 1) // 2
        for when, level in (("half", levels.iloc[middle]), ("full", levels.iloc[-1])):
            for column in ("level", "top1", "photograph_top1", "shape", "texture"):
                row[f"{column}_{when}"] = level[column]
        rows.append(row)
    shown = {
        **{"family": "of", "stress": "stress"},
        **{
            f"{column}_{when}": heading
            for when in ("half", "full")
            for column, heading in (
                ("level", "level" if when == "half" else "strongest"),
                ("top1", "top-1"),
                ("photograph_top1", "photograph itself"),
                ("shape", "shape moved"),
                ("texture", "texture moved"),
            )
        },
    }
    caption = (
        f"At half and at full severity, by {first['network'].iloc[0]}: recall by the drawing and "
        "by the photograph itself, and how far coefficients move in distances between people."
    )
    formats = {
        f"{column}_{when}": _FORMATS[column]
        for when in ("half", "full")
        for column in ("top1", "photograph_top1", "shape", "texture")
    }
    return Table("stress_summary", caption, pd.DataFrame(rows), shown, formats)


def folder_table(name: str, table: pd.DataFrame, paired: bool) -> Table:
    """Of a folder of the user's."""
    if paired:
        caption = f"{name.upper()}: recall and self-consistency beside its clean photographs."
        return Table(f"stress_{name}", caption, table, _HEADINGS, _FORMATS)
    caption = (
        f"{name.upper()}: how often the drawing finds the very picture among all; mean squared "
        "coefficients are 1 for faces of the prior."
    )
    formats = {**_FORMATS, **dict.fromkeys(("shape_square", "texture_square"), tables.decimals(2))}
    return Table(f"stress_{name}", caption, table, None, formats)
