"""Who is on the photographs of a folder, by a list."""

import os
from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.list_files import LIST_SUFFIXES, read_list

LIST_NAMES = ("identities.csv", "identities.tsv", "identities.txt")


def listed_photographs(folder: Path, identities: Path | None) -> tuple[Photographs, Path | None]:
    """A folder's photographs with the people on them, and the list that says so.

    The list is `identities`, else the first of `LIST_NAMES` in the folder. It is a list of
    photographs as photographs/list_files.py reads them, a line each, `path,identity`: a comma apart
    in .csv, a tab in .tsv and .txt. Paths are relative to `folder`; a file elsewhere in it is found
    by its name alone, if it is the only one of that name. Without a list everything is as the
    folder's layout says (`list_photographs`).

    Raises:
      InputError: the list is missing or wrong, names a photograph that is not there, or leaves one
        of the folder's out.
    """
    found = list_photographs(folder)
    chosen = identities or next((folder / n for n in LIST_NAMES if (folder / n).is_file()), None)
    if chosen is None:
        return found, None
    people = _people_by_file(found, folder, chosen)
    missing = [path for path in found.paths if path not in people]
    if missing:
        raise InputError(
            f"{chosen}: no identity for {len(missing):,} of the {len(found):,} photographs in "
            f"{folder}, the first {missing[0]}; add a line `path,identity`"
        )
    ordered = sorted((people[path], path) for path in found.paths)
    return (
        Photographs(tuple(p for _, p in ordered), tuple(w for w, _ in ordered), found.skipped),
        chosen,
    )


def _people_by_file(found: Photographs, folder: Path, chosen: Path) -> dict[str, str]:
    """{path of a photograph: identity} of the list's lines."""
    if chosen.suffix.lower() not in LIST_SUFFIXES or not chosen.is_file():
        raise InputError(f"{chosen}: no list of identities; give a file .csv, .tsv or .txt")
    by_name: dict[str, list[str]] = {}
    for path in found.paths:
        by_name.setdefault(Path(path).name, []).append(path)
    known, people = set(found.paths), {}
    for identity, listed in read_list(chosen):
        written = os.path.relpath(listed, chosen.parent)
        whole = str(folder / written)
        namesakes = by_name.get(listed.name, [])
        if whole not in known and len(namesakes) != 1:
            many = f"{len(namesakes)} of that name" if namesakes else "no such photograph"
            raise InputError(f"{chosen}: {written}: {many} in {folder}; mend the line")
        people[whole if whole in known else namesakes[0]] = identity
    return people
