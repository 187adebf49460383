"""A run's test photographs, the faces it reads from them, and their renderings."""

from dataclasses import dataclass

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.galleries import TestPeople, test_people
from tf_morph.regression.components import PhotographSet
from tf_morph.regression.contact_sheet import turned
from tf_morph.regression.run import Run

TURN_RADIANS = np.deg2rad(30.0)


@dataclass(frozen=True)
class Subjects:
    """Everything an evaluation looks at, before any recognition network has seen it.

    Attributes:
      people: who is tested, and on which photographs.
      photographs: the test photographs, N of them.
      shape, texture: [P, K] and [P, L] coefficients in standard deviations, read from each
        person's gallery photograph.
      renderings: [P, H, W, 3] uint8 sRGB of those, in the frontal view.
      other_renderings: [A, H, W, 3] uint8 of the faces read from another photograph of each of
        `people.with_another`.
      mean_face: [1, H, W, 3] uint8, all coefficients zero.
    """

    people: TestPeople
    photographs: PhotographSet
    shape: np.ndarray
    texture: np.ndarray
    renderings: np.ndarray
    other_renderings: np.ndarray
    mean_face: np.ndarray


def make_subjects(run: Run, photographs: PhotographSet) -> Subjects:
    """Reads and draws the faces of the test photographs.

    Raises:
      InputError: they show fewer than two people, or the decoder gives coefficients that are not
        finite.
    """
    people = test_people(photographs.paths, photographs.identities)
    if len(people.names) < 2:
        raise InputError(
            f"photographs of {len(people.names)} test people can be read, and recall needs at "
            "least 2; raise photographs.test_identities or mend the photographs"
        )
    read = np.concatenate([people.first, people.another[people.with_another]])
    shape, texture = run.predict(photographs.images[read])
    if not (np.isfinite(shape).all() and np.isfinite(texture).all()):
        raise InputError("the run's decoder gives coefficients that are not finite; train it anew")
    renderings, count = run.draw(shape, texture), len(people.names)
    return Subjects(
        people=people,
        photographs=photographs,
        shape=shape[:count],
        texture=texture[:count],
        renderings=renderings[:count],
        other_renderings=renderings[count:],
        mean_face=run.draw(np.zeros_like(shape[:1]), np.zeros_like(texture[:1])),
    )


def turned_renderings(
    run: Run, subjects: Subjects, chosen: np.ndarray, yaw_radians: float
) -> np.ndarray:
    """uint8 sRGB [C, H, W, 3] of the people `chosen` [C], turned about their vertical axis."""
    scene = turned(run.drawer.frontal_scene(len(chosen)), yaw_radians)
    return run.draw(subjects.shape[chosen], subjects.texture[chosen], scene)
