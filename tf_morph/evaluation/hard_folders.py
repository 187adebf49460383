"""Folders of hard photographs, such as FERET or BAM.

FOLDER/clean/<person>.jpg              one good photograph a person
FOLDER/<stress>/<person>.jpg           the same people under a stress: `pose`, `expression` ...
FOLDER/<stress>/<level>/<person>.jpg   or in levels: a number in a level's name orders it

Images without clean counterparts, such as BAM's paintings, have no `clean`; a stress is a style.
Any suffix of an image file will do; people are matched by their files' names without it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.image_sets import Skipped, read_photographs

CLEAN = "clean"


@dataclass(frozen=True)
class FolderLevel:
    """Photographs of one level of one stress.

    Attributes:
      stress, level: the folders' names; no level is "".
      amount: the number in the level's name, else its place in their order, from 1.
      severity: its place as a share, in (0, 1].
      names: [M] of the people.
      images: [M, S, S, 3] uint8 sRGB.
    """

    stress: str
    level: str
    amount: float
    severity: float
    names: tuple[str, ...]
    images: np.ndarray


@dataclass(frozen=True)
class HardFolder:
    """Attributes:
    clean: None where there is none.
    levels: a stress's one after the other, growing.
    skipped: path and reason of what could not be used.
    """

    path: Path
    clean: FolderLevel | None
    levels: Sequence[FolderLevel]
    skipped: Skipped


def read_hard_folder(context: Context, folder: Path) -> HardFolder:
    """Reads all of a folder, cropped as the run's photographs are.

    Raises:
      InputError: no such folder, no stress in it, one without a photograph that can be used, or
        two clean photographs of one person.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one of <stress>/<person>.jpg")
    skipped = []

    def read(path, stress, level="", amount=1.0, severity=1.0):
        photographs, left_out = read_photographs(context, path)
        skipped.extend(left_out)
        names = tuple(Path(path).stem for path in photographs.paths)
        return FolderLevel(stress, level, amount, severity, names, photographs.images)

    stresses = [path for path in _subfolders(folder) if path.name != CLEAN]
    if not stresses:
        raise InputError(f"{folder}: no stress in it; photographs go to <stress>/<person>.jpg")
    levels = [read(*each) for stress in stresses for each in _levels(stress)]
    clean = read(folder / CLEAN, CLEAN) if (folder / CLEAN).is_dir() else None
    if clean is not None:
        name, count = Counter(clean.names).most_common(1)[0]
        if count > 1:
            raise InputError(f"{folder / CLEAN}: {count} photographs of {name}; keep one a person")
    return HardFolder(folder, clean, levels, tuple(skipped))


def _levels(stress: Path) -> Iterator[tuple[Path, str, str, float, float]]:
    below = sorted(_subfolders(stress), key=lambda path: (_number(path.name), path.name))
    if not below:
        yield stress, stress.name, "", 1.0, 1.0
    for position, path in enumerate(below, start=1):
        number = _number(path.name)
        amount = number if np.isfinite(number) else float(position)
        yield path, stress.name, path.name, amount, position / len(below)


def _number(name: str) -> float:
    found = re.search(r"\d+(\.\d+)?", name)
    return float(found.group()) if found else float("inf")


def _subfolders(folder: Path) -> list[Path]:
    below = (path for path in folder.iterdir() if path.is_dir())
    return sorted(path for path in below if not path.name.startswith("."))
