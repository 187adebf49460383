"""The photographs of a data set, the faces read from them and their drawings, as networks see them.

Several suites ask for the same; they are read and drawn once a command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tf_morph.evaluation.coefficients import Coefficients, prior_sample
from tf_morph.evaluation.context import Context, JudgeNetwork
from tf_morph.evaluation.other_methods.pictures import OtherMethod, other_methods
from tf_morph.evaluation.source_photographs import SourcePhotographs, source_photographs
from tf_morph.photographs.folders import Photographs

MOST_TRAINED_ON = 1500  # photographs of people trained on whose faces are drawn
RANDOM_FACES = 500
_BLOCK = 4096  # drawings held at once: 206 MB at 128 x 128


@dataclass(frozen=True)
class SeenBy:
    """What one network sees, as float32 features.

    Attributes:
      network: which.
      photographs: [N, D].
      drawings: [Q, D], of the faces read from the photographs `DrawnPhotographs.drawn`.
      mean_face: [1, D], the mean face drawn.
      random_faces: [R, D], of faces drawn from the prior.
      others: by method that made any, [M, D], of its pictures.
    """

    network: JudgeNetwork
    photographs: np.ndarray
    drawings: np.ndarray
    mean_face: np.ndarray
    random_faces: np.ndarray
    others: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class DrawnPhotographs:
    """Photographs, N of them, and drawings of the faces read from Q of them.

    Attributes:
      photographs: all of the data set.
      drawn: [Q] rows of `photographs`, increasing.
      faces: [Q].
      others: what other methods made of some of the photographs.
      seen: by each of the context's networks, in their order.
    """

    photographs: SourcePhotographs
    drawn: np.ndarray
    faces: Coefficients
    others: tuple[OtherMethod, ...]
    seen: tuple[SeenBy, ...]

    @property
    def all_drawn(self) -> bool:
        """Whether no photograph was left out."""
        return len(self.drawn) == len(self.photographs.trained_on)


def drawn_photographs(
    context: Context, source: Path | None, listed: Photographs | None = None
) -> DrawnPhotographs:
    """Reads and draws the faces of a data set; asked again in one command it gives the same.

    All photographs of people never trained on are drawn; of those trained on, all of some people,
    drawn by the context's seed, up to `MOST_TRAINED_ON` photographs.

    Args:
      source: a folder; None for the run's own photographs.
      listed: see `source_photographs`.

    Raises:
      InputError, NotRun: what `source_photographs`, `read_faces` and `other_methods` raise.
    """
    key = ("drawn_photographs", source and source.resolve(), listed)
    if key not in context.shared:
        photographs = source_photographs(context, source, listed)
        context.shared[key] = _drawn_photographs(context, photographs)
    return context.shared[key]


def _drawn_photographs(context: Context, photographs: SourcePhotographs) -> DrawnPhotographs:
    drawn = photographs_to_draw(photographs.identities, photographs.trained_on, context.seed)
    faces = photographs.faces(context.run).rows(drawn)
    others = other_methods(context, photographs)
    mean_face = Coefficients(*(np.zeros_like(values[:1]) for values in faces))
    ours = _features_of_drawings(context, faces)
    means = _features_of_drawings(context, mean_face)
    randoms = _features_of_drawings(context, _random_faces(faces, context.seed))
    seen = tuple(
        SeenBy(
            network,
            photographs.features(network),
            *of_drawings,
            {
                other.name: network.features(other.images).astype(np.float32)
                for other in others
                if len(other.rows)
            },
        )
        for network, *of_drawings in zip(context.networks, ours, means, randoms, strict=True)
    )
    return DrawnPhotographs(photographs, drawn, faces, others, seen)


def photographs_to_draw(
    identities: np.ndarray, trained_on: np.ndarray, seed: int, most: int = MOST_TRAINED_ON
) -> np.ndarray:
    """Rows [Q], increasing: everybody never trained on, and some people trained on, whole.

    Args:
      identities: [N].
      trained_on: bool [N].
      seed: of the order in which people trained on are taken until the next one is too many.
      most: photographs of people trained on, at most.
    """
    names, person, counts = np.unique(
        identities[trained_on], return_inverse=True, return_counts=True
    )
    order = np.random.default_rng([seed, len(names)]).permutation(len(names))
    taken = np.zeros(len(names), bool)
    taken[order[np.cumsum(counts[order]) <= most]] = True
    chosen = ~trained_on
    chosen[trained_on] = taken[person]
    return np.flatnonzero(chosen)


def _random_faces(like: Coefficients, seed: int) -> Coefficients:
    shapes, textures = (values.shape[1] for values in like)
    values = prior_sample((RANDOM_FACES, shapes + textures), seed).astype(np.float32)
    return Coefficients(values[:, :shapes], values[:, shapes:])


def _features_of_drawings(context: Context, faces: Coefficients) -> list[np.ndarray]:
    """Features [Q, D] by each network of the faces drawn; no more than a block is held drawn."""
    starts = range(0, len(faces.shape), _BLOCK)
    blocks = []
    for start in starts:
        images = context.run.draw(*faces.rows(slice(start, start + _BLOCK)))
        blocks.append([network.features(images).astype(np.float32) for network in context.networks])
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
