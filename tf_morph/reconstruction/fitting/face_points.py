"""Points that follow any face of a model, from their places on its mean face."""

import dataclasses

import numpy as np
import tensorflow as tf
from scipy.spatial import cKDTree

_NEIGHBOURS = 4  # vertices whose mean movement a point follows


@dataclasses.dataclass(frozen=True, eq=False)
class FacePoints:
    """P points, each at rest beside the vertices nearest to it on the mean face.

    Attributes:
      vertices: int32 [P, N], the vertices each follows.
      offsets: float32 [P, 3] mm, from their mean to the point.
    """

    vertices: np.ndarray
    offsets: np.ndarray

    @staticmethod
    def near(mean_vertices: np.ndarray, points: np.ndarray) -> "FacePoints":
        """Points [P, 3] mm on or near a mean face of vertices [V, 3] mm."""
        neighbours = min(_NEIGHBOURS, len(mean_vertices))
        nearest = cKDTree(mean_vertices).query(points, np.arange(1, neighbours + 1))[1]
        offsets = points - mean_vertices[nearest].mean(1)
        return FacePoints(nearest.astype(np.int32), offsets.astype(np.float32))

    def on(self, vertices: tf.Tensor) -> tf.Tensor:
        """The points [B, P, 3] mm on faces [B, V, 3] mm."""
        return tf.reduce_mean(tf.gather(vertices, self.vertices, axis=1), axis=2) + self.offsets

    def of_vertices(self, kept: np.ndarray) -> "FacePoints":
        """The same on a mesh of the vertices `kept` [N] alone, increasing, theirs among them."""
        places = np.searchsorted(kept, self.vertices).astype(np.int32)
        return dataclasses.replace(self, vertices=places)
