"""The open head's mesh: MakeHuman's head and neck, subdivided, with eyeballs of our own.

Everything is one sparse matrix from the base mesh's vertices to the head's, so that means, targets
and face units all go the same way. What it holds, and why:

- Head, neck and inner mouth, 4,500 of the base mesh's vertices, by one Catmull-Clark step: about
  18,000. One step is what makes lids, lips and ears round at 512 pixels; another would quadruple
  the cost of every drawing for what normals already show.
- The neck ends in a plane, cut through the triangles.
- The base mesh's eyeballs are 70 quads, too coarse for an iris: spheres of rings, dense where iris
  and pupil lie, take their places and follow them by the affine map that moves them best.
- Teeth and tongue. Lashes are left out, which are cards to be made transparent by a texture: the
  lids' margins are painted instead.
"""

import functools
from typing import NamedTuple

import numpy as np
import scipy.sparse

from tf_morph.morphable_model.makehuman_files import BaseMesh
from tf_morph.morphable_model.subdivision import catmull_clark, split_quads

MM = 100.0  # of the base mesh's decimetre
PARTS = ("skin", "eyes", "teeth", "tongue")

# Of teeth and tongue, about the middle of their backs: as they come they pass through the corners
# of many a mouth.
_TEETH_SCALE, _TONGUE_SCALE = 0.78, 0.86
_TEETH = ("helper-upper-teeth", "helper-lower-teeth")
_TONGUE = ("helper-tongue",)
_EYES = ("helper-r-eye", "helper-l-eye")
# What is subdivided may reach below the cut, which is made after.
_LOWEST = 5.75  # dm, of the base mesh
# The neck's plane: y = _CUT_HEIGHT + _CUT_SLOPE z, mm from between the eyes.
_CUT_HEIGHT, _CUT_SLOPE = -142.0, -0.16
# Degrees from the gaze at which the eyeball's rings lie; iris and pupil end near 26 and 9.
_RINGS = (4.5, 8.0, 10.0, 14.0, 18.0, 22.0, 25.0, 27.5, 32.0, 39.0, 48.0, 60.0, 75.0, 92.0, 110.0)
_SPOKES = 32
# The base mesh's 68 landmarks in iBUG's order, jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, lips
# 48-67, each from the subject's right; found by eye on renderings, symmetric.
CONTOURS = (
    5765, 5424, 5502, 910, 735, 5227, 5224, 5222, 5225, 11832, 11834, 11836, 7455, 7612, 12101,
    12023, 12362,
    255, 207, 205, 206, 208, 6983, 6980, 6979, 6981, 7024,
    136, 135, 164, 294, 286, 303, 317, 7068, 7055,
    1063, 6757, 6763, 1077, 6772, 6776, 7769, 13359, 13353, 7755, 13372, 13368,
    425, 5354, 450, 455, 7210, 11956, 7185, 7235, 7241, 492, 486, 480,
    416, 472, 474, 7228, 7176, 7264, 523, 517,
)  # fmt: skip
# Where the lips meet, of the base mesh.
UPPER_LIP, LOWER_LIP = CONTOURS[61:64], CONTOURS[65:68]
_NOSTRILS = (397, 7157)  # the subject's right and left


class HeadMesh(NamedTuple):
    """The head's mesh.

    Attributes:
      used: int [N], the base mesh's vertices it is made from.
      matrix: sparse float64 [V, N], from their places to the head's vertices.
      triangles: int32 [T, 3].
      parts: int32 [T], of each triangle, into `PARTS`.
      uvs: float32 [U, 2] in [0, 1], v upwards.
      uv_triangles: int32 [T, 3], the triangles' corners in `uvs`.
      eyes: bool [2, V], the vertices of the right and of the left eyeball.
      pupils: int [2], the foremost vertices of the right and of the left eyeball.
      contours: int [68], the vertices of the landmarks `CONTOURS`.
      nostrils: int [2], in the openings of the nose, right and left.
    """

    used: np.ndarray
    matrix: scipy.sparse.csr_matrix
    triangles: np.ndarray
    parts: np.ndarray
    uvs: np.ndarray
    uv_triangles: np.ndarray
    eyes: np.ndarray
    pupils: np.ndarray
    contours: np.ndarray
    nostrils: np.ndarray

    def places(self, base: np.ndarray) -> np.ndarray:
        """The base mesh's places or offsets [..., 19158, 3] dm as the head's [..., V, 3] mm."""
        kept = MM * np.asarray(base, np.float64)[..., self.used, :]
        flat = np.moveaxis(kept, -2, 0).reshape(len(self.used), -1)
        moved = (self.matrix @ flat).reshape(-1, *kept.shape[:-2], 3)
        return np.moveaxis(moved, 0, -2)

    def vertex_uvs(self) -> np.ndarray:
        """[V, 2]: one of each vertex' texture coordinates."""
        found = np.zeros((self.matrix.shape[0], 2), np.float32)
        found[self.triangles.ravel()] = self.uvs[self.uv_triangles.ravel()]
        return found

    def of_part(self, name: str) -> np.ndarray:
        """bool [V], the vertices of a part."""
        belongs = np.zeros(self.matrix.shape[0], bool)
        belongs[self.triangles[self.parts == PARTS.index(name)].ravel()] = True
        return belongs


def eyes_middle(base: np.ndarray, mesh: BaseMesh) -> np.ndarray:
    """[..., 3] the point between the eyeballs, of places or offsets [..., 19158, 3], in their unit:
    the head's origin."""
    middles = [base[..., np.unique(mesh.groups[name][0]), :].mean(axis=-2) for name in _EYES]
    return (middles[0] + middles[1]) / 2


def used_vertices(base: BaseMesh) -> np.ndarray:
    """int [N], the base mesh's vertices that a head is made from, ascending."""
    eyes = [base.groups[name][0].ravel() for name in _EYES]
    return np.unique(np.concatenate([_kept_quads(base)[0].ravel(), *eyes]))


def head_mesh(base: BaseMesh, mean: np.ndarray) -> HeadMesh:
    """The head of the base mesh.

    Args:
      base: hm08.
      mean: [19158, 3] dm, the average head's places, by which the neck is cut and the eyeballs
        are made round.
    """
    used = used_vertices(base)
    places = MM * (mean[used] - eyes_middle(mean, base))
    surface = _cut_surface(base, used, places)
    eye_ids = [np.searchsorted(used, np.unique(base.groups[name][0])) for name in _EYES]
    right, left = (_eyeball(places, ids) for ids in eye_ids)
    ball, faces = _ball()
    # Behind one another lie the surface, the right eye and the left one.
    starts = surface.matrix.shape[0] + len(ball) * np.arange(3)
    uv_starts = len(surface.uvs) + len(ball) * np.arange(2)
    row = np.arange(starts[-1])
    return HeadMesh(
        used=used,
        matrix=scipy.sparse.vstack([surface.matrix, right, left]).tocsr(),
        triangles=_joined(surface.triangles, *(faces + start for start in starts[:2])),
        parts=_joined(surface.parts, np.full(2 * len(faces), PARTS.index("eyes"))),
        uvs=np.concatenate([surface.uvs, *(_eye_uvs(base, name) for name in _EYES)]),
        uv_triangles=_joined(surface.uv_triangles, *(faces + start for start in uv_starts)),
        eyes=np.stack([(row >= starts[i]) & (row < starts[i + 1]) for i in range(2)]),
        pupils=starts[:2],
        contours=surface.new_ids[np.searchsorted(used, CONTOURS)],
        nostrils=surface.new_ids[np.searchsorted(used, _NOSTRILS)],
    )


def _joined(*pieces: np.ndarray) -> np.ndarray:
    return np.concatenate(pieces).astype(np.int32)


class _Surface(NamedTuple):
    """What of the head is subdivided: fields as those of `HeadMesh`, and new_ids [N], which of the
    head's vertices each used vertex has become; of no meaning where it has become none."""

    matrix: scipy.sparse.csr_matrix
    triangles: np.ndarray
    parts: np.ndarray
    uvs: np.ndarray
    uv_triangles: np.ndarray
    new_ids: np.ndarray


def _cut_surface(base: BaseMesh, used: np.ndarray, places: np.ndarray) -> _Surface:
    """Head, neck, teeth and tongue, subdivided and cut.

    Args:
      base: hm08.
      used: int [N], its vertices that matter.
      places: [N, 3] mm, theirs on the average head.
    """
    quads, uv_quads, parts = _kept_quads(base)
    ids, quads = np.unique(quads, return_inverse=True)
    uv_ids, uv_quads = np.unique(uv_quads, return_inverse=True)
    fine = catmull_clark(quads.reshape(-1, 4), len(ids))
    flat = catmull_clark(uv_quads.reshape(-1, 4), len(uv_ids), smooth=False)
    matrix = fine.matrix @ _selection(ids, used) @ _mouth_drawn_in(base, used)
    triangles = split_quads(fine.quads)
    heights = _above_cut(matrix @ places)
    cut = clip(triangles, heights[triangles], matrix.shape[0])
    uv_cut = clip(split_quads(flat.quads), heights[triangles], flat.matrix.shape[0])
    return _Surface(
        matrix=cut.matrix @ matrix,
        triangles=cut.triangles,
        parts=np.repeat(parts, len(triangles) // len(parts))[cut.source],
        uvs=(uv_cut.matrix @ (flat.matrix @ base.uvs[uv_ids])).astype(np.float32),
        uv_triangles=uv_cut.triangles,
        new_ids=np.searchsorted(cut.kept, np.searchsorted(ids, used)),
    )


class Clipped(NamedTuple):
    """triangles int32 [T, 3]; source [T], the triangle each was cut from; matrix [V, count] from
    the old vertices; kept [N] those old vertices that are still there, which come first."""

    triangles: np.ndarray
    source: np.ndarray
    matrix: scipy.sparse.csr_matrix
    kept: np.ndarray


def clip(triangles: np.ndarray, heights: np.ndarray, count: int) -> Clipped:
    """What of a mesh of `count` vertices lies where heights [T, 3] at its corners are positive.

    The heights are of corners, not of vertices, so that a mesh's texture coordinates can be cut by
    its places.
    """
    inside = heights > 0
    kept = inside.sum(axis=1)
    crossing = np.flatnonzero((kept == 1) | (kept == 2))
    lone = kept[crossing] == 1  # one corner is kept, else one is cut off
    corners, shares = _from_lone_corner(triangles[crossing], heights[crossing], lone)
    new, made = _on_edges(corners, shares, count)
    a, b, c = corners.T
    p, q = count + made.T
    pieces = [
        triangles[kept == 3],
        np.column_stack([a, p, q])[lone],
        np.column_stack([p, b, c])[~lone],
        np.column_stack([p, c, q])[~lone],
    ]
    sources = [np.flatnonzero(kept == 3), crossing[lone], crossing[~lone], crossing[~lone]]
    left, renumbered = np.unique(np.concatenate(pieces), return_inverse=True)
    matrix = scipy.sparse.vstack([scipy.sparse.identity(count), new]).tocsr()
    return Clipped(
        renumbered.reshape(-1, 3).astype(np.int32),
        np.concatenate(sources),
        matrix[left],
        left[left < count],
    )


def _from_lone_corner(triangles: np.ndarray, heights: np.ndarray, lone_is_inside: np.ndarray):
    """Triangles [C, 3] turned so that the corner alone on its side of the cut comes first, and how
    far along the edges from it to the two others they are cut, [C, 2] in [0, 1]."""
    lone = ((heights > 0) == lone_is_inside[:, None]).argmax(axis=1)
    turn = (lone[:, None] + np.arange(3)) % 3
    levels = np.take_along_axis(heights, turn, 1)
    return np.take_along_axis(triangles, turn, 1), levels[:, :1] / (levels[:, :1] - levels[:, 1:])


def _on_edges(corners: np.ndarray, shares: np.ndarray, count: int):
    """The vertices where the edges from each first corner are cut, one for each edge of the mesh.

    Returns:
      A sparse matrix [E, count] that gives them from the old vertices, and [C, 2], which of them
      each of the edges has.
    """
    edges = np.stack(np.broadcast_arrays(corners[:, :1], corners[:, 1:]), axis=-1).reshape(-1, 2)
    shares = np.where(edges[:, 0] > edges[:, 1], 1 - shares.ravel(), shares.ravel())
    edges, first, which = np.unique(
        np.sort(edges, axis=1), axis=0, return_index=True, return_inverse=True
    )
    weights = np.stack([1 - shares[first], shares[first]], axis=1)
    rows = np.repeat(np.arange(len(edges)), 2)
    matrix = scipy.sparse.csr_matrix((weights.ravel(), (rows, edges.ravel())), (len(edges), count))
    return matrix, which.reshape(-1, 2)


def _kept_quads(base: BaseMesh):
    """Of what is subdivided, quads [Q, 4] of vertices and of uvs, and each one's part, [Q]."""
    body, body_uvs = base.groups["body"]
    above = (base.vertices[body][:, :, 1] > _LOWEST).all(axis=1)
    pieces = [(body[above], body_uvs[above], "skin")]
    pieces += [(*base.groups[name], "teeth") for name in _TEETH]
    pieces += [(*base.groups[name], "tongue") for name in _TONGUE]
    parts = np.concatenate([np.full(len(quads), PARTS.index(part)) for quads, _, part in pieces])
    return (
        np.concatenate([quads for quads, _, _ in pieces]),
        np.concatenate([uvs for _, uvs, _ in pieces]),
        parts,
    )


def _mouth_drawn_in(base: BaseMesh, used: np.ndarray) -> scipy.sparse.csr_matrix:
    """[N, N]: teeth and tongue a little smaller, about the middles of their backs, so that lips
    close before them."""
    matrix = scipy.sparse.identity(len(used), format="lil")
    scales = dict.fromkeys(_TEETH, _TEETH_SCALE) | dict.fromkeys(_TONGUE, _TONGUE_SCALE)
    for name, scale in scales.items():
        group = np.unique(base.groups[name][0])
        depth = base.vertices[group, 2]
        ids = np.searchsorted(used, group)
        back = ids[depth <= np.quantile(depth, 0.25)]
        towards = np.isin(ids, back) / len(back)
        matrix[np.ix_(ids, ids)] = scale * np.eye(len(ids)) + (1 - scale) * towards
    return matrix.tocsr()


def _above_cut(points: np.ndarray) -> np.ndarray:
    """How far above the neck's plane points [V, 3] mm lie, along Y: [V]."""
    return points[:, 1] - _CUT_HEIGHT - _CUT_SLOPE * points[:, 2]


def _selection(ids: np.ndarray, used: np.ndarray) -> scipy.sparse.csr_matrix:
    """[n, N], which picks the vertices `ids` out of those used."""
    columns = np.searchsorted(used, ids)
    return scipy.sparse.csr_matrix(
        (np.ones(len(ids)), (np.arange(len(ids)), columns)), (len(ids), len(used))
    )


@functools.cache
def _ball() -> tuple[np.ndarray, np.ndarray]:
    """A sphere of radius 1 from its pole, +Z, to beyond its middle: places [E, 3] and triangles
    int32 [F, 3]."""
    polar = np.radians(np.array(_RINGS))[:, None]
    around = 2 * np.pi * np.arange(_SPOKES) / _SPOKES
    rings = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)
        ),
        axis=-1,
    )
    points = np.concatenate([[[0.0, 0.0, 1.0]], rings.reshape(-1, 3)])
    index = 1 + np.arange(len(_RINGS) * _SPOKES).reshape(-1, _SPOKES)
    after = np.roll(index, -1, axis=1)
    cap = np.column_stack([np.zeros(_SPOKES, int), index[0], after[0]])
    inner, outer = index[:-1].ravel(), index[1:].ravel()
    inner_after, outer_after = after[:-1].ravel(), after[1:].ravel()
    bands = [
        np.column_stack([inner, outer, outer_after]),
        np.column_stack([inner, outer_after, inner_after]),
    ]
    return points, np.concatenate([cap, *bands]).astype(np.int32)


def _eyeball(places: np.ndarray, ids: np.ndarray) -> scipy.sparse.csr_matrix:
    """[E, N] that makes a ball from the base mesh's eye `ids`, where vertices are at `places`."""
    points = places[ids]
    # The eye's own shape bulges at the cornea: the sphere is fitted to the rest.
    rest = points[points[:, 2] < np.median(points[:, 2]) + 0.3 * np.ptp(points[:, 2])]
    center, radius = fitted_sphere(rest)
    ball, _ = _ball()
    # Affine in the eye's own vertices: the least squares map that gives the ball from them.
    affine = np.column_stack([points, np.ones(len(points))])
    wanted = np.column_stack([center + radius * ball, np.ones(len(ball))])
    weights = wanted @ np.linalg.pinv(affine)
    rows, columns = np.repeat(np.arange(len(ball)), len(ids)), np.tile(ids, len(ball))
    return scipy.sparse.csr_matrix((weights.ravel(), (rows, columns)), (len(ball), len(places)))


def fitted_sphere(points: np.ndarray) -> tuple[np.ndarray, float]:
    """The center [3] and radius of the sphere nearest to points [n, 3], in their unit, by least
    squares of |p|² = 2 c·p + (r² - |c|²)."""
    system = np.column_stack([2 * points, np.ones(len(points))])
    *center, rest = np.linalg.lstsq(system, (points**2).sum(axis=1), rcond=None)[0]
    center = np.array(center)
    return center, np.sqrt(rest + center @ center)


def _eye_uvs(base: BaseMesh, group: str) -> np.ndarray:
    """float32 [E, 2], the ball's texture coordinates: a disc round the gaze, where the base mesh
    has its eye's."""
    place = base.uvs[np.unique(base.groups[group][1])]
    low, high = place.min(axis=0), place.max(axis=0)
    ball, _ = _ball()
    polar = np.arccos(np.clip(ball[:, 2], -1, 1)) / np.radians(_RINGS[-1])
    across = np.maximum(np.linalg.norm(ball[:, :2], axis=1, keepdims=True), 1e-9)
    uvs = (low + high) / 2 + 0.49 * (high - low) * polar[:, None] * ball[:, :2] / across
    return uvs.astype(np.float32)
