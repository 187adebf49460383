"""What becomes of recall and coefficients: a row for each stress, level and network."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context, JudgeNetwork
from tf_morph.evaluation.reading import read_faces
from tf_morph.evaluation.stress.consistency import Share, self_consistency
from tf_morph.evaluation.stress.in_the_round import View
from tf_morph.evaluation.stress.transformation import Transformation
from tf_morph.recognition.recall import Placing, place, wilson_interval

KEPT_AS = "stressed"  # in the cache of features
_AT_ONCE = 3000  # pictures
COLUMNS = (
    *("family", "stress", "title", "level", "amount", "severity", "network", "role", "people"),
    *("gallery", "top1", "top1_low", "top1_high", "top5", "photograph_top1"),
    *("shape", "shape_low", "shape_high", "texture", "texture_low", "texture_high"),
    *("both", "both_low", "both_high"),
)


class Gallery(NamedTuple):
    """Photographs to be found.

    Attributes:
      features: of each network, [G, D].
      people: [G], whom each shows.
    """

    features: Sequence[np.ndarray]
    people: np.ndarray


@dataclass(frozen=True)
class Sitting:
    """Stressed photographs of some people, and what they are held against.

    Attributes:
      family: what kind of stress, for the tables.
      people: [M] whom the photographs show, as the gallery counts them, M >= 2.
      clean: [M] faces read from what is no stress.
    """

    family: str
    people: np.ndarray
    clean: Coefficients


@dataclass(frozen=True)
class Stressed:
    """One level of one stress.

    Attributes:
      sitting: of whom.
      stress, title, level, amount: as a `Transformation` or `View` has them.
      severity: of the level in the stress, in (0, 1].
      images: [M, S, S, 3] uint8 sRGB.
    """

    sitting: Sitting
    stress: str
    title: str
    level: str
    amount: float
    severity: float
    images: np.ndarray


class Example(NamedTuple):
    """One person's pictures of a stress: photographs [L, S, S, 3] and drawings [L, H, W, 3]."""

    title: str
    levels: tuple[str, ...]
    photographs: np.ndarray
    drawings: np.ndarray


def measure(
    context: Context, gallery: Gallery, levels: Iterable[Stressed], shown: int = 0
) -> tuple[pd.DataFrame, list[Example]]:
    """Reads, draws and looks for the faces of stressed photographs.

    Args:
      context: whose run reads and draws, and whose networks look.
      gallery: where they look.
      levels: a stress's one after the other.
      shown: who, of each level's people, stands in the examples.

    Returns:
      Rows of `COLUMNS`, and an example a stress.
    """
    rows, examples = [], {}
    for some in _batches(levels):
        images = np.concatenate([level.images for level in some])
        faces = read_faces(context.run, images, KEPT_AS)
        drawings = context.run.draw(*faces)
        seen = _features(context, images, drawings)
        for level, part in zip(some, _parts(some), strict=True):
            shares = _shares(level, faces.rows(part), context.seed)
            rows += [row | shares for row in _rows(context, gallery, level, seen, part)]
            pictures = (level.level, level.images[shown], drawings[part][shown])
            of_stress = (level.sitting.family, level.stress)
            examples.setdefault(of_stress, (level.title, []))[1].append(pictures)
    return pd.DataFrame(rows, columns=list(COLUMNS)), [_example(*e) for e in examples.values()]


def stress_levels(
    sitting: Sitting, stress: Transformation | View, make: Callable[[float], np.ndarray]
) -> Iterator[Stressed]:
    """The levels of a stress, the pictures of each by `make(amount)`."""
    for number, amount in enumerate(stress.amounts, start=1):
        words = (stress.name, stress.title, stress.label(amount))
        yield Stressed(sitting, *words, amount, number / len(stress.amounts), make(amount))


def _batches(levels: Iterable[Stressed]) -> Iterator[list[Stressed]]:
    """Levels together of some `_AT_ONCE` pictures: each network starts anew for every batch."""
    some = []
    for level in levels:
        some.append(level)
        if sum(len(level.images) for level in some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _parts(levels: Sequence[Stressed]) -> list[slice]:
    ends = np.cumsum([len(level.images) for level in levels])
    return [slice(end - len(lv.images), end) for end, lv in zip(ends, levels, strict=True)]


class _Seen(NamedTuple):
    """Features of a batch's drawings by each network, and of its photographs by the first."""

    drawings: Sequence[np.ndarray]
    photographs: np.ndarray


def _features(context: Context, images: np.ndarray, drawings: np.ndarray) -> _Seen:
    first, *others = context.networks
    if images.shape == drawings.shape:  # both at once, so that the network starts once
        of_drawings, of_images = np.split(first.features(np.concatenate([drawings, images])), 2)
    else:
        of_drawings, of_images = first.features(drawings), first.features(images)
    return _Seen([of_drawings, *(network.features(drawings) for network in others)], of_images)


def _shares(level: Stressed, faces: Coefficients, seed: int) -> dict[str, float]:
    """`self_consistency` as columns."""
    return {
        kind + ending: getattr(share, field)
        for kind, share in self_consistency(level.sitting.clean, faces, seed).items()
        for field, ending in zip(Share._fields, ("", "_low", "_high"), strict=True)
    }


def _rows(
    context: Context, gallery: Gallery, level: Stressed, seen: _Seen, part: slice
) -> list[dict]:
    people = level.sitting.people
    itself = place(seen.photographs[part], people, gallery.features[0], gallery.people)
    rows = []
    for index, network in enumerate(context.networks):
        among = gallery.features[index], gallery.people
        placing = place(seen.drawings[index][part], people, *among)
        rows.append(_named(level, network) | recall_columns(placing) | {"gallery": len(among[1])})
    rows[0]["photograph_top1"] = float(itself.hits(1).mean())
    return rows


def recall_columns(placing: Placing, people: int | None = None) -> dict[str, float]:
    """Top-1 with Wilson's 95 % interval, and top-5.

    Args:
      people: how many the queries are of, for the interval; None: one a query.
    """
    top1 = float(placing.hits(1).mean())
    low, high = wilson_interval(top1, people or len(placing.higher))
    top5 = float(placing.hits(5).mean())
    return {"top1": top1, "top1_low": low, "top1_high": high, "top5": top5}


def _named(level: Stressed, network: JudgeNetwork) -> dict:
    return {
        "family": level.sitting.family,
        "stress": level.stress,
        "title": level.title,
        "level": level.level,
        "amount": level.amount,
        "severity": level.severity,
        "network": network.name,
        "role": network.role,
        "people": len(level.sitting.people),
    }


def _example(title: str, pictures: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> Example:
    levels, photographs, drawings = zip(*pictures, strict=True)
    return Example(title, levels, np.stack(photographs), np.stack(drawings))
