"""Triangle meshes of any make, and what is asked of their surface."""

import functools
from dataclasses import dataclass

import numpy as np

from tf_morph.evaluation.geometry.closest_points import ClosestPoints, build_tree


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
