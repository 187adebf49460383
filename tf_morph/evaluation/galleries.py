"""Which photographs make up the galleries: one a person, and disjoint galleries of 84 people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PAPER_GALLERY = 84  # images of MoFA-Test, on which the paper reports recall


@dataclass(frozen=True)
class TestPeople:
    """The people evaluated, in the order of their names, as indices into the test photographs.

    Attributes:
      names: the people, P of them.
      first: [P] each person's first photograph by path: the gallery.
      another: [P] the person's second photograph by path, -1 where there is none.
    """

    __test__ = False  # not a test case, whatever its name

    names: tuple[str, ...]
    first: np.ndarray
    another: np.ndarray

    @property
    def with_another(self) -> np.ndarray:
        """Indices into `names` of the people of whom there are two photographs or more."""
        return np.flatnonzero(self.another >= 0)


def test_people(paths: Sequence[str], identities: Sequence[str]) -> TestPeople:
    """Chooses each person's photographs by name, so that no shuffle or seed moves the choice.

    Args:
      paths: of the photographs, N.
      identities: whom each shows, N.
    """
    photographs: dict[str, list[int]] = {}
    for index in sorted(range(len(paths)), key=lambda index: paths[index]):
        photographs.setdefault(identities[index], []).append(index)
    names = tuple(sorted(photographs))
    return TestPeople(
        names=names,
        first=np.array([photographs[name][0] for name in names], int),
        another=np.array([(photographs[name] + [-1])[1] for name in names], int),
    )


test_people.__test__ = False  # pytest would collect it where it is imported


def disjoint_galleries(people: int, size: int, seed: int) -> list[np.ndarray]:
    """Galleries of `size` people without overlap, from one seeded shuffle of range(people).

    Those left over are in none; without enough people for one gallery there is none.
    """
    order = np.random.default_rng([seed, size]).permutation(people)
    return [np.sort(order[i : i + size]) for i in range(0, people - size + 1, size)]
