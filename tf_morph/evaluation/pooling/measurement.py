"""What pooling gains: recall of a photograph that is not among those pooled, and millimetres."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.gallery_recall.intervals import bootstrap_interval
from tf_morph.evaluation.known_truth.geometry import geometry_table
from tf_morph.evaluation.pooling.photographs import Albums
from tf_morph.evaluation.pooling.pool import MEAN, Readings, confidences, pool
from tf_morph.evaluation.reading import read_faces
from tf_morph.evaluation.roles import TRAINING
from tf_morph.evaluation.stress.measurement import Gallery, recall_columns
from tf_morph.recognition.recall import place
from tf_morph.regression.photograph_features import encoder_features

ONE = "none"  # the way to pool a single photograph
COUNTS = (1, 2, 3, 5, 7)  # photographs pooled, as far as there are so many
_KEPT_AS = "pooled"
_STREAM = 12  # of the seed
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
    faces = read_faces(run, images, _KEPT_AS)
    shown = np.concatenate([images, run.draw(*faces)])
    trained_on = [network for network in context.networks if network.role == TRAINING]
    cosines = [confidences(*np.split(network.features(shown), 2)) for network in trained_on]
    of_encoder = encoder_features(run.encoder, images, _KEPT_AS)
    return Readings(faces, np.mean(cosines, axis=0), of_encoder)


def pool_albums(context: Context, albums: Albums, readings: Readings) -> list[Pooled]:
    """By each of `COUNTS` that every album has, and each way to pool.

    A person's photographs are taken from the front and from the back of an order drawn with the
    seed: the first so many, and the last so many.
    """
    sizes = [len(images) for images in albums.images]
    starts = np.cumsum([0, *sizes[:-1]])
    orders = [
        start + np.random.default_rng([context.seed, _STREAM, person]).permutation(size)
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
    context: Context, albums: Albums, gallery: Gallery, pooled: Sequence[Pooled], drawings
) -> pd.DataFrame:
    """Rows of `COLUMNS`; the gain is over one photograph, of the same people, with its interval.

    Args:
      drawings: of each of `pooled`, [2 N, H, W, 3] uint8 sRGB.
    """
    rows, people = [], np.tile(albums.people, 2)
    for index, network in enumerate(context.networks):
        seen = np.split(network.features(np.concatenate(drawings)), len(pooled))
        alone = None
        for way, features in zip(pooled, seen, strict=True):
            placing = place(features, people, gallery.features[index], gallery.people)
            hits = placing.hits(1).reshape(2, -1).mean(axis=0)
            alone = hits if alone is None else alone
            figures = recall_columns(placing, len(albums.people))
            ends = bootstrap_interval(hits - alone, albums.people, context.seed)
            gained = (float(np.mean(hits - alone)), *ends)
            gain = zip(("gain", "gain_low", "gain_high"), gained, strict=True)
            who = (network.name, network.role, len(albums.people), len(gallery.people))
            named = dict(zip(COLUMNS, (way.photographs, way.pooling, *who), strict=False))
            rows.append(named | figures | dict(gain))
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


def draw_pooled(context: Context, pooled: Sequence[Pooled]) -> list[np.ndarray]:
    """Frontal drawings of each."""
    parts = zip(*(way.faces for way in pooled), strict=True)
    drawn = context.run.draw(*map(np.concatenate, parts))
    return np.split(drawn, len(pooled))
