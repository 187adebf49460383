"""What a recognition network sees in an evaluation, and what is asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tf_morph.evaluation.galleries import TestPeople
from tf_morph.evaluation.methods import (
    ANOTHER_PHOTOGRAPH,
    MEAN_FACE,
    METHODS,
    OURS,
    SOMEBODY_ELSE,
)
from tf_morph.evaluation.recall_table import Queries
from tf_morph.evaluation.similarity import (
    Similarities,
    different_person_pairs,
    pair_cosines,
    row_cosines,
    same_person_pairs,
)


@dataclass(frozen=True)
class NetworkFeatures:
    """Features by one network of everything an evaluation compares.

    Attributes:
      network: its name.
      role: `roles.JUDGE`, it took no part in training, or `roles.TRAINING`.
      photographs: [N, D] of all test photographs.
      drawings: what each method asks by drawings of its own; `OURS` is there, and asks for the P
        people in their order.
      mean_face: [D] of the mean face's rendering.
    """

    network: str
    role: str
    photographs: np.ndarray
    drawings: Mapping[str, Queries]
    mean_face: np.ndarray

    def gallery(self, people: TestPeople) -> np.ndarray:
        """Features [P, D] of each person's gallery photograph."""
        return self.photographs[people.first]

    def queries(self, people: TestPeople) -> dict[str, Queries]:
        """What each method but chance asks of the gallery, in the order of `METHODS`."""
        everybody, some = np.arange(len(people.names)), people.with_another
        ours = self.drawings[OURS].features
        asked = {
            **self.drawings,
            MEAN_FACE: Queries(np.tile(self.mean_face, (len(everybody), 1)), everybody),
            SOMEBODY_ELSE: Queries(np.roll(ours, 1, axis=0), everybody),
            ANOTHER_PHOTOGRAPH: Queries(self.photographs[people.another[some]], some),
        }
        return {method: asked[method] for method in METHODS if method in asked}

    def similarities(
        self, people: TestPeople, identities: Sequence[str], seed: int
    ) -> Similarities:
        """Cosines of pairs of photographs, and of gallery photographs with renderings.

        Args:
          people: the test people.
          identities: whom each of the N test photographs shows.
          seed: of the draw of pairs of two people, where there are too many to take all.
        """
        gallery = self.gallery(people)
        mean_face = np.broadcast_to(self.mean_face, gallery.shape)
        return Similarities(
            same=pair_cosines(self.photographs, same_person_pairs(identities)),
            different=pair_cosines(gallery, different_person_pairs(len(gallery), seed)),
            ours=row_cosines(gallery, self.drawings[OURS].features),
            mean_face=row_cosines(gallery, mean_face),
        )
