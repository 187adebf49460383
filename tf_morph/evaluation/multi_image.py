"""Multi-image aggregation: one face from several images of a person, and the suite pooling.

Ways to aggregate the predictions of single images:

- `mean`: of the coefficients. The decoder's errors on single images, as far as they are
  independent, shrink with the square root of their number.
- `confidence`: their mean weighted by how far each prediction can be trusted: the cosine between
  the features of its rendering and of its image, by the network trained on, to the power of
  `SHARPNESS`. That cosine is what training raised; it is low where the image shows what no face of
  the model can: a hand, dark glasses, a blur. It needs no label and no other image, but a network
  that flatters the run flatters its confidence, too.
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
from tf_morph.evaluation.methods import ROLES, TRAINING
from tf_morph.evaluation.plots import DIFFERENT_COLOR, OURS_COLOR, SAME_COLOR, clean, legend_below
from tf_morph.evaluation.renderings import contact_sheet
from tf_morph.evaluation.robustness import GalleryFeatures, test_gallery
from tf_morph.evaluation.section import ImageFile, Plot, Section, Table
from tf_morph.photographs.decode import load_photographs
from tf_morph.photographs.folders import list_photographs
from tf_morph.recognition.recall import normalise
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.run import Run

MEAN, CONFIDENCE, FEATURES = "mean", "confidence", "features"
ONE = "none"  # the way to aggregate a single image
SHARPNESS = 4.0
COUNTS = (1, 2, 3, 5, 7)  # images aggregated, as far as there are so many
FURTHER_FOLDER = "~/.cache/tf_morph/further_photographs"
FURTHER = 6  # images taken of each person of the embedded world
PEOPLE, PEOPLE_RENDERED, SHOWN = 400, 84, 8
COLUMNS = (
    *("photographs", "pooling", "network", "role", "people", "gallery"),
    *("top1", "top1_low", "top1_high", "top5", "gain", "gain_low", "gain_high"),
)
_KEPT_AS = "pooled"  # in the cache of features
_STREAM, _ORDER_STREAM = 11, 12  # of the seed
_PROTOCOL = f"""\
- **Gallery**: the first photograph by name of every test person. It is never aggregated.
- **Probe**: the rendering, frontal and evenly lit, of one face from several other photographs of a
  person. `mean`: their coefficients' mean; `confidence`: weighted by the cosine between photograph
  and rendering of its prediction by the network trained on (of several the mean of their cosines),
  to the power of {SHARPNESS:g}; `features`: one prediction from the mean of the encoder's features.
- **Which photographs**: the first so many of an order sampled for each person with the evaluation's
  seed, and the last so many; a person's two probes are averaged.
- **Recall**: cosine of the network's features, ties in random order; the bootstrap's 95 % intervals
  over people. The gain over one photograph is over the same people.
"""
_COLORS = {ONE: "#333333", MEAN: OURS_COLOR, CONFIDENCE: DIFFERENT_COLOR, FEATURES: SAME_COLOR}


# Aggregation.


class SingleImages(NamedTuple):
    """What is known of N images, each alone.

    Attributes:
      faces: [N] predicted.
      confidences: [N] cosines of each image with the rendering of its face.
      features: [N, E] the encoder's.
    """

    faces: Coefficients
    confidences: np.ndarray
    features: np.ndarray


def confidences(images: np.ndarray, renderings: np.ndarray) -> np.ndarray:
    """Cosines [N] of features [N, D] of images with those of the renderings of their faces."""
    return np.sum(normalise(images) * normalise(renderings), axis=1)


def aggregate(run: Run, single: SingleImages, groups: np.ndarray) -> Mapping[str, Coefficients]:
    """One face a group of images, by each way to aggregate.

    Args:
      run: whose decoder decodes mean features.
      single: of N images.
      groups: int [G, k] rows of the images aggregated.
    """
    weights = np.maximum(single.confidences[groups], 0.0) ** SHARPNESS
    even = np.ones(groups.shape)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0.0, weights, even)
    features = single.features[groups].mean(axis=1)
    return {
        MEAN: _weighted(single.faces, groups, even),
        CONFIDENCE: _weighted(single.faces, groups, weights),
        FEATURES: Coefficients(*(values.numpy() for values in run.decoder(tf.constant(features)))),
    }


def _weighted(faces: Coefficients, groups: np.ndarray, weights: np.ndarray) -> Coefficients:
    shares = weights / weights.sum(axis=1, keepdims=True)
    means = (np.einsum("gk,gkc->gc", shares, values[groups]) for values in faces)
    return Coefficients(*(mean.astype(np.float32) for mean in means))


# The images of a person: those there are, or further ones taken of known people.


@dataclass(frozen=True)
class Albums:
    """Images to aggregate; the gallery's is never among them.

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
    rows = {name: [] for name in people.names}
    for index in np.argsort(context.test.paths, kind="stable"):
        rows[context.test.identities[index]].append(index)
    several = np.flatnonzero([len(rows[name]) > 2 for name in people.names])
    chosen = _some(several, most, context.seed)
    images = [context.test.images[rows[people.names[person]][1:]] for person in chosen]
    return Albums(chosen, images)


def albums_taken(context: Context, people: TestPeople, most: int) -> Albums:
    """Of `most` people sampled with the seed, further photographs, taken as the embedded world's
    are, beside their others; kept on disk, by whom they show and how they were taken.

    Raises:
      InputError: somebody's true face is not known.
    """
    truth = context.truth
    chosen = _some(np.arange(len(people.names)), most, context.seed)
    names = tuple(people.names[person] for person in chosen)
    sitters = People(names, *truth.of(names))
    assignment = Assignment(FURTHER, context.config.photographs.size, [context.seed, _STREAM])
    digest = hashlib.blake2b(digest_size=12)
    for values in (truth.model.shape.mean, truth.model.color.mean, sitters.shape, sitters.texture):
        digest.update(np.ascontiguousarray(values).data)
    digest.update(f"{sitters.names} {tuple(assignment)}".encode())
    folder = expand_path(FURTHER_FOLDER) / digest.hexdigest()
    photograph_once(truth.model, sitters, assignment, folder, "to aggregate")
    listed = list_photographs(folder)
    taken = load_photographs(listed.paths, None, assignment.size, progress=False).images
    whose, others = np.array(listed.identities), people.another[chosen]
    images = [
        np.concatenate([context.test.images[[other] if other >= 0 else []], taken[whose == name]])
        for name, other in zip(names, others, strict=True)
    ]
    return Albums(chosen, images)


def _some(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    order = np.random.default_rng([seed, len(rows), _STREAM]).permutation(len(rows))
    return np.sort(rows[order[:most]])


# Measurement.


@dataclass(frozen=True)
class Aggregated:
    """Faces of the same N people from so many images each, aggregated in one way.

    Attributes:
      faces: [2 N]: each person's twice, from other images as far as there are.
      renderings: uint8 sRGB [2 N, H, W, 3].
    """

    count: int
    way: str
    faces: Coefficients
    renderings: np.ndarray


def aggregate_albums(context: Context, albums: Albums) -> list[Aggregated]:
    """By each of `COUNTS` that every album has, and each way to aggregate.

    A person's images are taken from the front and from the back of an order sampled with the seed:
    the first so many, and the last so many.
    """
    single, run = _single_images(context, np.concatenate(albums.images)), context.run
    sizes = [len(images) for images in albums.images]
    starts = np.cumsum([0, *sizes[:-1]])
    orders = [
        start + np.random.default_rng([context.seed, _ORDER_STREAM, person]).permutation(size)
        for start, size, person in zip(starts, sizes, albums.people, strict=True)
    ]
    found = []
    for count in (count for count in COUNTS if count <= min(sizes)):
        ends = [order[:count] for order in orders] + [order[::-1][:count] for order in orders]
        ways = aggregate(run, single, np.stack(ends))
        ways = {ONE: ways[MEAN]} if count == 1 else ways
        found += [(count, way, faces) for way, faces in ways.items()]
    together = run.draw(*map(np.concatenate, zip(*(faces for *_, faces in found), strict=True)))
    renderings = np.split(together, len(found))
    return [Aggregated(*each, images) for each, images in zip(found, renderings, strict=True)]


def _single_images(context: Context, images: np.ndarray) -> SingleImages:
    run = context.run
    faces = predict_faces(run, images, _KEPT_AS)
    shown = np.concatenate([images, run.draw(*faces)])
    trained_on = [network for network in context.networks if network.role == TRAINING]
    cosines = [confidences(*np.split(network.features(shown), 2)) for network in trained_on]
    features = encoder_features(run.encoder, images, _KEPT_AS)
    return SingleImages(faces, np.mean(cosines, axis=0), features)


def recall_frame(
    context: Context, albums: Albums, gallery: GalleryFeatures, found: Sequence[Aggregated]
) -> pd.DataFrame:
    """Rows of `COLUMNS`; the gain is over one image, of the same people, with its interval."""
    rows, people = [], np.tile(albums.people, 2)
    renderings = np.concatenate([each.renderings for each in found])
    for index, network in enumerate(context.networks):
        alone = None
        parts = np.split(network.features(renderings), len(found))
        for each, features in zip(found, parts, strict=True):
            ranks = rank_probes(features, people, gallery.features[index], gallery.people)
            hits = ranks.hits(1).reshape(2, -1).mean(axis=0)
            alone = hits if alone is None else alone
            gain = estimate(hits - alone, albums.people, context.seed)
            who = (network.name, network.role, len(albums.people), len(gallery.people))
            named = dict(zip(COLUMNS, (each.count, each.way, *who), strict=False))
            recall = recall_columns(ranks, people, context.seed)
            rows.append(named | recall | gain.columns("gain"))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def geometry_frame(context: Context, true: Coefficients, found: Sequence[Aggregated]):
    """`geometry_table` of each way to aggregate, which and of how many images in front.

    Args:
      true: [N] in the ground truth's model.
    """
    twice = Coefficients(*(np.concatenate([values, values]) for values in true))
    faces = {str(number): each.faces for number, each in enumerate(found)}
    frame = geometry_table(context.run.model, faces, context.truth.model, twice)
    frame.insert(0, "photographs", [each.count for each in found])
    frame.insert(1, "pooling", [each.way for each in found])
    return frame.drop(columns=["method"]).assign(people=len(true.shape))


# The suite.


def pooling_suite(context: Context) -> Section:
    """Aggregates predictions for photographs there are, or in the embedded world further ones.

    Raises:
      NotRun: fewer than two test people have three photographs.
      InputError: the decoder gives coefficients that are not finite.
    """
    people = test_people(context.test.paths, context.test.identities)
    take = bool(context.config.embedded_world and context.truth)
    if take:
        albums = albums_taken(context, people, PEOPLE_RENDERED)
    else:
        albums = albums_there_are(context, people, PEOPLE)
    if len(albums.people) < 2:
        raise NotRun(
            f"of {len(albums.people)} test people there are three photographs, and at least 2 are "
            "needed"
        )
    found = aggregate_albums(context, albums)
    recall = recall_frame(context, albums, test_gallery(context, people), found)
    sizes = [len(images) for images in albums.images]
    further = f", {FURTHER} of them taken for this" if take else ""
    caption = (
        f"Top-1 recall among {recall['gallery'].iloc[0]:,} photographs over how many photographs "
        "are aggregated; bars: 95 % intervals."
    )
    return Section(
        name="pooling",
        title="Several photographs of one person",
        protocol=_PROTOCOL,
        facts=(
            ("people in the gallery", f"{len(people.names):,}"),
            ("people whose photographs are aggregated", f"{len(albums.people):,}"),
            ("photographs of each to aggregate", f"{min(sizes)} to {max(sizes)}{further}"),
            ("chance, top-1", tables.percent(1 / len(people.names))),
        ),
        tables=_tables(context, people, albums, recall, found),
        plots=(Plot("pooling", caption, _figure(recall)),),
        images=(_sheet(context, people, albums, found),),
    )


def _tables(context, people, albums: Albums, recall: pd.DataFrame, found) -> tuple[Table, ...]:
    shares = ("top1", "top1_low", "top1_high", "top5", "gain", "gain_low", "gain_high")
    words = ("top-1", "from", "to", "top-5", "gain, top-1", "gain from", "gain to")
    headings = {name: name for name in COLUMNS[:4]} | {"pooling": "aggregated by"}
    headings |= dict(zip(shares, words, strict=True))
    caption = "Recall of a photograph that is not aggregated."
    table = Table("pooling", caption, recall, headings, dict.fromkeys(shares, tables.percent))
    if not context.truth:
        return (table,)
    headings = {name: headings[name] for name in COLUMNS[:2]}
    headings |= {"vertex_mm": "vertex error, mm", "color_rms": "colour error"}
    formats = {"vertex_mm": tables.decimals(2), "color_rms": tables.decimals(3)}
    caption = (
        "Distance from the true faces: mean of all vertices after rigid alignment, and root mean "
        "square of the colours."
    )
    true = context.truth.of([people.names[person] for person in albums.people])
    errors = geometry_frame(context, true, found)
    return (table, Table("pooling_geometry", caption, errors, headings, formats))


def _figure(recall: pd.DataFrame) -> Figure:
    networks = list(recall.groupby(["network", "role"], sort=False))
    figure = Figure(figsize=(0.6 + 3.6 * len(networks), 3.4), layout="constrained")
    grid = figure.subplots(1, len(networks), squeeze=False, sharey=True)[0]
    for axes, ((network, role), rows) in zip(grid, networks, strict=True):
        for shift, (way, line) in enumerate(rows.groupby("pooling", sort=False)):
            top1, at = 100 * line["top1"], line["photographs"] + 0.06 * (shift - 1)
            ends = [top1 - 100 * line["top1_low"], 100 * line["top1_high"] - top1]
            label = "one photograph" if way == ONE else f"aggregated by {way}"
            style = {"marker": "o", "markersize": 4, "capsize": 2, "linewidth": 1.2}
            axes.errorbar(at, top1, np.maximum(ends, 0.0), color=_COLORS[way], label=label, **style)
        axes.set_title(f"{network} ({ROLES[role]})", fontsize="medium")
        axes.set_xlabel("photographs aggregated")
        axes.set_xticks(sorted(rows["photographs"].unique()))
    grid[0].set_ylabel("top-1 recall, %")
    legend_below(figure, grid[0], columns=4)
    return clean(figure)


def _sheet(context: Context, people: TestPeople, albums: Albums, found) -> ImageFile:
    shown = slice(min(SHOWN, len(albums.people)))
    whom = albums.people[shown]
    by_way = {(each.count, each.way): each.renderings for each in found}
    most = max(each.count for each in found)
    columns = [
        context.test.images[people.first[whom]],
        *(np.stack([images[n] for images in albums.images[shown]]) for n in range(2)),
        by_way[1, ONE][shown],
        by_way[most, CONFIDENCE][shown],
    ]
    headings = ("sought", "aggregated", "aggregated", "from one", f"from {most}")
    names = [people.names[person].replace("_", " ") for person in whom]
    caption = (
        "The gallery's photograph, two of those aggregated, and the renderings of the face from "
        "one photograph and from all, by confidence."
    )
    return ImageFile("pooling_people", caption, contact_sheet(columns, names, headings))
