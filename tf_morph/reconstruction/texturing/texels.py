"""What of a mesh each texel of its texture shows."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.ndimage import distance_transform_edt

from tf_morph.reconstruction.texturing.atlas import Atlas
from tf_morph.rendering.rasterizer import rasterize


class Texels(NamedTuple):
    """The covered texels, N of them.

    Attributes:
      rows, columns: int [N], of the texture, row 0 on top.
      corners: int32 [N, 3], the mesh's vertices around each.
      weights: float32 [N, 3], theirs.
      nearest: int [side, side], of every texel the index of the nearest covered one.
    """

    rows: np.ndarray
    columns: np.ndarray
    corners: np.ndarray
    weights: np.ndarray
    nearest: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """Values [V, C] of the vertices, at the texels [N, C]."""
        return np.einsum("nk,nkc->nc", self.weights, np.asarray(values)[self.corners])

    def image(self, values: np.ndarray) -> np.ndarray:
        """Values [N, C] of the texels as a texture [side, side, C]; between and around the parts
        those of the nearest, so that no seam shows when textures are scaled down."""
        return values[self.nearest]


def texels(atlas: Atlas, side: int, kernels: str = "auto") -> Texels:
    """The texels of an atlas in a texture of side x side pixels."""
    flat = np.ones((1, len(atlas.uv), 4), np.float32)
    flat[0, :, :2] = 2 * atlas.uv - 1
    flat[0, :, 2] = 0
    drawn = rasterize(tf.constant(flat), atlas.triangles, side, side, kernels=kernels)
    ids = drawn.triangle_ids.numpy()[0]
    rows, columns = np.nonzero(ids >= 0)
    index = np.zeros((side, side), int)
    index[rows, columns] = np.arange(len(rows))
    place = distance_transform_edt(ids < 0, return_distances=False, return_indices=True)
    return Texels(
        rows,
        columns,
        atlas.vertices[atlas.triangles[ids[rows, columns]]],
        drawn.barycentrics.numpy()[0, rows, columns],
        index[tuple(place)],
    )
