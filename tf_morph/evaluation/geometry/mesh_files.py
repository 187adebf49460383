"""Mesh files, and the landmarks that may lie beside them.

Meshes are OBJ or PLY. Corners at one place count as one vertex, so that a seam of a texture is no
border; the vertices are in another order than the file's. Landmarks of `scan.obj` stand in
`scan.landmarks.txt`: a line `name x y z` each, in the mesh's unit and frame, by the names of the
Basel Face Model ("center.nose.tip", "right.eye.corner_outer", "right" the subject's); empty lines
and such beginning with # are passed over.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.evaluation.geometry.mesh import Mesh

SUFFIXES = (".obj", ".ply")
LANDMARKS_SUFFIX = ".landmarks.txt"


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
