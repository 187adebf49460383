"""Surfaces brought onto others by iterated closest points, many pairs of them at one scale.

Of both surfaces, points are paired with the closest of the other one, and the moving surface is
moved so that the distances along the other's normals shrink most: point to plane, Chen and Medioni,
Image and Vision Computing 10, 145 (1992). Pairs do not count whose closest point lies on a border,
for there a surface ends in a hole or at its edge; nor whose normals disagree; nor the farthest
ones, as in the trimmed method of Chetverikov et al., ICPR 2002. The two directions weigh alike, and
every area of a surface as its size says, however it is cut into triangles. With one direction alone
the best scale would be too small: any surface shrunk to a point lies well on another.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.placement import Placement, small_motion

RIGID, PER_MESH, GLOBAL = "rigid", "per_mesh", "global"
LEAST_COSINE = 0.5  # between the normals of points paired
_STILL_MM = 2e-3  # a shift, or what a turn and a scaling move the surface's middle radius by


class Pair(NamedTuple):
    """A surface to be moved, and the one to be met."""

    moving: Mesh
    fixed: Mesh


class Rules(NamedTuple):
    """How to fit.

    Attributes:
      scaling: `RIGID` keeps each placement's scale; `PER_MESH` finds each pair's own; `GLOBAL`
        multiplies all by one factor, the best by least squares over all pairs.
      kept: share of the pairs of points that count, the nearest.
      points: of each surface, as many vertices are paired, drawn at random.
      iterations: at most.
      seed: of the draw.
    """

    scaling: str = RIGID
    kept: float = 0.85
    points: int = 3000
    iterations: int = 60
    seed: int = 0


class Paired(NamedTuple):
    """Points of one surface with the closest of another, both where the fixed one is.

    Attributes:
      points, closest: [N, 3] of the moving and the fixed surface, whichever was asked for.
      normals: [N, 3] of the surface searched.
      valid: bool [N] see above; the farthest are still among them.
      distances: [N].
    """

    points: np.ndarray
    closest: np.ndarray
    normals: np.ndarray
    valid: np.ndarray
    distances: np.ndarray


def fit(pairs: Sequence[Pair], starts: Sequence[Placement], rules: Rules) -> list[Placement]:
    """Where each pair's moving surface fits its fixed one.

    Args:
      pairs: their surfaces in any units; the fixed ones in mm.
      starts: one a pair, from which the way to the right one leads downhill.
      rules: how.

    Returns:
      One placement a pair, from the moving surface's frame to the fixed one's.
    """
    placements = list(starts)
    drawn = [_drawn_points(pair, rules) for pair in pairs]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        active = list(range(len(pairs)))
        for _ in range(rules.iterations):
            arguments = ((pairs[i], drawn[i], placements[i], rules.kept) for i in active)
            systems = list(pool.map(lambda each: _equations(*each), arguments))
            motions = _motions(systems, rules.scaling)
            for i, system, motion in zip(active, systems, motions, strict=True):
                placements[i] = small_motion(motion, system.centre).after(placements[i])
            moved = [_moved(*each) for each in zip(systems, motions, strict=True)]
            if rules.scaling == GLOBAL:  # all pairs have a say in the scale to the end
                if max(moved) < _STILL_MM:
                    break
            else:
                active = [i for i, far in zip(active, moved, strict=True) if far >= _STILL_MM]
            if not active:
                break
    return placements


def paired_points(
    pair: Pair, placement: Placement, which: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[Paired, Paired]:
    """The moving surface's vertices and their closest on the fixed one, and the other way round.

    Args:
      which: indices of the vertices of either that are wanted; None: all.
    """
    moving, fixed = pair
    mine, theirs = which or (slice(None), slice(None))
    points, normals = placement(moving.vertices[mine]), moving.vertex_normals[mine]
    onto = _look_up(fixed, points, normals @ placement.rotation.T)
    asked = fixed.vertices[theirs]
    back = placement.inverse()
    normals = fixed.vertex_normals[theirs] @ placement.rotation
    found = _look_up(moving, back(asked), normals)
    there = found._replace(
        points=placement(found.closest),
        closest=asked,
        normals=found.normals @ placement.rotation.T,
        distances=found.distances * placement.scale,
    )
    return onto, there


class _System(NamedTuple):
    """Normal equations of a `small_motion` about `centre`: matrix [7, 7] @ motion = vector [7];
    radius: what a turn moves the surface by."""

    matrix: np.ndarray
    vector: np.ndarray
    centre: np.ndarray
    radius: float


def _drawn_points(pair: Pair, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    return tuple(_drawn(len(mesh.vertices), rules) for mesh in pair)


def _drawn(count: int, rules: Rules) -> np.ndarray:
    if count <= rules.points:
        return np.arange(count)
    generator = np.random.default_rng([rules.seed, count])
    return np.sort(generator.permutation(count)[: rules.points])


def _look_up(mesh: Mesh, points: np.ndarray, normals: np.ndarray) -> Paired:
    found = mesh.tree.search(points)
    corners = mesh.triangles[found.triangles]
    weights = found.barycentrics[:, :, None]
    closest = (weights * mesh.vertices[corners]).sum(axis=1)
    there = (weights * mesh.vertex_normals[corners]).sum(axis=1)
    there /= np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-12)
    agree = (there * normals).sum(axis=1) >= LEAST_COSINE
    return Paired(points, closest, there, agree & ~on_border(mesh, found), found.distances)


def on_border(mesh: Mesh, found) -> np.ndarray:
    """bool [N]: whether each of the `Closest` points lies on a border of the mesh."""
    zeros = found.barycentrics == 0.0
    on_edge, on_vertex = zeros.sum(axis=1) == 1, zeros.sum(axis=1) == 2
    edges = mesh.border_edges[found.triangles, zeros.argmax(axis=1)]
    nearest = mesh.triangles[found.triangles, found.barycentrics.argmax(axis=1)]
    return (on_edge & edges) | (on_vertex & mesh.border_vertices[nearest])


def _equations(pair: Pair, which, placement: Placement, kept: float) -> _System:
    areas = [mesh.vertex_areas[indices] for mesh, indices in zip(pair, which, strict=True)]
    parts = []
    for paired, weights in zip(paired_points(pair, placement, which), areas, strict=True):
        chosen = paired.valid.copy()
        if chosen.any():
            chosen &= paired.distances <= np.quantile(paired.distances[paired.valid], kept)
        weights = weights[chosen]
        weights = weights / max(weights.sum(), 1e-12)
        parts.append((*(values[chosen] for values in paired[:3]), weights))
    points, closest, normals, weights = map(np.concatenate, zip(*parts, strict=True))
    if not len(points):
        return _System(np.eye(7), np.zeros(7), np.zeros(3), 0.0)
    centre = weights @ points / weights.sum()
    arms = points - centre
    rows = np.concatenate(
        [np.cross(arms, normals), normals, (arms * normals).sum(axis=1, keepdims=True)], axis=1
    )
    gaps = ((closest - points) * normals).sum(axis=1)
    weighted = rows * weights[:, None]
    radius = float(np.sqrt(weights @ np.square(arms).sum(axis=1) / weights.sum()))
    return _System(weighted.T @ rows, weighted.T @ gaps, centre, radius)


def _motions(systems: Sequence[_System], scaling: str) -> Iterable[np.ndarray]:
    """One motion [7] a system."""
    if scaling == PER_MESH:
        return [_solve(system.matrix, system.vector) for system in systems]
    factor = _common_factor(systems) if scaling == GLOBAL else 0.0
    rigid = (
        _solve(system.matrix[:6, :6], system.vector[:6] - factor * system.matrix[:6, 6])
        for system in systems
    )
    return [np.append(motion, factor) for motion in rigid]


def _common_factor(systems: Sequence[_System]) -> float:
    """The logarithm of the one scale that, with the best turn and shift of each, fits all best."""
    curvature = slope = 0.0
    for matrix, vector, *_ in systems:
        explained = _solve(matrix[:6, :6], np.stack([matrix[:6, 6], vector[:6]], axis=1))
        curvature += matrix[6, 6] - matrix[6, :6] @ explained[:, 0]
        slope += vector[6] - matrix[6, :6] @ explained[:, 1]
    return slope / curvature if curvature > 0.0 else 0.0


def _solve(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Least squares: where a surface may glide along the other, as a sphere may, it stays."""
    sizes = np.sqrt(np.maximum(np.diag(matrix), 1e-12))
    scaled = matrix / np.outer(sizes, sizes)
    right = vector / (sizes if vector.ndim == 1 else sizes[:, None])
    found = np.linalg.lstsq(scaled, right, rcond=1e-9)[0]
    return found / (sizes if vector.ndim == 1 else sizes[:, None])


def _moved(system: _System, motion: np.ndarray) -> float:
    """How far, mm, at the surface's middle radius."""
    turned = np.linalg.norm(motion[:3]) + abs(motion[6])
    return float(np.linalg.norm(motion[3:6]) + turned * system.radius)
