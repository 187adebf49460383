"""The data and the other methods' results that a user names on the command line."""

import os
from collections.abc import Sequence
from pathlib import Path

from tf_morph.config import ASSETS_VARIABLE, expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.methods import METHODS

DATA_SETS = ("mofa", "lfw", "folder", "micc", "now", "feret", "bam")
# Looked for among the assets, too; lfw and folder are the user's choice, as they take long.
_LOOKED_FOR = ("mofa", "micc", "now", "feret", "bam")


def data_folders(asked: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Folders by data set: those asked for as NAME:FOLDER, and those found among the assets.

    Raises:
      InputError: no such data set or folder.
    """
    folders: dict[str, tuple[Path, ...]] = {}
    for name, path in _pairs(asked, "data"):
        if name not in DATA_SETS:
            raise InputError(f"--data={name}:…: no such data; give one of {', '.join(DATA_SETS)}")
        folders[name] = (*folders.get(name, ()), path)
    return _among_assets() | folders


def method_folders(asked: Sequence[str]) -> tuple[tuple[str, Path], ...]:
    """(name, folder) of each method asked for as NAME:FOLDER.

    Raises:
      InputError: no such folder, or a name is given twice or is one of `METHODS`.
    """
    methods = tuple(_pairs(asked, "method"))
    names = [name for name, _ in methods]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"--method: two are called {twice}; rename one")
    taken = next((name for name in names if name in METHODS), None)
    if taken:
        raise InputError(f"--method={taken}:…: the tables have a method {taken}; give another name")
    return methods


def asked_file(path: str | None, flag: str) -> Path | None:
    """The file given by a flag, if any, with `~` and environment variables expanded.

    Raises:
      InputError: there is no such file.
    """
    if not path:
        return None
    file = expand_path(path)
    if not file.is_file():
        raise InputError(f"--{flag}={path}: {file} is not there; name a file that is")
    return file


def _among_assets() -> dict[str, tuple[Path, ...]]:
    assets = os.environ.get(ASSETS_VARIABLE)
    if not assets:
        return {}
    places = {name: Path(assets) / name for name in _LOOKED_FOR}
    return {name: (place,) for name, place in places.items() if place.is_dir()}


def _pairs(asked: Sequence[str], flag: str) -> list[tuple[str, Path]]:
    pairs = []
    for text in asked:
        name, colon, path = text.partition(":")
        if not (name and colon and path):
            raise InputError(f"--{flag}={text}: give a name and a folder, --{flag}=NAME:FOLDER")
        folder = expand_path(path)
        if not folder.exists():
            raise InputError(f"--{flag}={text}: {folder} is not there; name a folder that is")
        pairs.append((name, folder))
    return pairs
