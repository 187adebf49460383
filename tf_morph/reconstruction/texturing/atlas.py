"""Where each part of a face mesh lies in a texture: the skin unrolled from a cylinder.

What folds back under the skin (nostrils, the inner lips, the backs of ears) lies on what is before
it. Parts that hang together with nothing else, such as eyeballs, have places of their own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_MARGIN = 0.01  # around each part, as a share of the texture's side
_STRIP = 0.15  # at the lower edge, for the smaller parts


@dataclass(frozen=True, eq=False)
class Atlas:
    """Places in a texture.

    Attributes:
      uv: float32 [W, 2], (0, 0) the texture's lower left corner, (1, 1) its upper right.
      vertices: int32 [W], the mesh's vertex of each: first all V in their order; where the
        unrolled skin is cut open, one comes again behind them.
      triangles: int32 [T, 3], the mesh's, as indices into `uv`.
    """

    uv: np.ndarray
    vertices: np.ndarray
    triangles: np.ndarray


def uv_atlas(mean_vertices: np.ndarray, triangles: np.ndarray) -> Atlas:
    """The atlas of all faces of a model.

    Args:
      mean_vertices: [V, 3] mm, of the mean face; the cylinder stands upright behind its middle.
      triangles: [T, 3] integers.
    """
    mean = np.asarray(mean_vertices, float)
    parts = _parts(len(mean), triangles)
    sizes = np.bincount(parts[triangles[:, 0]], minlength=parts.max() + 1)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    angles, copies, cut = _cut_open(mean, triangles)
    places = np.stack([angles, mean[copies, 1]], axis=1)
    small = parts[copies] != order[0]
    places[small] = mean[copies[small], :2]  # seen from in front
    uv = np.zeros((len(copies), 2))
    for rank, part in enumerate(order):
        rows = parts[copies] == part
        low, high = _cell(rank, len(order) - 1)
        uv[rows] = _stretched(places[rows], low, high)
    return Atlas(uv.astype(np.float32), copies.astype(np.int32), cut.astype(np.int32))


def _parts(count: int, triangles: np.ndarray) -> np.ndarray:
    """[V], which connected part each vertex belongs to."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    links = coo_array((np.ones(len(pairs)), pairs.T), (count, count))
    return connected_components(links, directed=False)[1]


def _cut_open(mean, triangles):
    """Angles around the cylinder, increasing to the image's right; triangles across the back get
    copies of their corners, a turn further on."""
    middle = (mean.min(0) + mean.max(0)) / 2
    angles = np.arctan2(mean[:, 0] - middle[0], mean[:, 2] - middle[2])
    corners = angles[triangles]
    across = np.ptp(corners, axis=1) > np.pi
    cut, copied = triangles.copy(), np.zeros(0, int)
    left = across[:, np.newaxis] & (corners < 0)
    if left.any():
        copied = np.unique(triangles[left])
        cut[left] = len(mean) + np.searchsorted(copied, triangles[left])
    angles = np.concatenate([angles, angles[copied] + 2 * np.pi])
    return angles, np.concatenate([np.arange(len(mean)), copied]), cut


def _cell(rank: int, small: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower left and upper right corner of a part's place, the largest part having rank 0."""
    strip = _STRIP if small else 0.0
    if rank == 0:
        low, high = np.array([0.0, strip]), np.ones(2)
    else:
        low = np.array([(rank - 1) / small, 0.0])
        high = np.array([rank / small, strip])
    margin = np.minimum(_MARGIN, (high - low) / 4)
    return low + margin, high - margin


def _stretched(places: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    extent = np.maximum(np.ptp(places, axis=0), 1e-9)
    return low + (places - places.min(0)) / extent * (high - low)
