"""Which photographs a folder holds, and who is on them."""

import dataclasses
from pathlib import Path

from tf_morph.config import expand_path
from tf_morph.errors import InputError

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


def list_photographs(folder: str | Path) -> Photographs:
    """The photographs of a folder in the layout of LFW, flat, or both.

    `Name/Name_0001.jpg`: every photograph of a subfolder shows the person the subfolder is named
    after. `name.jpg` directly in the folder: every file is a person of its own. Hidden files and
    files which are no image by their suffix are passed over; files of no bytes and links to
    nowhere are skipped and named.

    Args:
      folder: a path; `~` and environment variables are expanded.

    Raises:
      InputError: no such folder, not a folder, or no photograph in it.
    """
    root = expand_path(str(folder))
    if not root.exists():
        raise InputError(f"{root}: no such folder; give a folder of photographs (docs/assets.md)")
    if not root.is_dir():
        raise InputError(f"{root}: not a folder; give the folder that holds the photographs")
    usable, skipped = [], []
    for identity, path in sorted(_files_below(root)):
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
    files = []
    for entry in root.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            files += [(entry.name, path) for path in entry.iterdir() if _is_photograph(path)]
        elif _is_photograph(entry):
            files.append((entry.name, entry))
    return files


def _is_photograph(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_dir()
