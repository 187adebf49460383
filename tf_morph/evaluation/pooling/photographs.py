"""Several photographs of one person: those there are, or further ones taken of known people."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tf_morph.config import expand_path
from tf_morph.embedded.people import People
from tf_morph.embedded.photographer import Assignment
from tf_morph.embedded.world import photograph_once
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.galleries import TestPeople
from tf_morph.evaluation.known_truth.truth import KnownTruth
from tf_morph.photographs.decode import load_photographs
from tf_morph.photographs.folders import list_photographs

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
    """Of up to `most` people drawn with the seed, all photographs but the gallery's.

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


def albums_taken(context: Context, people: TestPeople, truth: KnownTruth, most: int) -> Albums:
    """Of `most` people drawn with the seed, further photographs as the embedded world's are taken,
    beside their others; kept on disk, by whom they show and how they were taken.

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


def _digest(truth: KnownTruth, sitters: People, assignment: Assignment) -> str:
    digest = hashlib.blake2b(digest_size=12)
    model = truth.model
    for values in (model.shape.mean, model.color.mean, sitters.shape, sitters.texture):
        digest.update(np.ascontiguousarray(values).data)
    digest.update(f"{sitters.names} {tuple(assignment)}".encode())
    return digest.hexdigest()
