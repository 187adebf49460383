"""Predictions for an image set: faces, their renderings, and what recognition networks see.

Several suites need the same; they are predicted and rendered once a command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tf_morph.evaluation.context import Context, EvaluationNetwork
from tf_morph.evaluation.identification import Probes
from tf_morph.evaluation.image_sets import ImageSet, image_set
from tf_morph.evaluation.methods import OURS
from tf_morph.evaluation.other_methods import OtherMethod, other_methods
from tf_morph.photographs.folders import Photographs
from tf_morph.regression.coefficient_statistics import random_faces
from tf_morph.regression.ground_truth_faces import Coefficients

MOST_TRAINED_ON = 1500  # photographs of people trained on whose faces are rendered
RANDOM_FACES = 500
_BLOCK = 4096  # renderings held at once: 206 MB at 128 x 128


@dataclass(frozen=True)
class NetworkFeatures:
    """What one network sees, as features.

    Attributes:
      network: which.
      images: [N, D], of the whole set.
      renderings: by method; `OURS` is there.
      mean_face: [1, D], of the mean face rendered.
      random_faces: [R, D], of faces sampled from the prior.
    """

    network: EvaluationNetwork
    images: np.ndarray
    renderings: Mapping[str, Probes]
    mean_face: np.ndarray
    random_faces: np.ndarray


@dataclass(frozen=True)
class Predictions:
    """An image set of N photographs, and renderings of the faces predicted for Q of them.

    Attributes:
      images: the whole set.
      rendered: [Q] rows of `images`, increasing.
      faces: [Q].
      others: what other methods made of some of the photographs.
      features: by each of the context's networks, in their order.
    """

    images: ImageSet
    rendered: np.ndarray
    faces: Coefficients
    others: tuple[OtherMethod, ...]
    features: tuple[NetworkFeatures, ...]

    @property
    def complete(self) -> bool:
        """Whether no photograph was left out."""
        return len(self.rendered) == len(self.images.trained_on)


def predictions(
    context: Context, source: Path | None, listed: Photographs | None = None
) -> Predictions:
    """Predicts and renders the faces of an image set; again in one command it gives the same.

    All photographs of people never trained on are rendered; of those trained on, all of some
    people, sampled by the context's seed, up to `MOST_TRAINED_ON` photographs.

    Args:
      source: a folder; None for the run's own photographs.
      listed: see `image_set`.

    Raises:
      InputError, NotRun: what `image_set`, `predict_faces` and `other_methods` raise.
    """
    key = ("predictions", source and source.resolve(), listed)
    if key not in context.shared:
        context.shared[key] = _predictions(context, image_set(context, source, listed))
    return context.shared[key]


def _predictions(context: Context, images: ImageSet) -> Predictions:
    rendered = photographs_to_render(images.identities, images.trained_on, context.seed)
    faces = images.faces(context.run).rows(rendered)
    others = other_methods(context, images)
    mean_face = Coefficients(*(np.zeros_like(values[:1]) for values in faces))
    sampled = random_faces(RANDOM_FACES, [values.shape[1] for values in faces], context.seed)
    seen = (_rendering_features(context, each) for each in (faces, mean_face, sampled))
    features = tuple(
        NetworkFeatures(
            network,
            images.features(network),
            {
                OURS: Probes(ours, rendered),
                **{
                    other.name: Probes(
                        network.features(other.images).astype(np.float32), other.rows
                    )
                    for other in others
                    if len(other.rows)
                },
            },
            mean,
            random,
        )
        for network, ours, mean, random in zip(context.networks, *seen, strict=True)
    )
    return Predictions(images, rendered, faces, others, features)


def photographs_to_render(
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


def _rendering_features(context: Context, faces: Coefficients) -> list[np.ndarray]:
    """Features [Q, D] by each network of the faces rendered; no more than a block is held."""
    blocks = []
    for start in range(0, len(faces.shape), _BLOCK):
        images = context.run.draw(*faces.rows(slice(start, start + _BLOCK)))
        blocks.append([network.features(images).astype(np.float32) for network in context.networks])
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
