"""Makes a file of pairs for any folder of photographs, in the format of LFW's pairs.txt.

    python -m tf_morph.evaluation.verification.pairs FOLDER OUT --folds=10 --pairs=300 --seed=0

FOLDER holds a subfolder a person. The people are dealt out to the folds, nobody to two. In a fold
pairs of one person are drawn in rounds, in each round one of everybody who has another; pairs of
two people so that two people meet again only when all have met.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.evaluation.verification.pair_file import pair_line, photograph_field
from tf_morph.photographs.folders import list_photographs

Person = Sequence[Path]  # the person's photographs
_IndexPair = tuple[int, int]


def make_pairs(folder: str | Path, folds: int = 10, pairs: int = 300, seed: int = 0) -> str:
    """The text of a file of pairs; the same for the same file names and arguments.

    Args:
      folder: of photographs, a subfolder a person.
      folds: at least 2.
      pairs: of each kind in each fold, at least 1.
      seed: not negative.

    Raises:
      InputError: no such folder, an argument is too small, or a fold has too few pairs.
    """
    for name, value, least in (("folds", folds, 2), ("pairs", pairs, 1), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"--{name}={value}: give at least {least}")
    random = np.random.default_rng(seed)
    people = _people(expand_path(str(folder)))
    lines = [f"{folds}\t{pairs}"]
    for number, fold in enumerate(_dealt(people, folds, random), 1):
        drawn = _same_pairs(fold, pairs, random), _different_pairs(fold, pairs, random)
        for kind, found in zip(("one person", "two people"), drawn, strict=True):
            if len(found) < pairs:
                raise InputError(
                    f"{folder}: fold {number} of {folds} has {len(fold):,} people and "
                    f"{len(found):,} pairs of {kind}; give fewer --pairs or --folds"
                )
            lines += [pair_line(_field(one), _field(other)) for one, other in found]
    return "\n".join(lines) + "\n"


def _people(folder: Path) -> list[Person]:
    photographs = list_photographs(folder)
    people: dict[str, list[Path]] = {}
    for path in map(Path, photographs.paths):
        if path.parent != folder:  # a file beside the subfolders is nobody's
            people.setdefault(path.parent.name, []).append(path)
    return list(people.values())


def _dealt(people: list[Person], folds: int, random: np.random.Generator) -> list[list[Person]]:
    """The people in folds: as many in each, and as many of those with the most photographs."""
    shuffled = [people[i] for i in random.permutation(len(people))]
    shuffled.sort(key=len, reverse=True)
    return [shuffled[fold::folds] for fold in range(folds)]


def _same_pairs(fold, wanted: int, random) -> list[tuple[Path, Path]]:
    repeated = [person for person in fold if len(person) > 1]

    def photographs(group: int, pair: int) -> tuple[Path, Path]:
        first, second = _unordered(pair)
        return repeated[group][first], repeated[group][second]

    sizes = np.array([len(person) * (len(person) - 1) // 2 for person in repeated], np.int64)
    groups = np.arange(len(repeated))
    return [photographs(*drawn) for drawn in _rounds(groups, sizes, wanted, random)]


def _different_pairs(fold, wanted: int, random) -> list[tuple[Path, Path]]:
    meetings = len(fold) * (len(fold) - 1) // 2
    groups = random.choice(meetings, min(wanted, meetings), replace=False) if meetings else []

    def photographs(group: int, pair: int) -> tuple[Path, Path]:
        one, other = (fold[i] for i in _unordered(group))
        return one[pair // len(other)], other[pair % len(other)]

    people = [_unordered(int(group)) for group in groups]
    sizes = np.array([len(fold[i]) * len(fold[j]) for i, j in people], np.int64)
    return [photographs(*drawn) for drawn in _rounds(groups, sizes, wanted, random)]


def _rounds(groups, sizes: np.ndarray, wanted: int, random) -> list[_IndexPair]:
    """Draws (group, one of its pairs), no pair twice, from every group once a round.

    Args:
      groups: [G] what to call each group.
      sizes: [G] how many pairs it has.
      wanted: how many to draw; fewer where there are no more.
    """
    taken = np.zeros(len(sizes), np.int64)
    while taken.sum() < wanted and (taken < sizes).any():
        left = random.permutation(np.flatnonzero(taken < sizes))
        taken[left[: wanted - taken.sum()]] += 1
    return [
        (int(group), int(pair))
        for group, size, count in zip(groups, sizes, taken, strict=True)
        for pair in random.choice(size, count, replace=False)
    ]


def _unordered(index: int) -> _IndexPair:
    """The pair that comes at `index` in (0, 1), (0, 2), (1, 2), (0, 3), …"""
    second = (1 + math.isqrt(1 + 8 * index)) // 2
    return index - second * (second - 1) // 2, second


def _field(photograph: Path) -> tuple[str, str]:
    return photograph.parent.name, photograph_field(photograph)


def define_flags():
    flags.DEFINE_integer("folds", 10, "how many; nobody is in two", lower_bound=2)
    flags.DEFINE_integer("pairs", 300, "of each kind in each fold", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "of the draw", lower_bound=0)


def main(argv):
    values, out = flags.FLAGS, expand_path(argv[2])
    text = make_pairs(argv[1], values.folds, values.pairs, values.seed)
    with whole_file(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"{out}: {values.folds} folds of {values.pairs} pairs of each kind")


if __name__ == "__main__":
    run_main(main, ("FOLDER", "OUT"), define_flags)
