"""A run's test people: their photographs, the faces predicted for them, and their renderings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.identification import TestPeople, test_people
from tf_morph.evaluation.methods import OURS, OURS_FROM_ANOTHER, OURS_TURNED, RANDOM_FACE
from tf_morph.regression.coefficient_statistics import random_faces
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.contact_sheet import TURN_RADIANS, turned
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.photograph_sets import PhotographSet
from tf_morph.regression.run import Run


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
