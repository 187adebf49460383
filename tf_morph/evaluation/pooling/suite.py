"""The pooling suite: what several photographs of a person give beyond one."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tf_morph.evaluation import tables
from tf_morph.evaluation.contact_sheet import contact_sheet
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.galleries import TestPeople, test_people
from tf_morph.evaluation.plots import DIFFERENT_COLOR, OURS_COLOR, SAME_COLOR, clean
from tf_morph.evaluation.pooling.measurement import (
    ONE,
    Pooled,
    draw_pooled,
    geometry_of,
    pool_albums,
    read_albums,
    recall_of,
)
from tf_morph.evaluation.pooling.photographs import (
    FURTHER,
    Albums,
    albums_taken,
    albums_there_are,
)
from tf_morph.evaluation.pooling.pool import CONFIDENCE, FEATURES, MEAN, SHARPNESS
from tf_morph.evaluation.sections import Picture, Plot, Section, Table
from tf_morph.evaluation.stress.suite import test_gallery

NAME = "pooling"
PEOPLE, PEOPLE_RENDERED = 400, 84
SHOWN = 8  # people in the picture
_PROTOCOL = f"""\
- **Gallery**: the first photograph by name of every test person. It is never pooled.
- **Query**: the drawing, frontal and evenly lit, of one face from several other photographs of a
  person. `mean`: their coefficients' mean; `confidence`: weighted by the cosine between photograph
  and drawing of its prediction by the network trained on (of several the mean of their cosines), to
  the power of {SHARPNESS:g};
  `features`: one prediction from the mean of the encoder's features.
- **Which photographs**: the first so many of an order drawn for each person with the evaluation's
  seed, and the last so many; a person's two queries are averaged.
- **Recall**: cosine of the network's features, ties as in an order drawn at random; Wilson's 95 %
  interval over people. The gain over one photograph is over the same people, with a
  bootstrap's 95 % interval.
"""
_COLORS = {ONE: "#333333", MEAN: OURS_COLOR, CONFIDENCE: DIFFERENT_COLOR, FEATURES: SAME_COLOR}
_HEADINGS = {
    "photographs": "photographs",
    "pooling": "pooling",
    "network": "network",
    "role": "role",
    "top1": "top-1",
    "top1_low": "from",
    "top1_high": "to",
    "top5": "top-5",
    "gain": "gain, top-1",
    "gain_low": "gain from",
    "gain_high": "gain to",
}


def pooling_suite(context: Context) -> Section:
    """Pools predictions from photographs there are, or in the embedded world from further ones.

    Raises:
      NotRun: fewer than two test people have three photographs.
      InputError: the decoder gives coefficients that are not finite.
    """
    people = test_people(context.test.paths, context.test.identities)
    albums = _albums(context, people)
    readings = read_albums(context, albums)
    pooled = pool_albums(context, albums, readings)
    drawings = draw_pooled(context, pooled)
    recall = recall_of(context, albums, test_gallery(context, people), pooled, drawings)
    return Section(
        name=NAME,
        title="Many photographs of one person",
        protocol=_PROTOCOL,
        facts=_facts(context, people, albums),
        tables=_tables(context, people, albums, recall, pooled),
        plots=(Plot("pooling", _caption(recall), _figure(recall)),),
        pictures=(_picture(context, people, albums, pooled, drawings),),
    )


def _taken(context: Context) -> bool:
    return bool(context.config.embedded_world and context.truth)


def _albums(context: Context, people: TestPeople) -> Albums:
    if _taken(context):
        return albums_taken(context, people, context.truth, PEOPLE_RENDERED)
    albums = albums_there_are(context, people, PEOPLE)
    if len(albums.people) < 2:
        raise NotRun(
            f"of {len(albums.people)} test people there are three photographs, and at least 2 are "
            "needed"
        )
    return albums


def _facts(context: Context, people: TestPeople, albums: Albums) -> tuple[tuple[str, str], ...]:
    sizes = [len(images) for images in albums.images]
    further = f", {FURTHER} of them taken for this" if _taken(context) else ""
    return (
        ("people in the gallery", f"{len(people.names):,}"),
        ("people whose photographs are pooled", f"{len(albums.people):,}"),
        ("photographs of each to pool", f"{min(sizes)} to {max(sizes)}{further}"),
        ("chance, top-1", tables.percent(1 / len(people.names))),
    )


def _tables(context, people, albums: Albums, recall: pd.DataFrame, pooled) -> tuple[Table, ...]:
    shares = ("top1", "top1_low", "top1_high", "top5", "gain", "gain_low", "gain_high")
    formats = dict.fromkeys(shares, tables.percent)
    found = Table(
        "pooling", "Recall of a photograph that is not pooled.", recall, _HEADINGS, formats
    )
    if not context.truth:
        return (found,)
    true = context.truth.of([people.names[person] for person in albums.people])
    headings = {
        "photographs": "photographs",
        "pooling": "pooling",
        "vertex_mm": "vertex error, mm",
        "color_rms": "colour error",
    }
    formats = {"vertex_mm": tables.decimals(2), "color_rms": tables.decimals(3)}
    caption = (
        "Distance from the true faces: mean of all vertices after rigid alignment, and root mean "
        "square of the colours."
    )
    errors = geometry_of(context, true, pooled)
    return (found, Table("pooling_geometry", caption, errors, headings, formats))


def _caption(recall: pd.DataFrame) -> str:
    return (
        f"Top-1 recall among {recall['gallery'].iloc[0]:,} photographs over how many photographs "
        "are pooled; bars: Wilson's 95 % intervals."
    )


def _figure(recall: pd.DataFrame) -> Figure:
    networks = list(recall.groupby(["network", "role"], sort=False))
    figure = Figure(figsize=(0.6 + 3.6 * len(networks), 3.4), layout="constrained")
    grid = figure.subplots(1, len(networks), squeeze=False, sharey=True)[0]
    for axes, ((network, role), rows) in zip(grid, networks, strict=True):
        for shift, (pooling, line) in enumerate(rows.groupby("pooling", sort=False)):
            top1, at = 100 * line["top1"], line["photographs"] + 0.06 * (shift - 1)
            ends = [top1 - 100 * line["top1_low"], 100 * line["top1_high"] - top1]
            label = "one photograph" if pooling == ONE else f"pooled by {pooling}"
            axes.errorbar(
                at, top1, ends, marker="o", markersize=4, capsize=2, linewidth=1.2,
                color=_COLORS[pooling], label=label,
            )  # fmt: skip
        axes.set_title(f"{network} ({role})", fontsize="medium")
        axes.set_xlabel("photographs pooled")
        axes.set_xticks(sorted(rows["photographs"].unique()))
    grid[0].set_ylabel("top-1 recall, %")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=4, fontsize="small", frameon=False
    )
    return clean(figure)


def _picture(
    context: Context, people: TestPeople, albums: Albums, pooled: list[Pooled], drawings
) -> Picture:
    shown = slice(min(SHOWN, len(albums.people)))
    whom = albums.people[shown]
    by_way = {(way.photographs, way.pooling): d for way, d in zip(pooled, drawings, strict=True)}
    most = max(way.photographs for way in pooled)
    columns = [
        context.test.images[people.first[whom]],
        *(np.stack([images[n] for images in albums.images[shown]]) for n in range(2)),
        by_way[1, ONE][shown],
        by_way[most, CONFIDENCE][shown],
    ]
    headings = ("sought", "to pool", "to pool", "from one", f"from {most}")
    names = [people.names[person].replace("_", " ") for person in whom]
    caption = (
        "The gallery's photograph, two of those pooled, and the drawings of the face from one "
        "photograph and from all, by confidence."
    )
    return Picture("pooling_people", caption, contact_sheet(columns, names, headings))
