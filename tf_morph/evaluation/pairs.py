"""Pairs of photographs: files in the format of LFW's pairs.txt, and pairs sampled for any folder.

The format is that of section 3c of LFW's README (vis-www.cs.umass.edu/lfw/README.txt), its fields
apart by tabs or, where a line has none, by blanks:

    10	300                     folds, pairs of each kind in a fold
    Abel_Pacheco	1	4           a fold's pairs of one person: name, photograph, photograph
    …
    Abdel_Madi	1	Dean_Barker	1   then its pairs of two: name, photograph, name, photograph
    …                             then the next fold

A photograph is a number, 4 for `Name/Name_0004.jpg` (or another of the suffixes of
`photographs.folders`), or, beyond LFW's format, the name of a file in the person's folder.

    python -m tf_morph.evaluation.pairs FOLDER OUT --folds=10 --pairs=300 --seed=0

samples a file of pairs for a FOLDER that holds a subfolder a person. The people are dealt out to
the folds, nobody to two. In a fold pairs of one person are sampled in rounds, in each round one of
everybody who has another; pairs of two people so that two people meet again only when all have met.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import flags

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path
from tf_morph.errors import InputError, run_main
from tf_morph.photographs.folders import SUFFIXES, list_photographs

_MOST_NAMED = 3

Photograph = tuple[str, str]  # the person's name, and a number or a file's name


class Pairs(NamedTuple):
    """Pairs of photographs.

    Attributes:
      photographs: their paths, each once.
      rows: int64 [M, 2], the pairs as indices into `photographs`.
      same: bool [M], whether a pair shows one person.
      folds: int64 [M], from 0.
    """

    photographs: tuple[str, ...]
    rows: np.ndarray
    same: np.ndarray
    folds: np.ndarray


def read_pairs(path: str | Path, folder: str | Path, fewest_folds: int = 2) -> Pairs:
    """Reads a file of pairs and finds their photographs.

    Args:
      path: the file; `~` and environment variables are expanded.
      folder: of the photographs, a subfolder a person.
      fewest_folds: 2 where one is classified by a threshold from the others, else 1.

    Raises:
      InputError: no such file or folder, a line that is none of the format's (it is named by its
        number), more or fewer lines than the first one says, too few folds, or
        photographs that are not in the folder.
    """
    path, root = expand_path(str(path)), expand_path(str(folder))
    if not root.is_dir():
        what = "not a folder" if root.exists() else "no such folder"
        raise InputError(f"{root}: {what}; give the folder of the photographs in {path.name}")
    lines = _lines(path)
    folds, per_kind = _header(path, lines, fewest_folds)
    pairs = list(_parsed(path, lines[1:], folds, per_kind))
    photographs = list(dict.fromkeys(photograph for pair in pairs for photograph in pair))
    index = {photograph: row for row, photograph in enumerate(photographs)}
    return Pairs(
        photographs=_found(path, root, photographs),
        rows=np.array([[index[one], index[other]] for one, other in pairs], np.int64),
        same=np.tile(np.repeat([True, False], per_kind), folds),
        folds=np.repeat(np.arange(folds), 2 * per_kind),
    )


def pair_line(one: Photograph, other: Photograph) -> str:
    """The pair's line, without its end."""
    fields = (*one, other[1]) if one[0] == other[0] else (*one, *other)
    return "\t".join(fields)


def photograph_field(file: Path) -> str:
    """How a line names a photograph: its number where that leads to it, else its file's name."""
    number = file.stem.removeprefix(f"{file.parent.name}_")
    if number.isdecimal() and _find(file.parent.parent, (file.parent.name, number)) == file:
        return str(int(number))
    return file.name


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give pairs in the format of pairs.txt") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file; give pairs as pairs.txt holds them") from error
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _header(path: Path, lines: list[str], fewest_folds: int) -> tuple[int, int]:
    fields = lines[0].split() if lines else []
    if len(fields) != 2 or not all(field.isdecimal() and int(field) for field in fields):
        raise InputError(
            f"{path}, line 1: {_quoted(lines)}; it gives the number of folds and that of the pairs "
            "of each kind in a fold, such as 10 300"
        )
    folds, per_kind = map(int, fields)
    if folds < fewest_folds:
        raise InputError(f"{path}, line 1: one fold; the threshold is chosen on others, give 2")
    wanted = 1 + 2 * folds * per_kind
    if len(lines) != wanted:
        raise InputError(
            f"{path}: {len(lines):,} lines, but {folds} folds of {per_kind} pairs of each kind, as "
            f"line 1 says, are {wanted:,}; mend either"
        )
    return folds, per_kind


def _quoted(lines: list[str]) -> str:
    return repr(lines[0][:80]) if lines else "is not there"


def _parsed(
    path: Path, lines: Iterable[str], folds: int, per_kind: int
) -> Iterator[tuple[Photograph, Photograph]]:
    for number, line in enumerate(lines, 2):
        same = (number - 2) % (2 * per_kind) < per_kind
        fields = [field.strip() for field in (line.split("\t") if "\t" in line else line.split())]
        fault = _fault(fields, same)
        if fault:
            raise InputError(f"{path}, line {number}: {line[:80]!r} {fault}")
        first, second = (fields[:2], [fields[0], fields[2]]) if same else (fields[:2], fields[2:])
        yield tuple(first), tuple(second)


def _fault(fields: list[str], same: bool) -> str | None:
    """What is wrong with a line, where something is."""
    if same and len(fields) != 3:
        return "is not name, photograph, photograph: a pair of one person is due here"
    if not same and len(fields) != 4:
        return "is not name, photograph, name, photograph: a pair of two people is due here"
    if any(not field or field in (".", "..") or "/" in field for field in fields):
        return "has a field that names no person, number or file"
    if same and fields[1] == fields[2]:
        return "pairs a photograph with itself"
    if not same and fields[0] == fields[2]:
        return "pairs a person with themselves where a pair of two people is due"
    return None


def _found(path: Path, root: Path, photographs: list[Photograph]) -> tuple[str, ...]:
    files = [_find(root, photograph) for photograph in photographs]
    missing = [p for p, file in zip(photographs, files, strict=True) if file is None]
    if missing:
        named = ", ".join(str(_expected(root, p, ".jpg")) for p in missing[:_MOST_NAMED])
        more = len(missing) - _MOST_NAMED
        raise InputError(
            f"{root}: {len(missing):,} of the {len(photographs):,} photographs in {path.name} are "
            f"not there: {named}{f' and {more:,} more' if more > 0 else ''}; give the folder these "
            "pairs are of"
        )
    return tuple(map(str, files))


def _find(root: Path, photograph: Photograph) -> Path | None:
    suffixes = SUFFIXES if photograph[1].isdecimal() else ("",)
    candidates = (_expected(root, photograph, suffix) for suffix in suffixes)
    return next((file for file in candidates if file.is_file()), None)


def _expected(root: Path, photograph: Photograph, suffix: str) -> Path:
    name, which = photograph
    return root / name / (f"{name}_{int(which):04d}{suffix}" if which.isdecimal() else which)


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
        sampled = _same_pairs(fold, pairs, random), _different_pairs(fold, pairs, random)
        for kind, found in zip(("one person", "two people"), sampled, strict=True):
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
    return [photographs(*pair) for pair in _rounds(groups, sizes, wanted, random)]


def _different_pairs(fold, wanted: int, random) -> list[tuple[Path, Path]]:
    meetings = len(fold) * (len(fold) - 1) // 2
    groups = random.choice(meetings, min(wanted, meetings), replace=False) if meetings else []

    def photographs(group: int, pair: int) -> tuple[Path, Path]:
        one, other = (fold[i] for i in _unordered(group))
        return one[pair // len(other)], other[pair % len(other)]

    people = [_unordered(int(group)) for group in groups]
    sizes = np.array([len(fold[i]) * len(fold[j]) for i, j in people], np.int64)
    return [photographs(*pair) for pair in _rounds(groups, sizes, wanted, random)]


def _rounds(groups, sizes: np.ndarray, wanted: int, random) -> list[_IndexPair]:
    """Draws (group, one of its pairs), no pair twice, from every group once a round.

    Args:
      groups: [G] what to call each group.
      sizes: [G] how many pairs it has.
      wanted: how many to sample; fewer where there are no more.
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
    flags.DEFINE_integer("seed", 0, "of the sample", lower_bound=0)


def main(argv):
    values, out = flags.FLAGS, expand_path(argv[2])
    text = make_pairs(argv[1], values.folds, values.pairs, values.seed)
    with whole_file(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"{out}: {values.folds} folds of {values.pairs} pairs of each kind")


if __name__ == "__main__":
    run_main(main, ("FOLDER", "OUT"), define_flags)
