"""Textured scans of heads: file readers, and what colour a place on the surface has.

Meshes are GLB, glTF, OBJ, PLY or VTK's legacy polydata. The texture is the one inside the file or
named by it, else the one given, else the image beside it; without texture coordinates the vertices'
own colours do. VTK's layout: "VTK File Formats", docs.vtk.org; as text or binary; polygons of
versions below 5 are lists `count i j k ...`, later ones offsets and connectivity; of what points
may carry, all but texture coordinates is passed over.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.similarity_transform import SimilarityTransform
from tf_morph.morphable_model.srgb import srgb_to_linear

_TYPES = {
    **{"float": ">f4", "double": ">f8", "int": ">i4", "unsigned_int": ">u4", "long": ">i8"},
    **{"short": ">i2", "unsigned_short": ">u2", "char": ">i1", "unsigned_char": ">u1"},
    **{"vtkidtype": ">i4", "vtktypeint64": ">i8", "unsigned_long": ">u8"},
}
_NUMBERS_OF_A_POINT = {"NORMALS": 3, "VECTORS": 3, "TENSORS": 9}
SUFFIXES = (".glb", ".gltf", ".obj", ".ply", ".vtk")
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_NO_COLORS = ("normal", "spec", "bump", "disp", "rough", "occlusion", "metal", "height", "mask")
_LARGEST_TEXTURE = 2048  # pixels; photographs show no more
_LEAST_TEXTURE = 4
_LINEAR = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


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


@dataclass(frozen=True, eq=False)
class TexturedScan:
    """A coloured surface.

    Attributes:
      mesh: corners at one place are one vertex; in the file's unit and frame until it is moved.
      corners: float32 [T, 3, 2] (u, v) of each triangle's corners, v from the texture's bottom, 1
        its height; or [T, 3, 3] linear RGB, where there is no texture.
      texture: uint8 [H, W, 3] sRGB, repeated beyond its borders, or None.
    """

    mesh: Mesh
    corners: np.ndarray
    texture: np.ndarray | None

    def moved(self, transform: SimilarityTransform) -> "TexturedScan":
        """The same surface elsewhere."""
        return replace(self, mesh=Mesh(transform(self.mesh.vertices), self.mesh.triangles))

    def turned_over(self) -> "TexturedScan":
        """The same, v counted from the texture's top."""
        return replace(self, corners=np.float32([0, 1]) + self.corners * np.float32([1, -1]))

    def inside_out(self) -> "TexturedScan":
        """The same surface, its triangles seen from the other side."""
        flipped = Mesh.of(self.mesh.vertices, self.mesh.triangles[:, ::-1])
        return replace(self, mesh=flipped, corners=self.corners[:, ::-1])

    def albedo(self, values: np.ndarray) -> np.ndarray:
        """Linear RGB [..., 3] of what the corners have, interpolated [..., 2 or 3]: bilinear."""
        if self.texture is None:
            return values[..., :3]
        height, width = self.texture.shape[:2]
        x, y = values[..., 0] * width - 0.5, (1.0 - values[..., 1]) * height - 0.5
        left, top = np.floor(x).astype(int), np.floor(y).astype(int)
        across, down = (x - left)[..., None], (y - top)[..., None]
        upper, lower = (
            _LINEAR[self.texture[row % height, left % width]] * (1 - across)
            + _LINEAR[self.texture[row % height, (left + 1) % width]] * across
            for row in (top, top + 1)
        )
        return upper * (1 - down) + lower * down


def read_scan(path: Path, texture: Path | None = None) -> TexturedScan:
    """Reads a mesh with its texture.

    Args:
      texture: an image, where the file neither holds nor names one, or to be taken instead.

    Raises:
      InputError: a file is missing, damaged or no such file, or nothing says how it is coloured.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: no scan by its name; give a file of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a textured scan")
    if path.suffix.lower() == ".vtk":
        vertices, triangles, uv = read_polydata(path)
        own, colors = None, None
    else:
        vertices, triangles, uv, own, colors = _read_by_trimesh(path)
    if not np.isfinite(vertices).all() or not len(triangles):
        raise InputError(f"{path}: no surface of triangles with finite coordinates; export it anew")
    places, back = np.unique(vertices, axis=0, return_inverse=True)
    merged = back.reshape(-1)[triangles]
    a, b, c = (places[merged[:, corner]] for corner in range(3))
    kept = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 0.0
    if not kept.any():
        raise InputError(f"{path}: all its triangles are without area; give another file")
    mesh = Mesh.of(places, merged[kept])
    if uv is None and colors is None:
        raise InputError(f"{path}: neither texture coordinates nor colours; give a textured scan")
    if uv is None:
        return TexturedScan(mesh, _LINEAR[colors[triangles[kept]]], None)
    if not np.isfinite(uv).all():
        raise InputError(f"{path}: a texture coordinate is no number; export it anew")
    image = _open(texture) if texture or own is None else own
    image = _open(_beside(path)) if image is None else image
    image.thumbnail((_LARGEST_TEXTURE, _LARGEST_TEXTURE))
    return TexturedScan(mesh, np.float32(uv[triangles[kept]]), np.asarray(image))


def _read_by_trimesh(path: Path):
    """vertices, triangles, uv, the texture as an image, uint8 colours; None what it has not."""
    try:
        loaded = trimesh.load_mesh(path, process=False)
        visual = loaded.visual
        uv, own, colors = None, None, None
        if visual.kind == "texture" and visual.uv is not None:
            uv = np.asarray(visual.uv, float)
            material = visual.material
            own = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
        elif visual.kind in ("vertex", "face"):
            colors = np.asarray(visual.vertex_colors, np.uint8)[:, :3]
        vertices, triangles = np.asarray(loaded.vertices, float), np.asarray(loaded.faces)
        # Where a file names no material, trimesh makes one up of a few grey pixels.
        own = own.convert("RGB") if own is not None and min(own.size) >= _LEAST_TEXTURE else None
        return vertices, triangles.reshape(-1, 3), uv, own, colors
    except Exception as error:  # noqa: BLE001 - trimesh fails in as many ways as files are wrong
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(f"{path}: not a mesh that can be read ({reason})") from error


def _beside(path: Path) -> Path:
    """The only image of colours in the scan's folder, or that of its name."""
    images = sorted(each for each in path.parent.iterdir() if each.suffix.lower() in _IMAGES)
    named = [each for each in images if each.stem == path.stem]
    others = [e for e in images if not any(word in e.stem.lower() for word in _NO_COLORS)]
    found = named or others
    if len(found) != 1:
        raise InputError(
            f"{path}: no texture in it, and {len(found)} images beside it that may be; name one by "
            "--texture=IMAGE, once for each scan, in their order"
        )
    return found[0]


def _open(path: Path | None) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no image that can be read; give the scan's texture") from error
