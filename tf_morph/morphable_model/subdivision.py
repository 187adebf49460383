"""Catmull-Clark subdivision of quad meshes, as one sparse matrix.

A step is linear in the vertices, so that a mean, its displacements and per-vertex weights of a
model all pass through the same matrix. Rules: Catmull and Clark 1978; borders by the cubic
B-spline rule (DeRose, Kass and Truong 1998, section 3).
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse


class Subdivision(NamedTuple):
    """One step.

    Attributes:
      matrix: sparse float64 [V + E + Q, V], new positions of the old; vertices first, then edges'
        middles, then quads' middles.
      quads: int32 [4 Q, 4], of the new vertices.
    """

    matrix: scipy.sparse.csr_matrix
    quads: np.ndarray


def catmull_clark(quads: np.ndarray, count: int, smooth: bool = True) -> Subdivision:
    """The subdivision of a mesh of `count` vertices and quads [Q, 4].

    Args:
      quads: integers, counter-clockwise seen from outside; every edge of at most two of them.
      count: how many vertices there are, each of some quad.
      smooth: False: each quad is cut into four where it is, and no vertex moves.
    """
    quads = np.asarray(quads)
    edges, edge_of_side, uses = _edges(quads)
    border = uses == 1
    rows = len(quads)
    faces = _mean_matrix(quads, count)
    middles = _mean_matrix(edges, count)
    if smooth:
        # An inner edge's point lies halfway between its middle and its two quads' middles.
        beside = _incidence(edge_of_side, rows, len(edges)).T.multiply(1 / uses[:, None])
        share = np.where(border, 0.0, 0.5)
        edge_points = _rows(1 - share) @ middles + _rows(share) @ (beside @ faces)
        vertex_points = _vertex_points(quads, edges, border, faces, middles, count)
    else:
        edge_points, vertex_points = middles, scipy.sparse.identity(count)
    matrix = scipy.sparse.vstack([vertex_points, edge_points, faces]).tocsr()
    return Subdivision(matrix, _four_of_each(quads, edge_of_side, count, len(edges)))


def _edges(quads):
    """[E, 2] edges; [Q, 4] the edge that leaves each corner; how many quads use each edge."""
    sides = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    edges, which, uses = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    return edges, which.reshape(quads.shape), uses


def _vertex_points(quads, edges, border, faces, middles, count):
    """[V, V] from old vertices to their new places."""
    around = _incidence(quads, len(quads), count).T
    ends = _incidence(edges, len(edges), count).T
    valence = np.asarray(around.sum(axis=1)).ravel()
    # An inner vertex of valence n: (mean of its quads' middles + twice that of its edges' middles
    # + (n - 3) times itself) / n.
    inner = (
        _rows(1 / valence**2) @ (around @ faces)
        + _rows(2 / np.asarray(ends.sum(1)).ravel() / valence) @ (ends @ middles)
        + _rows(1 - 3 / valence)
    )
    rim_edges = np.flatnonzero(border)
    rim = np.unique(edges[rim_edges])
    # A rim's vertex goes half the way to the middle of its edges' middles along the rim.
    on_rim = np.zeros(count)
    on_rim[rim] = 1
    beside = np.bincount(edges[rim_edges].ravel(), minlength=count)
    along = _rows(0.5 / np.maximum(beside, 1)) @ ends[:, rim_edges] @ middles[rim_edges]
    along += _rows(np.full(count, 0.5))
    return _rows(1 - on_rim) @ inner + _rows(on_rim) @ along


def _four_of_each(quads, edge_of_side, count, num_edges):
    """[4 Q, 4]: each corner with the edge that leaves it, the quad's middle, the edge before."""
    out = count + edge_of_side
    into = np.roll(out, 1, axis=1)
    middle = np.broadcast_to((count + num_edges + np.arange(len(quads)))[:, None], quads.shape)
    return np.stack([quads, out, middle, into], axis=-1).reshape(-1, 4).astype(np.int32)


def _mean_matrix(polygons, count):
    """[polygons, count], each polygon's middle."""
    return _incidence(polygons, len(polygons), count) * (1 / polygons.shape[1])


def _incidence(polygons, rows, columns):
    """[rows, columns] 1 where a polygon has a corner."""
    which = np.repeat(np.arange(rows), polygons.shape[1])
    return scipy.sparse.csr_matrix(
        (np.ones(polygons.size), (which, polygons.ravel())), (rows, columns)
    )


def _rows(factors):
    """A matrix that multiplies each row of what follows."""
    return scipy.sparse.diags(factors)


def split_quads(quads: np.ndarray) -> np.ndarray:
    """Quads [Q, 4] as triangles int32 [2 Q, 3]."""
    return np.asarray(quads)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3).astype(np.int32)
