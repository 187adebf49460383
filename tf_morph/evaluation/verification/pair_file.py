"""Files of pairs of photographs, in the format of LFW's pairs.txt.

The format is that of section 3c of LFW's README (vis-www.cs.umass.edu/lfw/README.txt), its fields
apart by tabs or, where a line has none, by blanks:

    10	300                     folds, pairs of each kind in a fold
    Abel_Pacheco	1	4           a fold's pairs of one person: name, photograph, photograph
    …
    Abdel_Madi	1	Dean_Barker	1   then its pairs of two: name, photograph, name, photograph
    …                             then the next fold

A photograph is a number, 4 for `Name/Name_0004.jpg` (or another of the suffixes of
`photographs.folders`), or, beyond LFW's format, the name of a file in the person's folder.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.photographs.folders import SUFFIXES

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
      fewest_folds: 2 where one is judged by a threshold from the others, else 1.

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
