"""Which photographs a folder or a list names, and who is on them."""

import dataclasses
import os
from pathlib import Path

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.photographs.list_files import LIST_SUFFIXES, read_list

SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
)


@dataclasses.dataclass(frozen=True)
class Photographs:
    """Photograph files with the person on each.

    Attributes:
      paths: one file each, sorted by identity, then by file name.
      identities: the person's name, one per path; equal names are the same person.
      skipped: (path, reason) of files which look like photographs by name but cannot be used.
    """

    paths: tuple[str, ...]
    identities: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def select(self, indices) -> "Photographs":
        """The photographs at `indices` (integers [N]), in that order; `skipped` is kept."""
        return dataclasses.replace(
            self,
            paths=tuple(self.paths[i] for i in indices),
            identities=tuple(self.identities[i] for i in indices),
        )


def list_photographs(source: str | Path) -> Photographs:
    """The photographs of a folder, or those a list file names (photographs/list_files.py).

    A photograph shows the person that the folder holding it is named after, however deep that
    lies: `Name/Name_0001.jpg` as in LFW, `train/n000001/0001_01.jpg` as in VGGFace2. Folders of one
    name are one person. `name.jpg` directly in the folder is a person of its own. Hidden files and
    folders, and files which are no image by their suffix, are passed over; files of no bytes and
    links to nowhere are skipped and named.

    Args:
      source: a path; `~` and environment variables are expanded.

    Raises:
      InputError: no such folder, neither a folder nor a list, or no photograph in it.
    """
    root = expand_path(str(source))
    if not root.exists():
        raise InputError(f"{root}: no such folder; give a folder of photographs (docs/assets.md)")
    if root.is_dir():
        files = _files_below(root)
    elif root.suffix.lower() in LIST_SUFFIXES:
        files = read_list(root)
    else:
        raise InputError(
            f"{root}: not a folder; give the folder that holds the photographs, or a list of them "
            f"({', '.join(LIST_SUFFIXES)})"
        )
    usable, skipped = [], []
    for identity, path in sorted(files):
        fault = _fault(path)
        if fault:
            skipped.append((str(path), fault))
        else:
            usable.append((identity, str(path)))
    if not usable:
        raise InputError(f"{root}: no photograph in it; {_what_was_there(skipped)}")
    identities, paths = zip(*usable, strict=True)
    return Photographs(paths, identities, tuple(skipped))


def _fault(path: Path) -> str | None:
    try:
        return None if path.stat().st_size else "an empty file"
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return f"cannot be opened ({error.strerror})"


def _what_was_there(skipped: list[tuple[str, str]]) -> str:
    if skipped:
        path, reason = skipped[0]
        return f"{len(skipped)} skipped, the first {path}: {reason}"
    return f"files {', '.join(SUFFIXES)} are looked for in it and as Name/Name_0001.jpg"


def _files_below(root: Path) -> list[tuple[str, Path]]:
    """(identity, path) of every photograph; a folder that links lead to twice is read once."""

    def refuse(error: OSError):  # os.walk passes over what it may not open
        raise error

    files, known = [], set()
    for folder, subfolders, names in os.walk(root, onerror=refuse, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in known:
            subfolders.clear()
            continue
        known.add((status.st_dev, status.st_ino))
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        folder = Path(folder)
        files += [
            (name if folder == root else folder.name, folder / name)
            for name in names
            if _is_photograph(name)
        ]
    return files


def _is_photograph(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
