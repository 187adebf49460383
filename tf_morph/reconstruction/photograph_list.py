"""Which photographs a command line names, and what to call what is made of each."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tf_morph.config import expand_path
from tf_morph.photographs.folders import list_photographs


class NamedPhotograph(NamedTuple):
    """A photograph's file, and the folder, relative, of what is made of it."""

    path: str
    name: str


def named_photographs(
    sources: Sequence[str],
) -> tuple[list[NamedPhotograph], list[tuple[str, str]]]:
    """The photographs of files and folders, each once, in their order.

    Those of a folder are named by their place in it. Names are those of the files without suffix,
    with it where two would be the same.

    Returns:
      The photographs, and (path, reason) of files in folders that cannot be used.

    Raises:
      InputError: a folder holds no photograph.
    """
    found: dict[str, str] = {}  # path to name
    skipped = []
    for source in sources:
        path = expand_path(source)
        if not path.is_dir():
            found.setdefault(str(path), path.name)
            continue
        listed = list_photographs(path)
        skipped += listed.skipped
        for file in listed.paths:
            found.setdefault(file, os.path.relpath(file, path))
    names = _distinct(list(found.values()))
    return [NamedPhotograph(*pair) for pair in zip(found, names, strict=True)], skipped


def _distinct(names: list[str]) -> list[str]:
    stems = [str(Path(name).with_suffix("")) for name in names]
    counts: dict[str, int] = {}
    for stem in stems:
        counts[stem] = counts.get(stem, 0) + 1
    wanted = [name if counts[stem] > 1 else stem for name, stem in zip(names, stems, strict=True)]
    taken: set[str] = set()
    return [_free(name, taken) for name in wanted]


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free
