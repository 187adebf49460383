"""What of a head's mesh can be seen: not the teeth, tongue and mouth's inside behind closed lips,
nor what of an eyeball the lids hide. A scan shows none of it, so it is not measured."""

import numpy as np
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.placement import IDENTITY, Placement
from tf_morph.rendering.rasterizer import rasterize

_SIZE = 512  # pixels across the mesh
_LAYER = 2.0  # pixels: what lies no further behind a surface counts as that surface
_SIDES = Rotation.from_euler(
    "xy", [(0, 0), (0, 40), (0, -40), (0, 80), (0, -80), (40, 0), (-40, 0), (-70, 0)], degrees=True
).as_matrix()


def seen_part(mesh: Mesh, start: Placement = IDENTITY) -> Mesh:
    """The triangles all of whose corners are seen from before, beside, above or below.

    By depth, so that no triangle is too small to be seen.

    Args:
      start: from the mesh's frame to one in which it is upright and looks along +Z.
    """
    if not len(mesh.triangles):
        return mesh
    turned = start(mesh.vertices) @ np.swapaxes(_SIDES, 1, 2)
    low, high = turned.min(axis=1, keepdims=True), turned.max(axis=1, keepdims=True)
    half = 0.51 * (high - low).max(axis=(1, 2), keepdims=True)
    clip = (turned - (low + high) / 2) / half * [1.0, 1.0, -1.0]  # the nearest at the least depth
    clip = np.pad(clip, [(0, 0), (0, 0), (0, 1)], constant_values=1.0).astype(np.float32)
    seen = np.zeros(len(mesh.vertices), bool)
    for side in clip:
        column, row = (0.5 * _SIZE * (1.0 + side[:, :2] * [1.0, -1.0])).astype(int).T
        seen |= side[:, 2] <= _depths(side, mesh.triangles)[row, column] + _LAYER * 2.0 / _SIZE
    return mesh.of_vertices(seen)


def _depths(clip: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """[_SIZE, _SIZE] of what is nearest in each pixel, of vertices [V, 4]; far where nothing is."""
    drawn = rasterize(clip[None], triangles, _SIZE, _SIZE)
    ids, weights = drawn.triangle_ids[0].numpy(), drawn.barycentrics[0].numpy()
    depths = (clip[:, 2][triangles[ids]] * weights).sum(axis=-1)
    return np.where(ids >= 0, depths, np.inf)
