"""The mesh of a head, as files and pages take it."""

import functools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """A head's surface with its colours.

    Attributes:
      vertices: float32 [V, 3] mm, the face model's frame (docs/conventions.md).
      colors: uint8 [V, 3], sRGB-coded albedo.
      triangles: int32 [T, 3], counter-clockwise seen from outside.
      uv: float32 [V, 2], places in `texture`, (0, 0) its lower left corner, (1, 1) its upper right;
        None without one.
      texture: uint8 [H, W, 3], sRGB-coded albedo, row 0 on top; None: `colors` alone.
    """

    vertices: np.ndarray
    colors: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray | None = None
    texture: np.ndarray | None = None

    @property
    def is_textured(self) -> bool:
        return self.uv is not None and self.texture is not None

    @functools.cached_property
    def vertex_normals(self) -> np.ndarray:
        """float32 [V, 3], of length 1: area-weighted means of the adjoining triangles' normals,
        those of a copy at a texture's cut, too."""
        a, b, c = (self.vertices[self.triangles[:, corner]] for corner in range(3))
        places = np.arange(len(self.vertices))
        if self.is_textured:
            places = np.unique(self.vertices, axis=0, return_inverse=True)[1].ravel()
        corners = places[self.triangles.ravel()]
        sums = [
            np.bincount(corners, np.repeat(column, 3), minlength=len(self.vertices))
            for column in np.cross(b - a, c - a).T
        ]
        normals = np.stack(sums, axis=1)[places]
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        # A vertex of no triangle points somewhere, for files want normals of length 1.
        return np.where(lengths > 0, normals / np.maximum(lengths, 1e-12), (0, 0, 1)).astype("f4")


def joined(first: Mesh, *others: Mesh | None) -> Mesh:
    """Several meshes as one, by their vertices' colours; those that are None left out."""
    meshes = [first, *(mesh for mesh in others if mesh is not None)]
    if len(meshes) == 1:
        return first
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    triangles = [mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]).astype(np.float32),
        np.concatenate([mesh.colors for mesh in meshes]),
        np.concatenate(triangles).astype(np.int32),
    )
