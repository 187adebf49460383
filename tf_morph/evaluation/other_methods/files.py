"""Which files of a folder of another method's results belong to which photographs."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tf_morph.errors import InputError
from tf_morph.photographs.folders import SUFFIXES

MESH_SUFFIXES = (".obj", ".ply")


def results_of(folder: Path, paths: Sequence[str], source: Path) -> dict[int, Path]:
    """{row of `paths`: the file that holds what a method made of that photograph}.

    A file belongs to a photograph if their paths, below `folder` and below `source`, are the same
    but for the suffix; or, where no photograph has its path, to the photograph of its stem, if
    there is but one. Of a photograph's picture and mesh the picture is taken.

    Args:
      folder: pictures (`photographs.folders.SUFFIXES`) or meshes (`MESH_SUFFIXES`), however deep.
      paths: of the photographs.
      source: the folder or list they are from.

    Raises:
      InputError: no such folder, nothing of the kind in it, or two pictures or two meshes of one
        photograph.
    """
    by_path, by_stem = _photograph_names(paths, source)
    found: dict[int, Path] = {}
    for file in _result_files(folder):
        key = str(PurePosixPath(file.relative_to(folder)).with_suffix(""))
        row = by_path.get(key, by_stem.get(file.stem))
        if row is None:
            continue
        other = found.setdefault(row, file)
        if other is not file and is_mesh(other) == is_mesh(file):
            raise InputError(f"{other}, {file}: of one photograph, {paths[row]}; take one away")
        if is_mesh(other):
            found[row] = file
    return found


def is_mesh(file: Path) -> bool:
    """By its suffix."""
    return file.suffix.lower() in MESH_SUFFIXES


def _result_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of the method's results")
    known = (*SUFFIXES, *MESH_SUFFIXES)
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in known)
    if not files:
        raise InputError(f"{folder}: no pictures or meshes in it; give {', '.join(known)}")
    return files


def _photograph_names(paths: Sequence[str], source: Path) -> tuple[dict, dict]:
    """Row of a photograph by its path without suffix, and by its stem where that is its alone."""
    root = source if source.is_dir() else source.parent
    by_path, by_stem = {}, {}
    for row, path in enumerate(map(Path, paths)):
        below = path.relative_to(root) if path.is_relative_to(root) else path
        by_path[str(PurePosixPath(below).with_suffix(""))] = row
        by_stem[path.stem] = None if path.stem in by_stem else row
    return by_path, by_stem
