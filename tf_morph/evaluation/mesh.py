"""Triangle meshes of any topology: surface quantities, files, landmarks beside them."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.evaluation.closest_points import ClosestPoints, build_tree

SUFFIXES = (".obj", ".ply")
NOSE_TIP = "center.nose.tip"  # a landmark's name
LANDMARKS_SUFFIX = ".landmarks.txt"
_FEWEST_LANDMARKS = 3  # that say where a mesh is


@dataclass(frozen=True, eq=False)
class Mesh:
    """A surface, with or without holes.

    Attributes:
      vertices: float64 [V, 3], in whatever unit and frame; of a scan mm.
      triangles: int32 [T, 3], counter-clockwise seen from outside.
    """

    vertices: np.ndarray
    triangles: np.ndarray

    @staticmethod
    def of(vertices, triangles) -> "Mesh":
        """Of any arrays of numbers; triangles without area are left out, as they have no inside."""
        vertices = np.ascontiguousarray(vertices, np.float64)
        triangles = np.ascontiguousarray(triangles, np.int32)
        areas = np.linalg.norm(_crosses(vertices, triangles), axis=1)
        return Mesh(vertices, triangles[areas > 0.0])

    @functools.cached_property
    def tree(self) -> ClosestPoints:
        """Of its triangles, to look for the closest in."""
        return build_tree(self.vertices, self.triangles)

    @functools.cached_property
    def vertex_normals(self) -> np.ndarray:
        """[V, 3] area-weighted means of the adjoining triangles' normals, of length 1; 0 where no
        triangle is."""
        sums = _sum_over_corners(self, _crosses(self.vertices, self.triangles))
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0.0)

    @functools.cached_property
    def vertex_areas(self) -> np.ndarray:
        """[V] a third of the area of the triangles around each."""
        areas = np.linalg.norm(_crosses(self.vertices, self.triangles), axis=1) / 6.0
        return _sum_over_corners(self, areas[:, None])[:, 0]

    @functools.cached_property
    def border_edges(self) -> np.ndarray:
        """bool [T, 3]: whether the edge opposite each corner belongs to no other triangle."""
        edges = np.sort(self.triangles[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2), axis=1)
        keys = edges[:, 0].astype(np.int64) * len(self.vertices) + edges[:, 1]
        _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return (counts[places] == 1).reshape(-1, 3)

    @functools.cached_property
    def border_vertices(self) -> np.ndarray:
        """bool [V]: whether it ends such an edge."""
        found = np.zeros(len(self.vertices), bool)
        ends = self.triangles[:, [[1, 2], [2, 0], [0, 1]]]
        found[ends[self.border_edges].ravel()] = True
        return found

    def of_vertices(self, kept: np.ndarray) -> "Mesh":
        """The triangles all of whose corners are among `kept`, bool [V], and their vertices."""
        triangles = self.triangles[kept[self.triangles].all(axis=1)]
        used = np.unique(triangles)
        return Mesh(self.vertices[used], np.searchsorted(used, triangles).astype(np.int32))

    def within(self, centre: np.ndarray, radius: float) -> "Mesh":
        """What of it lies no further than `radius` from the point `centre` [3]."""
        return self.of_vertices(np.linalg.norm(self.vertices - centre, axis=1) <= radius)


def _crosses(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Normals [T, 3] of twice the triangles' areas."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    return np.cross(b - a, c - a)


def _sum_over_corners(mesh: Mesh, values: np.ndarray) -> np.ndarray:
    """[V, N] of the triangles' values [T, N] the sum around each vertex."""
    count = len(mesh.vertices)
    corners = mesh.triangles.ravel()
    spread = np.repeat(values, 3, axis=0)
    sums = [np.bincount(corners, column, minlength=count) for column in spread.T]
    return np.stack(sums, axis=1)


class ColoredMesh(NamedTuple):
    """colors: uint8 sRGB [V, 3], or None where the file has none for its vertices."""

    mesh: Mesh
    colors: np.ndarray | None


def read_mesh(path: Path) -> Mesh:
    """The surface in a file. Raises `InputError`: it is missing, no mesh, or without triangles."""
    return read_colored_mesh(path).mesh


def read_colored_mesh(path: Path) -> ColoredMesh:
    """The surface in a file, with its vertices' colours.

    Raises:
      InputError: the file is missing, no mesh, or without triangles.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: no mesh by its name; give a file of {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a mesh")
    try:
        loaded = trimesh.load_mesh(path, process=False, skip_materials=True)
        vertices, triangles = np.asarray(loaded.vertices, np.float64), np.asarray(loaded.faces)
        colors = _vertex_colors(loaded)
    except Exception as error:  # noqa: BLE001 - trimesh fails in as many ways as files are wrong
        raise InputError(f"{path}: not a mesh that can be read ({_line(error)})") from error
    if not np.isfinite(vertices).all():
        raise InputError(f"{path}: a coordinate is no number; mend the file, or export it anew")
    if triangles.ndim != 2 or not len(triangles):
        raise InputError(f"{path}: no surface of triangles in it; give a mesh, not points")
    places, first, back = np.unique(vertices, axis=0, return_index=True, return_inverse=True)
    mesh = Mesh.of(places, back.reshape(-1)[triangles])
    if not len(mesh.triangles):
        raise InputError(f"{path}: all its triangles are without area; give another file")
    return ColoredMesh(mesh, None if colors is None else colors[first])


def write_mesh(path: Path, mesh: Mesh, colors: np.ndarray | None = None) -> None:
    """Writes OBJ or PLY, by the suffix; colors: uint8 sRGB [V, 3]."""
    exported = trimesh.Trimesh(
        mesh.vertices, mesh.triangles, vertex_colors=colors, process=False
    ).export(file_type=path.suffix.lower()[1:])
    with whole_file(path) as temporary:
        temporary.write_bytes(exported.encode() if isinstance(exported, str) else exported)


def landmarks_file(mesh: Path) -> Path:
    """Where a mesh file's landmarks are, if they are."""
    return mesh.with_name(mesh.stem + LANDMARKS_SUFFIX)


def read_landmarks(mesh: Path) -> dict[str, np.ndarray]:
    """Name to point [3] of the landmarks beside a mesh file; empty where there is no such file.

    Raises:
      InputError: a line is no landmark.
    """
    path = landmarks_file(mesh)
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            name, *place = words
            found[name] = np.array([float(word) for word in place])
        except ValueError:
            found[name] = np.full(3, np.nan)
        if found[name].shape != (3,) or not np.isfinite(found[name]).all():
            raise InputError(f"{path}:{number}: {line.strip()!r} is not `name x y z`; mend it")
    return found


def write_landmarks(mesh: Path, landmarks: dict[str, np.ndarray]) -> None:
    """Writes them beside a mesh file."""
    lines = [f"{name} {' '.join(f'{x:.6f}' for x in point)}\n" for name, point in landmarks.items()]
    with whole_file(landmarks_file(mesh)) as temporary:
        temporary.write_text("".join(lines))


def shared_landmarks(
    some: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The points [N, 3] of either that both have, row by row; None of fewer than three."""
    names = sorted(set(some) & set(others))
    if len(names) < _FEWEST_LANDMARKS:
        return None
    return tuple(np.array([each[name] for name in names]) for each in (some, others))


def find_mesh(folder: Path, stem: str) -> Path | None:
    """`folder/stem.obj` or `.ply`, whichever is there."""
    for suffix in SUFFIXES:
        path = folder / f"{stem}{suffix}"
        if path.is_file():
            return path
    return None


def _vertex_colors(loaded) -> np.ndarray | None:
    visual = loaded.visual
    if visual.kind != "vertex":
        return None
    return np.asarray(visual.vertex_colors, np.uint8)[:, :3]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
