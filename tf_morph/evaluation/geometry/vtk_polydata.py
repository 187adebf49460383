"""VTK's legacy polydata files (.vtk): points, polygons and texture coordinates, as text or binary.

Layout: "VTK File Formats", docs.vtk.org. Polygons of versions below 5 are lists `count i j k ...`,
later ones offsets and connectivity; of what points may carry, all but texture coordinates is
passed over.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError

_TYPES = {
    **{"float": ">f4", "double": ">f8", "int": ">i4", "unsigned_int": ">u4", "long": ">i8"},
    **{"short": ">i2", "unsigned_short": ">u2", "char": ">i1", "unsigned_char": ">u1"},
    **{"vtkidtype": ">i4", "vtktypeint64": ">i8", "unsigned_long": ">u8"},
}
_NUMBERS_OF_A_POINT = {"NORMALS": 3, "VECTORS": 3, "TENSORS": 9}


class Polydata(NamedTuple):
    """vertices: float64 [V, 3]; triangles: int [T, 3], larger polygons cut into fans;
    uv: float64 [V, 2], v from the texture's bottom, or None where the file has none."""

    vertices: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray | None


def read_polydata(path: Path) -> Polydata:
    """Reads a file. Raises `InputError`: it is missing, of another kind, or damaged."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a mesh")
    try:
        return _Reader(path.read_bytes()).read()
    except (ValueError, KeyError, IndexError, TypeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{path}: not VTK polydata that can be read ({reason})") from error


class _Reader:
    def __init__(self, data: bytes):
        self.data, self.place = data, 0
        head = [self.line() for _ in range(3)]
        if not head[0].startswith("# vtk DataFile Version") or head[2] not in ("ASCII", "BINARY"):
            raise ValueError("no head of a legacy VTK file")
        self.later = int(head[0].split()[-1].split(".")[0]) >= 5
        self.binary = head[2] == "BINARY"

    def read(self) -> Polydata:
        points, triangles, uv, values = None, None, None, 0
        while words := self.words():
            keyword = words[0].upper()
            if keyword == "DATASET" and words[1].upper() != "POLYDATA":
                raise ValueError(f"its data are {words[1]}")
            elif keyword == "POINTS":
                points = self.numbers(3 * int(words[1]), words[2]).reshape(-1, 3)
            elif keyword in ("POLYGONS", "LINES", "VERTICES", "TRIANGLE_STRIPS"):
                found = self.polygons(int(words[1]), int(words[2]))
                triangles = found if keyword == "POLYGONS" else triangles
            elif keyword in ("CELL_DATA", "POINT_DATA"):
                values, of_points = int(words[1]), keyword == "POINT_DATA"
            elif keyword == "TEXTURE_COORDINATES":
                found = self.numbers(values * int(words[2]), words[3]).reshape(values, -1)
                uv = found[:, :2] if of_points else uv
            elif keyword == "METADATA":
                while self.line():
                    pass
            elif keyword != "DATASET":
                self.pass_over(keyword, words, values)
        if points is None or triangles is None or not len(triangles):
            raise ValueError("no points and polygons in it")
        if triangles.min() < 0 or triangles.max() >= len(points):
            raise ValueError("a polygon has a corner that is no point")
        return Polydata(
            points, triangles, uv if uv is not None and len(uv) == len(points) else None
        )

    def line(self) -> str:
        end = self.data.find(b"\n", self.place)
        end = len(self.data) if end < 0 else end
        line, self.place = self.data[self.place : end], end + 1
        return line.decode("latin-1").strip()

    def words(self) -> list[str]:
        """Those of the next line that is not empty; none at the end."""
        while self.place < len(self.data):
            if words := self.line().split():
                return words
        return []

    def numbers(self, count: int, kind: str) -> np.ndarray:
        if self.binary:
            dtype = np.dtype(_TYPES[kind.lower()])
            found = np.frombuffer(self.data, dtype, count, self.place)
            self.place += found.nbytes
        else:
            match = re.compile(rb"(?:\s*+\S++){%d}" % count).match(self.data, self.place)
            if match is None:
                raise ValueError(f"it ends before {count} numbers of {kind}")
            found, self.place = match[0].split(), match.end()
        return np.asarray(found, np.float64)

    def polygons(self, count: int, size: int) -> np.ndarray:
        if self.later:
            ends = self.numbers(count, self.words()[1]).astype(int)
            corners = self.numbers(size, self.words()[1]).astype(int)
            return _fans(corners, ends[:-1], np.diff(ends))
        listed, firsts = self.numbers(size, "int").astype(int), []
        place = 0
        for _ in range(count):
            firsts.append(place + 1)
            place += listed[place] + 1
        firsts = np.array(firsts, int)
        return _fans(listed, firsts, listed[firsts - 1])

    def pass_over(self, keyword: str, words: list[str], values: int) -> None:
        if keyword in _NUMBERS_OF_A_POINT:
            self.numbers(_NUMBERS_OF_A_POINT[keyword] * values, words[2])
        elif keyword == "SCALARS":
            self.line()  # LOOKUP_TABLE
            self.numbers(values * int(words[3] if len(words) > 3 else 1), words[2])
        elif keyword == "COLOR_SCALARS":
            self.numbers(values * int(words[2]), "unsigned_char")
        elif keyword == "LOOKUP_TABLE":
            self.numbers(4 * int(words[2]), "unsigned_char")
        elif keyword == "FIELD":
            for _ in range(int(words[2])):
                _, width, rows, kind = self.words()
                self.numbers(int(width) * int(rows), kind)
        else:
            raise ValueError(f"{keyword[:20]!r} where a part begins")


def _fans(corners: np.ndarray, firsts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Triangles [T, 3] of polygons whose corners begin at `firsts` and are so many."""
    parts = [
        corners[firsts[sizes > k][:, None] + [0, k - 1, k]] for k in range(2, sizes.max(initial=0))
    ]
    return np.concatenate(parts) if parts else np.empty((0, 3), int)
