"""Which photographs make up the galleries: one a person; people of a fixed split, or drawn."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tf_morph.errors import InputError

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


def galleries_of(
    names: Sequence[str], sets: Mapping[str, Collection[str]], seed: int
) -> list[list[np.ndarray]]:
    """`fixed_galleries` of the sets, or where there are none `drawn_galleries` with the seed."""
    return fixed_galleries(names, sets) if sets else drawn_galleries(len(names), seed)


def disjoint_galleries(people: int, size: int, seed: int) -> list[np.ndarray]:
    """Galleries of `size` people without overlap, from one seeded shuffle of range(people).

    Those left over are in none; without enough people for one gallery there is none.
    """
    order = np.random.default_rng([seed, size]).permutation(people)
    return [np.sort(order[i : i + size]) for i in range(0, people - size + 1, size)]


def drawn_galleries(people: int, seed: int) -> list[list[np.ndarray]]:
    """Disjoint galleries of `PAPER_GALLERY` people, where there are more, and one of everybody."""
    everybody = [np.arange(people)]
    if people <= PAPER_GALLERY:
        return [everybody]
    return [disjoint_galleries(people, PAPER_GALLERY, seed), everybody]


def fixed_galleries(
    names: Sequence[str], sets: Mapping[str, Collection[str]]
) -> list[list[np.ndarray]]:
    """The galleries of a fixed split as rows of `names`, those of one size together, small first.

    Raises:
      InputError: of one set there are fewer than two people among `names`.
    """
    by_size: dict[int, list[np.ndarray]] = {}
    for name, people in sets.items():
        rows = np.flatnonzero([person in people for person in names])
        if len(rows) < 2:
            raise InputError(
                f"photographs of {len(rows)} people of the set {name!r} can be read, and recall "
                "needs at least 2; mend the photographs or photographs.split"
            )
        by_size.setdefault(len(rows), []).append(rows)
    return [by_size[size] for size in sorted(by_size)]
