"""A run's test photographs, the faces it reads from them, and their renderings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.coefficients import Coefficients, prior_sample
from tf_morph.evaluation.galleries import TestPeople, test_people
from tf_morph.evaluation.methods import OURS, OURS_FROM_ANOTHER, OURS_TURNED, RANDOM_FACE
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.contact_sheet import TURN_RADIANS, turned
from tf_morph.regression.photograph_sets import PhotographSet
from tf_morph.regression.run import Run


class Drawings(NamedTuple):
    """Faces drawn evenly lit, in the frontal view but where a method says otherwise.

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
      faces: [P], read from each person's gallery photograph.
      random_faces: [P], drawn from the prior.
      drawings: by method (methods.py), of those two, of `faces` turned by `TURN_RADIANS` and of the
        faces read from another photograph of each of `people.with_another`.
      mean_face: [1, H, W, 3] uint8, all coefficients zero.
    """

    people: TestPeople
    photographs: PhotographSet
    faces: Coefficients
    random_faces: Coefficients
    drawings: Mapping[str, Drawings]
    mean_face: np.ndarray


def make_subjects(
    run: Run, photographs: PhotographSet, seed: int, references: bool = True
) -> Subjects:
    """Reads and draws the faces of the test photographs.

    Args:
      run: what reads and draws them.
      photographs: of the test people.
      seed: of the random faces.
      references: whether to draw more than the faces read from the gallery photographs.

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
    read = np.concatenate([people.first, people.another[some]])
    predicted = Coefficients(*run.predict(photographs.images[read]))
    if not all(np.isfinite(values).all() for values in predicted):
        raise InputError("the run's decoder gives coefficients that are not finite; train it anew")
    faces, random_faces = predicted.rows(slice(count)), _random_faces(run, count, seed)
    mean_face = Coefficients(*(np.zeros_like(values[:1]) for values in faces))
    drawn_at_random = random_faces if references else random_faces.rows(slice(0))
    parts = zip(predicted, drawn_at_random, mean_face, strict=True)
    drawn, everybody = run.draw(*map(np.concatenate, parts)), np.arange(count)
    ends = np.cumsum([count, len(some), len(drawn_at_random.shape)])
    ours, others, of_random, of_mean = np.split(drawn, ends)
    aside = turned(run.drawer.frontal_scene(count), TURN_RADIANS)
    drawings = {
        OURS: Drawings(ours, everybody),
        OURS_TURNED: Drawings(run.draw(*faces, aside), everybody),
    }
    if references:
        drawings[OURS_FROM_ANOTHER] = Drawings(others, some)
        drawings[RANDOM_FACE] = Drawings(of_random, everybody)
    return Subjects(
        people=people,
        photographs=photographs,
        faces=faces,
        random_faces=random_faces,
        drawings=drawings,
        mean_face=of_mean,
    )


def _random_faces(run: Run, count: int, seed: int) -> Coefficients:
    shapes, textures = coefficient_counts(run.config, run.model)
    values = prior_sample((count, shapes + textures), seed).astype(np.float32)
    return Coefficients(values[:, :shapes], values[:, shapes:])
