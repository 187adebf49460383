"""What is asked of a gallery: by which features, and whom each question is to find."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tf_morph.evaluation.drawn_photographs import DrawnPhotographs, SeenBy
from tf_morph.evaluation.galleries import test_people
from tf_morph.evaluation.methods import ANOTHER_PHOTOGRAPH, MEAN_FACE, OURS, RANDOM_FACE
from tf_morph.evaluation.source_photographs import SourcePhotographs

PERSON, PHOTOGRAPH = "a photograph of the person", "the very photograph"


class Asked(NamedTuple):
    """Queries: features [Q, D], and the photograph each stands for, [Q]."""

    features: np.ndarray
    photographs: np.ndarray


@dataclass(frozen=True)
class Gallery:
    """Attributes:
    photographs: [G] rows of the data set's photographs.
    labels: by what counts as a hit, int [N] of every photograph: entries of a query's label are
      hits.
    """

    photographs: np.ndarray
    labels: Mapping[str, np.ndarray]


def one_a_person(photographs: SourcePhotographs) -> Gallery:
    """Each person's first photograph by name, so that no seed moves the choice."""
    people = test_people(photographs.paths, photographs.identities)
    return Gallery(people.first, {PERSON: person_labels(photographs)})


def every_photograph(photographs: SourcePhotographs) -> Gallery:
    """All photographs: a hit is any of the same person, and in a second count the very one."""
    everything = np.arange(len(photographs.identities))
    return Gallery(everything, {PERSON: person_labels(photographs), PHOTOGRAPH: everything})


def person_labels(photographs: SourcePhotographs) -> np.ndarray:
    """[N] a number a person."""
    return np.unique(photographs.identities, return_inverse=True)[1]


def asked_by_method(
    drawn: DrawnPhotographs, seen: SeenBy, gallery: Gallery, seed: int
) -> dict[str, Asked]:
    """By method (methods.py, and the names of other methods) what it asks of the gallery.

    The mean face is asked for every entry, a random face for one entry that is drawn by the seed.
    """
    entries = gallery.photographs
    others = np.setdiff1d(np.arange(len(seen.photographs)), entries)
    anybody = np.random.default_rng([seed, len(entries)]).choice(entries, len(seen.random_faces))
    asked = {
        OURS: Asked(seen.drawings, drawn.drawn),
        **{
            other.name: Asked(seen.others[other.name], other.rows)
            for other in drawn.others
            if len(other.rows)
        },
        MEAN_FACE: Asked(np.repeat(seen.mean_face, len(entries), axis=0), entries),
        RANDOM_FACE: Asked(seen.random_faces, anybody),
    }
    if len(others):
        asked[ANOTHER_PHOTOGRAPH] = Asked(seen.photographs[others], others)
    return asked


def groups_of(
    photographs: SourcePhotographs, gallery: Gallery, all_drawn: bool
) -> dict[tuple[str, str], np.ndarray]:
    """(people, photographs) in words to which photographs [N] bool are meant.

    People trained on and never trained on apart, and the gallery's own photographs and others;
    where there is but one kind, no more rows than that.

    Args:
      all_drawn: whether all photographs are asked about, so that everybody together means
        something.
    """
    in_gallery = np.zeros(len(photographs.trained_on), bool)
    in_gallery[gallery.photographs] = True
    people = {
        "never trained on": ~photographs.trained_on,
        "trained on": photographs.trained_on,
    }
    if all_drawn and photographs.trained_on.any() and not photographs.trained_on.all():
        people["everybody"] = np.ones_like(in_gallery)
    kinds = {"in the gallery": in_gallery, "another": ~in_gallery}
    if not in_gallery.all():
        kinds["any"] = np.ones_like(in_gallery)
    groups = {
        (who, which): whose & kind for who, whose in people.items() for which, kind in kinds.items()
    }
    return {name: members for name, members in groups.items() if members.any()}
