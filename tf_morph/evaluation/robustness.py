"""Robustness: how recall and coefficients fare as images become hard."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont
from scipy.spatial.distance import pdist

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.identification import (
    Estimate,
    TestPeople,
    estimate,
    rank_probes,
    recall_columns,
)
from tf_morph.evaluation.image_sets import predict_faces
from tf_morph.evaluation.methods import ROLES
from tf_morph.evaluation.perturbations import Perturbation
from tf_morph.evaluation.plots import (
    DIFFERENT_COLOR,
    GREY,
    OURS_COLOR,
    SAME_COLOR,
    clean,
    legend_below,
)
from tf_morph.evaluation.renderings import INK, PAPER, image_grid, png_file
from tf_morph.evaluation.synthetic_views import View
from tf_morph.regression.ground_truth_faces import Coefficients

KEPT_AS = "stressed"  # in the cache of features
_AT_ONCE = 3000  # images
COLUMNS = (
    *("family", "stress", "title", "level", "amount", "severity", "network", "role", "people"),
    *("gallery", "top1", "top1_low", "top1_high", "top5", "photograph_top1"),
    *("shape", "shape_low", "shape_high", "texture", "texture_low", "texture_high"),
    *("both", "both_low", "both_high"),
)
_PANELS_A_ROW = 5
_STYLES = ((OURS_COLOR, "-", "o"), (DIFFERENT_COLOR, "--", "s"), (SAME_COLOR, ":", "^"))
_BLOCKS_A_ROW, _CAPTION, _GAP = 3, 16, 10  # the last two pixels


class GalleryFeatures(NamedTuple):
    """Photographs to be found.

    Attributes:
      features: of each network, [G, D].
      people: [G], whom each shows.
    """

    features: Sequence[np.ndarray]
    people: np.ndarray


def test_gallery(context: Context, people: TestPeople) -> GalleryFeatures:
    """The first photograph by name of every test person."""
    images = context.test.images
    features = [n.features(images, kept_as="test")[people.first] for n in context.networks]
    return GalleryFeatures(features, np.arange(len(people.names)))


test_gallery.__test__ = False  # pytest would collect it where it is imported


@dataclass(frozen=True)
class Reference:
    """What the hard images of some people are held against.

    Attributes:
      family: what kind of images, for the tables.
      people: [M] whom they show, as the gallery counts them, M >= 2.
      clean: [M] faces predicted for their unperturbed images.
    """

    family: str
    people: np.ndarray
    clean: Coefficients


@dataclass(frozen=True)
class Level:
    """The images of one level of one perturbation.

    Attributes:
      reference: of whom.
      name, title, label, amount: as a `Perturbation` or `View` has them.
      severity: of the level among its perturbation's, in (0, 1].
      images: [M, S, S, 3] uint8 sRGB.
    """

    reference: Reference
    name: str
    title: str
    label: str
    amount: float
    severity: float
    images: np.ndarray


class Example(NamedTuple):
    """One person under a perturbation: photographs [L, S, S, 3] and renderings [L, H, W, 3]."""

    title: str
    photographs: np.ndarray
    renderings: np.ndarray


def levels_of(
    reference: Reference, of: Perturbation | View, make: Callable[[float], np.ndarray]
) -> Iterator[Level]:
    """The levels of a perturbation, the images of each by `make(amount)`."""
    for number, amount in enumerate(of.amounts, start=1):
        words = (of.name, of.title, of.label(amount))
        yield Level(reference, *words, amount, number / len(of.amounts), make(amount))


def self_consistency(clean: Coefficients, hard: Coefficients, seed: int) -> dict[str, Estimate]:
    """Mean distance of people's coefficients from those of their clean photograph, as a share of
    the mean distance between the clean coefficients of two people.

    0: the prediction stays; 1: it is as far off as somebody else.

    Args:
      clean: [N], N >= 2, of different people.
      hard: [N] the same people's.
      seed: of the bootstrap.

    Returns:
      By "shape", "texture" and "both", side by side. Distances are Euclidean, in standard
      deviations.
    """
    shares = {}
    kinds = (*clean._asdict().items(), ("both", np.concatenate(clean, axis=1)))
    moved = (*hard, np.concatenate(hard, axis=1))
    for (kind, known), values in zip(kinds, moved, strict=True):
        between = max(float(pdist(known).mean()), 1e-12)
        distances = np.linalg.norm(values - known, axis=1) / between
        shares[kind] = estimate(distances, np.arange(len(distances)), seed)
    return shares


def measure(
    context: Context, gallery: GalleryFeatures, levels: Iterable[Level], shown: int = 0
) -> tuple[pd.DataFrame, list[Example]]:
    """Predicts and renders the faces of hard images, and looks for them in the gallery.

    Args:
      context: whose run predicts and renders, and whose networks compare.
      gallery: where they are looked for.
      levels: a perturbation's one after the other.
      shown: who, of each level's people, stands in the examples.

    Returns:
      Rows of `COLUMNS`, and an example a perturbation.
    """
    rows, examples = [], {}
    for some in _batches(levels):
        images = np.concatenate([level.images for level in some])
        faces = predict_faces(context.run, images, KEPT_AS)
        renderings = context.run.draw(*faces)
        seen = _features(context, images, renderings)
        for level, part in zip(some, parts_of([len(lv.images) for lv in some]), strict=True):
            shares = {}
            clean = level.reference.clean
            for kind, share in self_consistency(clean, faces.rows(part), context.seed).items():
                shares |= share.columns(kind)
            rows += [row | shares for row in _rows(context, gallery, level, seen, part)]
            example = (level.images[shown], renderings[part][shown])
            of_level = (level.reference.family, level.name)
            examples.setdefault(of_level, (level.title, []))[1].append(example)
    return pd.DataFrame(rows, columns=list(COLUMNS)), [
        Example(title, *map(np.stack, zip(*pairs, strict=True)))
        for title, pairs in examples.values()
    ]


def parts_of(sizes: Sequence[int]) -> list[slice]:
    """Where parts of these sizes lie, one after the other."""
    ends = np.cumsum(sizes)
    return [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]


def _batches(levels: Iterable[Level]) -> Iterator[list[Level]]:
    """Levels together of some `_AT_ONCE` images: each network starts anew for every batch."""
    some = []
    for level in levels:
        some.append(level)
        if sum(len(level.images) for level in some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


class _Seen(NamedTuple):
    """Features of a batch's renderings by each network, and of its photographs by the first."""

    renderings: Sequence[np.ndarray]
    photographs: np.ndarray


def _features(context: Context, images: np.ndarray, renderings: np.ndarray) -> _Seen:
    first, *others = context.networks
    if images.shape == renderings.shape:  # both at once, so that the network starts once
        both = first.features(np.concatenate([renderings, images]))
        of_renderings, of_images = np.split(both, 2)
    else:
        of_renderings, of_images = first.features(renderings), first.features(images)
    return _Seen([of_renderings, *(n.features(renderings) for n in others)], of_images)


def _rows(
    context: Context, gallery: GalleryFeatures, level: Level, seen: _Seen, part: slice
) -> Iterator[dict]:
    people = level.reference.people
    itself = rank_probes(seen.photographs[part], people, gallery.features[0], gallery.people)
    for index, network in enumerate(context.networks):
        among = gallery.features[index], gallery.people
        ranks = rank_probes(seen.renderings[index][part], people, *among)
        row = {
            "family": level.reference.family,
            "stress": level.name,
            "title": level.title,
            "level": level.label,
            "amount": level.amount,
            "severity": level.severity,
            "network": network.name,
            "role": network.role,
            "people": len(people),
            "gallery": len(gallery.people),
        }
        if index == 0:
            row["photograph_top1"] = float(itself.hits(1).mean())
        yield row | recall_columns(ranks, people, context.seed)


# Figures and sheets.


def recall_curves(table: pd.DataFrame, reference: str) -> Figure:
    """Top-1 over severity, a panel a perturbation, a line a network, beside the photograph itself.

    Args:
      table: `COLUMNS`.
      reference: the family whose first perturbation is none: where all curves begin that have no
        level of severity 0 themselves.
    """
    figure, panels = _panels(table, reference)
    networks = list(dict.fromkeys(zip(table["network"], table["role"], strict=True)))
    for axes, rows in panels:
        for (network, role), style in zip(networks, _STYLES * len(networks), strict=False):
            of_network = rows[(rows["network"] == network) & (rows["role"] == role)]
            _curve(
                axes, of_network, "top1", f"rendering, by {network} ({ROLES[role]})", style, 100.0
            )
        itself = rows.dropna(subset="photograph_top1")
        label = f"the photograph itself, by {networks[0][0]}"
        axes.plot(itself["severity"], 100.0 * itself["photograph_top1"], color=GREY, label=label)
        axes.set_ylim(-3, 103)
    return _finished(figure, panels, "top-1 recall, %")


def consistency_curves(table: pd.DataFrame, reference: str) -> Figure:
    """How far coefficients move, over severity, a panel each; as `recall_curves`."""
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
    """A figure, and for each perturbation its axes and rows."""
    references = table[table["family"] == reference]
    none = references[references["stress"] == references["stress"].iloc[0]]
    groups = table[table["family"] != reference].groupby(["family", "stress"], sort=False)
    columns = min(_PANELS_A_ROW, len(groups))
    lines = -(-len(groups) // columns)
    figure = Figure(figsize=(2.5 * columns, 2.0 * lines + 0.5), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    panels = []
    for axes, ((_, name), rows) in zip(grid, groups, strict=False):
        last = rows.iloc[-1]
        axes.set_title(name.replace("_", " "), fontsize="small")
        unit = last["level"].replace(f"{last['amount']:g}", "").strip("+ ")
        axes.set_xlabel(unit, fontsize="x-small")
        if rows["severity"].min() > 0.0:
            rows = pd.concat([none, rows])
        levels = rows.drop_duplicates("severity")
        named = zip(levels["severity"], levels["amount"], strict=True)
        names = ["none" if severity == 0.0 else f"{amount:g}" for severity, amount in named]
        axes.set_xticks(levels["severity"], names)
        axes.tick_params(labelsize="x-small")
        panels.append((axes, rows))
    for axes in grid[len(groups) :]:
        axes.set_visible(False)
    return figure, panels


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
    legend_below(figure, panels[0][0], columns=3)
    return clean(figure)


def example_sheet(examples: Sequence[Example]) -> bytes:
    """A PNG with a block a perturbation, all levels side by side, growing to the right."""
    blocks = [image_grid([example.photographs, example.renderings]) for example in examples]
    width = max(block.width for block in blocks) + _GAP
    height = max(block.height for block in blocks) + _CAPTION + _GAP
    across = min(_BLOCKS_A_ROW, len(blocks))
    lines = -(-len(blocks) // across)
    sheet = Image.new("RGB", (across * width - _GAP, lines * height - _GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for number, (example, block) in enumerate(zip(examples, blocks, strict=True)):
        row, column = divmod(number, across)
        left, top = column * width, row * height
        pen.text((left + 2, top), example.title, INK, font)
        sheet.paste(block, (left, top + _CAPTION))
    return png_file(sheet)
