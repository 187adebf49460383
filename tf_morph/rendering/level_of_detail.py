"""Fewer triangles for small pictures: a mesh of some of a mesh's own vertices.

Vertices are collapsed onto neighbours, the cheapest first, by the quadric error metric with
attributes (Garland and Heckbert, "Simplifying Surfaces with Color and Texture using Quadric Error
Metrics", 1998), so that what lies at the kept vertices, and any linear basis of it, holds as it is.
Collapses that do not touch one another are made together, in rounds; weights and bounds are ours.
"""

import numpy as np
import scipy.sparse

_ROUND_SHARE = 0.25  # of the half-edges, the cheapest: candidates of a round
_STEEPEST_TURN = 0.7  # cosine between a triangle's normal before and after
_BORDER_WEIGHT = 3.0  # of an open border's line, by a triangle's plane
_LENGTH_WEIGHT = 1e-3  # of an edge's squared length: where all is flat, near ones go first
_SLIVER = 0.05  # twice a triangle's area over its longest side squared, below which none is made


def simplified(
    vertices: np.ndarray,
    triangles: np.ndarray,
    count: int,
    attributes: np.ndarray | None = None,
    importance: np.ndarray | None = None,
) -> np.ndarray:
    """Triangles over fewer of the same vertices.

    Args:
      vertices: [V, 3] mm.
      triangles: [T, 3] integers.
      count: how many vertices may be left of those that triangles use; more are where no further
        collapse keeps the surface connected as it is.
      attributes: [V, A], what else is to be kept at every place, in millimetres' worth.
      importance: [T], how much each triangle counts; None: all the same.

    Returns:
      [R, 3] int32, indices into the same `vertices`; the same for the same input.
    """
    triangles = np.asarray(triangles, np.int64)
    positions = np.asarray(vertices, np.float64)
    points = positions
    if attributes is not None:
        points = np.concatenate([positions, np.asarray(attributes, np.float64)], axis=1)
    quadrics, weights = _quadrics(points, triangles, importance)
    products, share = _products(points), _ROUND_SHARE
    while (surplus := len(np.unique(triangles)) - count) > 0:
        costs = _cost_function(points, products, quadrics, weights)
        removed, targets = _round(positions, triangles, costs, share)
        if not len(removed):
            if share == 1.0:
                break
            share = min(1.0, 2 * share)
            continue
        removed, targets = removed[:surplus], targets[:surplus]
        quadrics[targets] += quadrics[removed]  # of a round's targets each has one
        weights[targets] += weights[removed]
        onto = np.arange(len(points))
        onto[removed] = targets
        triangles = onto[triangles]
        a, b, c = triangles.T
        triangles = triangles[(a != b) & (b != c) & (c != a)]
    return triangles.astype(np.int32)


def _quadrics(points, triangles, importance):
    """What each vertex' own triangles and borders ask of it: [V, K], see `_products`; [V], of what
    weight they are together."""
    a, b, c = (points[corner] for corner in triangles.T)
    first = _unit(b - a)
    second = _unit((c - a) - first * ((c - a) * first).sum(1, keepdims=True))
    weights = _areas(points, triangles)
    if importance is not None:
        weights = weights * importance
    faces = _summed(_distances(a, [first, second], weights), triangles, len(points))
    edges, uses = _edges(triangles)
    border = edges[uses == 1]
    start, along = points[border[:, 0]], points[border[:, 1]] - points[border[:, 0]]
    strengths = _BORDER_WEIGHT * (along**2).sum(1)
    lines = _summed(_distances(start, [_unit(along)], strengths), border, len(points))
    return faces + lines, _summed(weights[:, None], triangles, len(points))[:, 0]


def _distances(origins, axes, weights):
    """The weighted squared distances from the flats through origins [T, N] along axes of [T, N].

    As numbers [T, K] by which the products of a point's coordinates are to be multiplied.
    """
    size = origins.shape[1]
    across = np.eye(size) - sum(axis[:, :, None] * axis[:, None] for axis in axes)
    slopes = -np.matmul(across, origins[..., None])
    constants = -(slopes[..., 0] * origins).sum(1)
    whole = np.concatenate([across, slopes], axis=2)
    last = np.concatenate([slopes[..., 0], constants[:, None]], axis=1)
    whole = np.concatenate([whole, last[:, None]], axis=1) * weights[:, None, None]
    rows, columns = np.triu_indices(size + 1)
    return whole[:, rows, columns] * np.where(rows == columns, 1.0, 2.0)


def _products(points):
    """Products of each two of a point's coordinates and 1: [V, K]."""
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    rows, columns = np.triu_indices(homogeneous.shape[1])
    return homogeneous[:, rows] * homogeneous[:, columns]


def _cost_function(points, products, quadrics, weights):
    def costs(half):
        removed, target = half.T
        distances = np.einsum("hk,hk->h", quadrics[removed], products[target])
        lengths = ((points[removed] - points[target]) ** 2).sum(1)
        return distances + _LENGTH_WEIGHT * weights[removed] * lengths

    return costs


def _round(positions, triangles, costs, share):
    """Vertices to remove and those they go to, the cheapest first; no two touch one another."""
    count = len(positions)
    edges, uses = _edges(triangles)
    bordering, fixed = np.zeros(count, bool), np.zeros(count, bool)
    bordering[edges[uses == 1]] = True
    fixed[edges[uses > 2]] = True
    half, uses = np.concatenate([edges, edges[:, ::-1]]), np.concatenate([uses, uses])
    near = scipy.sparse.csr_matrix((np.ones(len(half), np.int32), half.T), (count, count))
    possible = ~fixed[half[:, 0]] & (~bordering[half[:, 0]] | (uses == 1))
    half, uses = half[possible], uses[possible]
    order = np.argsort(costs(half), kind="stable")[: int(np.ceil(share * len(half)))]
    half, uses = half[order], uses[order]
    # The ends' common neighbours are the corners across their edge alone, or tubes would be shut.
    common = near[half[:, 0]].multiply(near[half[:, 1]]).sum(axis=1)
    half = half[np.asarray(common).ravel() == uses]
    half = half[_keeps_facing(positions, triangles, half)]
    return _apart(near, half)


def _keeps_facing(positions, triangles, half):
    """Whether no triangle that stays is turned over or made a sliver."""
    order = np.argsort(triangles.ravel(), kind="stable")
    owners, corners = order // 3, triangles.ravel()[order]
    starts = np.searchsorted(corners, half[:, 0])
    counts = np.searchsorted(corners, half[:, 0], side="right") - starts
    index = np.repeat(np.arange(len(half)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    touched = triangles[owners[starts[index] + place]]
    removed, target = half[index].T
    stays = ~(touched == target[:, None]).any(1)
    touched, index, removed, target = touched[stays], index[stays], removed[stays], target[stays]
    moved = np.where(touched == removed[:, None], target[:, None], touched)
    before, after = triangle_normals(positions, touched), triangle_normals(positions, moved)
    lengths = np.linalg.norm(after, axis=1)
    sides = positions[moved] - positions[np.roll(moved, 1, axis=1)]
    wrong = (before * after).sum(1) < _STEEPEST_TURN * np.linalg.norm(before, axis=1) * lengths
    wrong |= lengths < _SLIVER * (sides**2).sum(2).max(1)
    return np.bincount(index, wrong, len(half)) == 0


def _apart(near, half):
    """Of collapses, in their order, those that are more than two edges from any one before."""
    within_two = near @ near + near
    starts, neighbours = within_two.indptr, within_two.indices
    free = np.ones(near.shape[0], bool)
    chosen = []
    for index, vertex in enumerate(half[:, 0]):
        if free[vertex]:
            chosen.append(index)
            free[neighbours[starts[vertex] : starts[vertex + 1]]] = False
    return half[chosen, 0], half[chosen, 1]


def _edges(triangles):
    """Edges [E, 2], lower index first, and of how many triangles each is a side."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    count = triangles.max() + 1
    codes, uses = np.unique(sides.min(1) * count + sides.max(1), return_counts=True)
    return np.stack([codes // count, codes % count], axis=1), uses


def _summed(values, corners, count):
    """The sums [V, K] of the values [T, K] of what has each vertex for a corner."""
    owners = np.repeat(np.arange(len(corners)), corners.shape[1])
    ones = np.ones(corners.size)
    return scipy.sparse.csr_matrix((ones, (corners.ravel(), owners)), (count, len(values))) @ values


def triangle_normals(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Vectors [T, 3] of twice the triangles' areas, pointing to where they are seen from."""
    a, b, c = (positions[corner] for corner in triangles.T)
    return np.cross(b - a, c - a)


def _areas(points, triangles):
    """In the space of all attributes."""
    a, b, c = (points[corner] for corner in triangles.T)
    u, v = b - a, c - a
    squared = (u * u).sum(1) * (v * v).sum(1) - (u * v).sum(1) ** 2
    return 0.5 * np.sqrt(np.maximum(squared, 0.0))


def _unit(vectors):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)
