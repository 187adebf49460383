"""Predictions: faces predicted for the test people or an image set, their renderings, and features.

Several suites need the same of an image set: it is predicted and rendered once a command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, EvaluationNetwork
from tf_morph.evaluation.identification import Probes, TestPeople, test_people
from tf_morph.evaluation.image_sets import ImageSet, image_set
from tf_morph.evaluation.methods import OURS, OURS_FROM_ANOTHER, OURS_TURNED, RANDOM_FACE
from tf_morph.evaluation.other_methods import OtherMethod, other_methods
from tf_morph.photographs.folders import Photographs
from tf_morph.regression.coefficient_statistics import random_faces
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.contact_sheet import TURN_RADIANS, turned
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.photograph_sets import PhotographSet
from tf_morph.regression.run import Run

MOST_TRAINED_ON = 1500  # photographs of people trained on whose faces are rendered
RANDOM_FACES = 500
_BLOCK = 4096  # renderings held at once: 206 MB at 128 x 128


# The test people.


class Renderings(NamedTuple):
    """Faces rendered evenly lit, in the frontal view but where a method says otherwise.

    Attributes:
      images: [Q, H, W, 3] uint8 sRGB.
      people: [Q] whom each is to find, as a row of the test people.
    """

    images: np.ndarray
    people: np.ndarray


@dataclass(frozen=True)
class Subjects:
    """Everything an evaluation looks at, before any recognition network has seen it.

    Attributes:
      people: who is tested, P people, and on which photographs.
      photographs: the test photographs, N of them.
      faces: [P], predicted for each person's gallery photograph.
      random_faces: [P], sampled from the prior.
      renderings: by method (methods.py), of those two, of `faces` rotated by `TURN_RADIANS` and of
        the faces predicted for another photograph of each of `people.with_another`.
      mean_face: [1, H, W, 3] uint8, all coefficients zero.
    """

    people: TestPeople
    photographs: PhotographSet
    faces: Coefficients
    random_faces: Coefficients
    renderings: Mapping[str, Renderings]
    mean_face: np.ndarray

    def sample(self, most: int, seed: int) -> np.ndarray:
        """Rows of up to `most` people, sampled with the seed, increasing."""
        everybody = len(self.people.names)
        count = min(most, everybody)
        return np.sort(np.random.default_rng([seed, count]).permutation(everybody)[:count])

    def gallery_images(self, rows: np.ndarray) -> np.ndarray:
        """uint8 [M, S, S, 3]: the gallery photographs of people."""
        return self.photographs.images[self.people.first[rows]]


def make_subjects(
    run: Run, photographs: PhotographSet, seed: int, references: bool = True
) -> Subjects:
    """Predicts and renders the faces of the test photographs.

    Args:
      run: what predicts and renders them.
      photographs: of the test people.
      seed: of the random faces.
      references: whether to render more than the predictions for the gallery photographs.

    Raises:
      InputError: they show fewer than two people, or the decoder gives coefficients that are not
        finite.
    """
    people = test_people(photographs.paths, photographs.identities)
    count, some = len(people.names), people.with_another if references else np.zeros(0, int)
    if count < 2:
        raise InputError(
            f"photographs of {count} test people can be read, and recall needs at "
            "least 2; raise photographs.test_identities or mend the photographs"
        )
    chosen = np.concatenate([people.first, people.another[some]])
    predicted = Coefficients(*run.predict(photographs.images[chosen]))
    if not all(np.isfinite(values).all() for values in predicted):
        raise InputError("the run's decoder gives coefficients that are not finite; train it anew")
    faces = predicted.rows(slice(count))
    sampled = random_faces(count, coefficient_counts(run.config, run.model), seed)
    mean_face = Coefficients(*(np.zeros_like(values[:1]) for values in faces))
    of_prior = sampled if references else sampled.rows(slice(0))
    parts = zip(predicted, of_prior, mean_face, strict=True)
    rendered, everybody = run.draw(*map(np.concatenate, parts)), np.arange(count)
    ends = np.cumsum([count, len(some), len(of_prior.shape)])
    ours, others, of_random, of_mean = np.split(rendered, ends)
    rotated = turned(run.drawer.frontal_scene(count), TURN_RADIANS)
    renderings = {
        OURS: Renderings(ours, everybody),
        OURS_TURNED: Renderings(run.draw(*faces, rotated), everybody),
    }
    if references:
        renderings[OURS_FROM_ANOTHER] = Renderings(others, some)
        renderings[RANDOM_FACE] = Renderings(of_random, everybody)
    return Subjects(people, photographs, faces, sampled, renderings, of_mean)


# Image sets.


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
