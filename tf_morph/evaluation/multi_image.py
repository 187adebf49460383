"""Predictions from several photographs of a person made one.

- `mean`: of the coefficients. The decoder's errors on single photographs, as far as they are
  independent, shrink with the square root of their number.
- `confidence`: their mean weighted by how far each prediction can be trusted: the cosine between
  the features of its rendering and of the photograph it was read from, by the network trained on,
  to the power of `SHARPNESS`. That cosine is what training raised; it is low where the photograph
  shows what no face of the model can: a hand, dark glasses, a blur. It needs no label and no other
  photograph, but a network that flatters the run flatters its confidence, too.
- `features`: one prediction from the mean of the encoder's features.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.figure import Figure

from tf_morph.config import expand_path
from tf_morph.embedded.people import People
from tf_morph.embedded.photographer import Assignment
from tf_morph.embedded.world import photograph_once
from tf_morph.evaluation import tables
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.ground_truth import geometry_table
from tf_morph.evaluation.identification import (
    TestPeople,
    estimate,
    rank_probes,
    recall_columns,
    test_people,
)
from tf_morph.evaluation.image_sets import predict_faces
from tf_morph.evaluation.methods import TRAINING
from tf_morph.evaluation.plots import DIFFERENT_COLOR, OURS_COLOR, SAME_COLOR, clean
from tf_morph.evaluation.renderings import contact_sheet
from tf_morph.evaluation.robustness import Gallery
from tf_morph.evaluation.robustness_suite import test_gallery
from tf_morph.evaluation.section import Picture, Plot, Section, Table
from tf_morph.photographs.decode import load_photographs
from tf_morph.photographs.folders import list_photographs
from tf_morph.recognition.recall import normalise
from tf_morph.regression.ground_truth_faces import Coefficients, GroundTruth
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.run import Run

MEAN, CONFIDENCE, FEATURES = "mean", "confidence", "features"
SHARPNESS = 4.0


class Readings(NamedTuple):
    """What is known of N photographs.

    Attributes:
      faces: [N] read from each alone.
      confidences: [N] cosines of each photograph with the rendering of its face.
      features: [N, E] the encoder's.
    """

    faces: Coefficients
    confidences: np.ndarray
    features: np.ndarray


def confidences(photographs: np.ndarray, renderings: np.ndarray) -> np.ndarray:
    """Cosines [N] of features [N, D] of photographs with those of the renderings of their faces."""
    return np.sum(normalise(photographs) * normalise(renderings), axis=1)


def pool(run: Run, readings: Readings, groups: np.ndarray) -> Mapping[str, Coefficients]:
    """One face a group of photographs, by each way to pool.

    Args:
      run: whose decoder reads pooled features.
      readings: of N photographs.
      groups: int [G, k] rows of the photographs pooled.
    """
    weights = np.maximum(readings.confidences[groups], 0.0) ** SHARPNESS
    even = np.ones(groups.shape)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0.0, weights, even)
    features = readings.features[groups].mean(axis=1)
    return {
        MEAN: _weighted(readings.faces, groups, even),
        CONFIDENCE: _weighted(readings.faces, groups, weights),
        FEATURES: Coefficients(*(values.numpy() for values in run.decoder(tf.constant(features)))),
    }


def _weighted(faces: Coefficients, groups: np.ndarray, weights: np.ndarray) -> Coefficients:
    shares = weights / weights.sum(axis=1, keepdims=True)

    def mean(values):
        return np.einsum("gk,gkc->gc", shares, values[groups]).astype(np.float32)

    return Coefficients(mean(faces.shape), mean(faces.texture))


FURTHER_FOLDER = "~/.cache/tf_morph/further_photographs"
FURTHER = 6  # photographs taken of each person
_STREAM = 11  # of the seed


@dataclass(frozen=True)
class Albums:
    """Photographs to pool; the gallery's is never among them.

    Attributes:
      people: [N] rows of the test people.
      images: of each [n_i, S, S, 3] uint8 sRGB, n_i >= 2.
    """

    people: np.ndarray
    images: Sequence[np.ndarray]


def albums_there_are(context: Context, people: TestPeople, most: int) -> Albums:
    """Of up to `most` people sampled with the seed, all photographs but the gallery's.

    Only people of whom there are two such photographs or more; it may be nobody.
    """
    rows = [[] for _ in people.names]
    numbers = {name: row for row, name in enumerate(people.names)}
    by_path = sorted(range(len(context.test.paths)), key=lambda index: context.test.paths[index])
    for index in by_path:
        rows[numbers[context.test.identities[index]]].append(index)
    several = np.flatnonzero([len(of_one) > 2 for of_one in rows])
    chosen = _some(several, most, context.seed)
    images = [context.test.images[rows[person][1:]] for person in chosen]
    return Albums(chosen, images)


def albums_taken(context: Context, people: TestPeople, truth: GroundTruth, most: int) -> Albums:
    """Of `most` people sampled with the seed, further photographs, taken as the embedded world's
    are, beside their others; kept on disk, by whom they show and how they were taken.

    Raises:
      InputError: somebody's true face is not known.
    """
    chosen = _some(np.arange(len(people.names)), most, context.seed)
    names = tuple(people.names[person] for person in chosen)
    faces = truth.of(names)
    sitters = People(names, faces.shape, faces.texture)
    assignment = Assignment(FURTHER, context.config.photographs.size, [context.seed, _STREAM])
    folder = expand_path(FURTHER_FOLDER) / _digest(truth, sitters, assignment)
    photograph_once(truth.model, sitters, assignment, folder, "to pool")
    listed = list_photographs(folder)
    taken = load_photographs(listed.paths, None, assignment.size, progress=False).images
    further = {name: [] for name in names}
    for name, image in zip(listed.identities, taken, strict=True):
        further[name].append(image)
    others = people.another[chosen]
    images = [
        np.stack([*context.test.images[[other] if other >= 0 else []], *further[name]])
        for name, other in zip(names, others, strict=True)
    ]
    return Albums(chosen, images)


def _some(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    order = np.random.default_rng([seed, len(rows), _STREAM]).permutation(len(rows))
    return np.sort(rows[order[:most]])


def _digest(truth: GroundTruth, sitters: People, assignment: Assignment) -> str:
    digest = hashlib.blake2b(digest_size=12)
    model = truth.model
    for values in (model.shape.mean, model.color.mean, sitters.shape, sitters.texture):
        digest.update(np.ascontiguousarray(values).data)
    digest.update(f"{sitters.names} {tuple(assignment)}".encode())
    return digest.hexdigest()


ONE = "none"  # the way to pool a single photograph
COUNTS = (1, 2, 3, 5, 7)  # photographs pooled, as far as there are so many
_KEPT_AS = "pooled"
_ORDER_STREAM = 12  # of the seed
COLUMNS = (
    *("photographs", "pooling", "network", "role", "people", "gallery"),
    *("top1", "top1_low", "top1_high", "top5", "gain", "gain_low", "gain_high"),
)


@dataclass(frozen=True)
class Pooled:
    """Faces of the same N people from so many photographs each, pooled in one way.

    Attributes:
      faces: [2 N]: each person's twice, from other photographs as far as there are.
    """

    photographs: int
    pooling: str
    faces: Coefficients


def read_albums(context: Context, albums: Albums) -> Readings:
    """Reads a face from every photograph, the albums' one after the other."""
    run = context.run
    images = np.concatenate(albums.images)
    faces = predict_faces(run, images, _KEPT_AS)
    shown = np.concatenate([images, run.draw(*faces)])
    trained_on = [network for network in context.networks if network.role == TRAINING]
    cosines = [confidences(*np.split(network.features(shown), 2)) for network in trained_on]
    of_encoder = encoder_features(run.encoder, images, _KEPT_AS)
    return Readings(faces, np.mean(cosines, axis=0), of_encoder)


def pool_albums(context: Context, albums: Albums, readings: Readings) -> list[Pooled]:
    """By each of `COUNTS` that every album has, and each way to pool.

    A person's photographs are taken from the front and from the back of an order sampled with the
    seed: the first so many, and the last so many.
    """
    sizes = [len(images) for images in albums.images]
    starts = np.cumsum([0, *sizes[:-1]])
    orders = [
        start + np.random.default_rng([context.seed, _ORDER_STREAM, person]).permutation(size)
        for start, size, person in zip(starts, sizes, albums.people, strict=True)
    ]
    pooled = []
    for count in (count for count in COUNTS if count <= min(sizes)):
        ends = [order[:count] for order in orders] + [order[::-1][:count] for order in orders]
        ways = pool(context.run, readings, np.stack(ends))
        if count == 1:
            ways = {ONE: ways[MEAN]}
        pooled += [Pooled(count, name, faces) for name, faces in ways.items()]
    return pooled


def recall_of(
    context: Context, albums: Albums, gallery: Gallery, pooled: Sequence[Pooled], renderings
) -> pd.DataFrame:
    """Rows of `COLUMNS`; the gain is over one photograph, of the same people, with its interval.

    Args:
      renderings: of each of `pooled`, [2 N, H, W, 3] uint8 sRGB.
    """
    rows, people = [], np.tile(albums.people, 2)
    for index, network in enumerate(context.networks):
        seen = np.split(network.features(np.concatenate(renderings)), len(pooled))
        alone = None
        for way, features in zip(pooled, seen, strict=True):
            ranks = rank_probes(features, people, gallery.features[index], gallery.people)
            hits = ranks.hits(1).reshape(2, -1).mean(axis=0)
            alone = hits if alone is None else alone
            figures = recall_columns(ranks, people, context.seed)
            gain = estimate(hits - alone, albums.people, context.seed).columns("gain")
            who = (network.name, network.role, len(albums.people), len(gallery.people))
            named = dict(zip(COLUMNS, (way.photographs, way.pooling, *who), strict=False))
            rows.append(named | figures | gain)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def geometry_of(context: Context, true: Coefficients, pooled: Sequence[Pooled]) -> pd.DataFrame:
    """`geometry_table` of each way to pool, which and of how many photographs in front.

    Args:
      true: [N] in the truth's model.
    """
    twice = Coefficients(*(np.concatenate([values, values]) for values in true))
    faces = {str(number): way.faces for number, way in enumerate(pooled)}
    table = geometry_table(context.run.model, faces, context.truth.model, twice)
    table.insert(0, "photographs", [way.photographs for way in pooled])
    table.insert(1, "pooling", [way.pooling for way in pooled])
    return table.drop(columns=["method"]).assign(people=len(true.shape))


def render_pooled(context: Context, pooled: Sequence[Pooled]) -> list[np.ndarray]:
    """Frontal renderings of each."""
    parts = zip(*(way.faces for way in pooled), strict=True)
    drawn = context.run.draw(*map(np.concatenate, parts))
    return np.split(drawn, len(pooled))


NAME = "pooling"
PEOPLE, PEOPLE_RENDERED = 400, 84
SHOWN = 8  # people in the picture
_PROTOCOL = f"""\
- **Gallery**: the first photograph by name of every test person. It is never pooled.
- **Probe**: the rendering, frontal and evenly lit, of one face from several other photographs of a
  person. `mean`: their coefficients' mean; `confidence`: weighted by the cosine between photograph
  and rendering of its prediction by the network trained on (of several the mean of their cosines),
  to the power of {SHARPNESS:g}; `features`: one prediction from the mean of the encoder's features.
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
    renderings = render_pooled(context, pooled)
    recall = recall_of(context, albums, test_gallery(context, people), pooled, renderings)
    return Section(
        name=NAME,
        title="Many photographs of one person",
        protocol=_PROTOCOL,
        facts=_facts(context, people, albums),
        tables=_tables(context, people, albums, recall, pooled),
        plots=(Plot("pooling", _caption(recall), _figure(recall)),),
        pictures=(_picture(context, people, albums, pooled, renderings),),
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
    context: Context, people: TestPeople, albums: Albums, pooled: list[Pooled], renderings
) -> Picture:
    shown = slice(min(SHOWN, len(albums.people)))
    whom = albums.people[shown]
    by_way = {(way.photographs, way.pooling): d for way, d in zip(pooled, renderings, strict=True)}
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
        "The gallery's photograph, two of those pooled, and the renderings of the face from one "
        "photograph and from all, by confidence."
    )
    return Picture("pooling_people", caption, contact_sheet(columns, names, headings))
