"""Where each part of a face mesh lies in a texture.

As the face model's own texture coordinates lay it out, island by island, the largest given most of
the texture; of a model that has none, the skin is unrolled from a cylinder, and what folds back
under it (nostrils, the inner lips, the backs of ears) lies on what is before it. Parts that hang
together with nothing else, such as eyeballs, have places of their own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tf_morph.morphable_model import MorphableModel

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
    """The atlas of all faces of a model without texture coordinates.

    Args:
      mean_vertices: [V, 3] mm, of the mean face; the cylinder stands upright behind its middle.
      triangles: [T, 3] integers.
    """
    mean = np.asarray(mean_vertices, float)
    parts = _parts(len(mean), triangles)
    angles, copies, cut = _cut_open(mean, triangles)
    places = np.stack([angles, mean[copies, 1]], axis=1)
    small = parts[copies] != np.bincount(parts[triangles[:, 0]]).argmax()
    places[small] = mean[copies[small], :2]  # seen from in front
    return _packed(places, copies, cut, parts[copies])


def model_atlas(model: MorphableModel) -> Atlas:
    """The atlas of a model, by its own texture coordinates where it has them."""
    if model.uvs is None:
        return uv_atlas(model.vertices(np.zeros(1, np.float32)).numpy(), model.triangles)
    corners = np.stack([model.triangles.ravel(), model.uv_triangles.ravel()], axis=1)
    pairs, place = np.unique(corners, axis=0, return_inverse=True)
    # A vertex' first place stands at its own index, further ones behind all vertices.
    first = np.append(True, pairs[1:, 0] != pairs[:-1, 0])
    index = np.where(first, pairs[:, 0], model.num_vertices + np.cumsum(~first) - 1)
    copies = np.concatenate([np.arange(model.num_vertices), pairs[~first, 0]])
    places = np.zeros((len(copies), 2))
    places[index] = model.uvs[pairs[:, 1]]
    cut = index[place.reshape(-1)].reshape(-1, 3)
    return _packed(places, copies, cut, _parts(len(copies), cut))


def _packed(places, copies, triangles, parts) -> Atlas:
    """Each part [W] of places [W, 2] stretched into a cell of its own."""
    sizes = np.bincount(parts[triangles[:, 0]], minlength=parts.max() + 1)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    uv = np.zeros((len(copies), 2))
    for rank, part in enumerate(order):
        rows = parts == part
        uv[rows] = _stretched(places[rows], *_cell(rank, len(order) - 1))
    return Atlas(uv.astype(np.float32), copies.astype(np.int32), triangles.astype(np.int32))


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
