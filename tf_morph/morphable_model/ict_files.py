"""ICT-FaceKit's files: the mesh, its parts, identities and expressions, from a folder or a zip.

Source: the FaceXModel folder of github.com/USC-ICT/ICT-FaceKit, MIT licence.
"""

import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np

from tf_morph.errors import InputError

NEUTRAL_FILE = "generic_neutral_mesh.obj"
LANDMARKS_FILE = "vertex_indices.json"
PAGE = "https://github.com/USC-ICT/ICT-FaceKit"

_IDENTITY = re.compile(r"identity(\d+)\.obj$")
_NUM_LANDMARKS = 68


class IctFiles:
    """The files of one FaceXModel folder, wherever it lies below the given folder or in the zip.

    Attributes:
      path: the folder or zip.
      identities: the names of the identity files, by their numbers.
      expressions: name of an expression ("jawOpen", "mouthSmile_L") -> its file's name,
        alphabetically; every OBJ file beside the neutral mesh that is no identity is one.

    Raises:
      InputError: no such path, no zip, or no neutral mesh and identities in it.
    """

    def __init__(self, path: str | os.PathLike):
        path = Path(path)
        if path.is_dir():
            files = {p.relative_to(path).as_posix(): p.read_bytes for p in path.rglob("*.*")}
        elif path.is_file():
            files = _zip_files(path)
        else:
            raise InputError(f"{path}: no such folder or zip; get ICT-FaceKit from {PAGE}")
        self.path = path
        self._files = _beside_neutral_mesh(files, path)
        self.identities = sorted(
            (name for name in self._files if _IDENTITY.match(name)),
            key=lambda name: int(_IDENTITY.match(name)[1]),
        )
        if not self.identities:
            raise InputError(f"{path}: no identity000.obj, identity001.obj ... beside the mesh")
        others = self._files.keys() - {NEUTRAL_FILE, *self.identities}
        self.expressions = {
            PurePosixPath(name).stem: name for name in sorted(others) if name.endswith(".obj")
        }

    def vertices(self, name: str) -> np.ndarray:
        """The vertices of an OBJ file: float32 [V, 3], in its unit.

        Raises:
          InputError: no OBJ file.
        """
        # One split of the whole block of vertices: a loop over lines would take minutes for
        # fifty files.
        lines = re.findall(rb"^v +([^\r\n]*)", self._read(name), re.MULTILINE)
        try:
            return np.array(b" ".join(lines).split(), np.float32).reshape(len(lines), 3)
        except ValueError as error:
            raise InputError(f"{self.path}: {name} is no readable OBJ file ({error})") from error

    def polygons(self) -> dict[str, list[list[int]]]:
        """Material -> polygons of the neutral mesh, each a list of 0-based vertex ids."""
        polygons: dict[str, list[list[int]]] = {}
        material = ""
        lines = self._read(NEUTRAL_FILE).decode("latin-1").splitlines()
        try:
            for line in lines:
                if line.startswith("usemtl "):
                    material = line.split()[1]
                elif line.startswith("f "):
                    corners = [int(corner.split("/")[0]) - 1 for corner in line.split()[1:]]
                    polygons.setdefault(material, []).append(corners)
        except (ValueError, IndexError) as error:
            raise InputError(f"{self.path}: {NEUTRAL_FILE} is no readable OBJ file") from error
        return polygons

    def landmark_vertices(self) -> np.ndarray:
        """The vertex ids of the 68 facial landmarks, int [68], in the usual iBUG order."""
        text = self._read(LANDMARKS_FILE)
        try:
            ids = np.asarray(json.loads(text)["idx_to_landmark_verts"], int)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self.path}: {LANDMARKS_FILE} lists no landmarks") from error
        if ids.shape != (_NUM_LANDMARKS,):
            raise InputError(f"{self.path}: {ids.size} landmarks in {LANDMARKS_FILE}, expected 68")
        return ids

    def _read(self, name: str) -> bytes:
        if name not in self._files:
            raise InputError(f"{self.path}: no {name} beside {NEUTRAL_FILE}; from {PAGE}")
        try:
            return self._files[name]()
        except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # damaged or encrypted
            raise InputError(f"{self.path}: {name} cannot be read from it ({error})") from error


def _zip_files(path: Path) -> dict[str, Callable[[], bytes]]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(
            f"{path}: neither a folder nor a whole zip; get ICT-FaceKit from {PAGE}"
        ) from error
    return {name: lambda name=name: archive.read(name) for name in archive.namelist()}


def _beside_neutral_mesh(
    files: dict[str, Callable[[], bytes]], path: Path
) -> dict[str, Callable[[], bytes]]:
    folders = [PurePosixPath(name).parent for name in files if name.endswith(NEUTRAL_FILE)]
    if not folders:
        raise InputError(f"{path}: no {NEUTRAL_FILE} in it; give ICT-FaceKit's folder or its zip")
    folder = min(folders, key=lambda parent: len(parent.parts))
    return {
        PurePosixPath(name).name: read
        for name, read in files.items()
        if PurePosixPath(name).parent == folder
    }
