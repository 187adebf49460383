"""Scan registration: ICP between surfaces at one scale, and what of a mesh is visible.

Surfaces are brought onto others by iterated closest points (ICP), many pairs of them at one scale.
Of both surfaces, points are matched with the closest of the other one, and the moving surface is
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
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.similarity_transform import (
    IDENTITY,
    SimilarityTransform,
    small_motion,
    umeyama,
)
from tf_morph.rendering.rasterizer import rasterize

RIGID, PER_MESH, GLOBAL = "rigid", "per_mesh", "global"
LEAST_COSINE = 0.5  # between the normals of points matched
_STILL_MM = 2e-3  # a shift, or what a turn and a scaling move the surface's middle radius by
UPRIGHT = np.eye(3)
_COMPARED = 400  # points of either surface
_TRIED_FURTHER = 4
_LIKE = 0.03  # of the reference's radius: a mean distance by which one tells that it fits
_SIZE = 512  # pixels across the mesh
_LAYER = 2.0  # pixels: what lies no further behind a surface counts as that surface
_SIDES = Rotation.from_euler(
    "xy", [(0, 0), (0, 40), (0, -40), (0, 80), (0, -80), (40, 0), (-40, 0), (-70, 0)], degrees=True
).as_matrix()


class SurfacePair(NamedTuple):
    """A surface to be moved, and the one to be met."""

    moving: Mesh
    fixed: Mesh


class IcpOptions(NamedTuple):
    """How to fit.

    Attributes:
      scaling: `RIGID` keeps each transform's scale; `PER_MESH` finds each pair's own; `GLOBAL`
        multiplies all by one factor, the best by least squares over all pairs.
      kept: share of the pairs of points that count, the nearest.
      points: of each surface, as many vertices are matched, sampled at random.
      iterations: at most.
      seed: of the sample.
    """

    scaling: str = RIGID
    kept: float = 0.85
    points: int = 3000
    iterations: int = 60
    seed: int = 0


class Correspondences(NamedTuple):
    """Points of one surface with the closest of another, both where the fixed one is.

    Attributes:
      points, closest: [N, 3] of the moving and the fixed surface, whichever was searched for.
      normals: [N, 3] of the surface searched.
      valid: bool [N] see above; the farthest are still among them.
      distances: [N].
    """

    points: np.ndarray
    closest: np.ndarray
    normals: np.ndarray
    valid: np.ndarray
    distances: np.ndarray


def icp(
    pairs: Sequence[SurfacePair], starts: Sequence[SimilarityTransform], options: IcpOptions
) -> list[SimilarityTransform]:
    """Where each pair's moving surface fits its fixed one.

    Args:
      pairs: their surfaces in any units; the fixed ones in mm.
      starts: one a pair, from which the way to the right one leads downhill.
      options: how.

    Returns:
      One transform a pair, from the moving surface's frame to the fixed one's.
    """
    transforms = list(starts)
    sampled = [_sampled(pair, options) for pair in pairs]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        active = list(range(len(pairs)))
        for _ in range(options.iterations):
            arguments = ((pairs[i], sampled[i], transforms[i], options.kept) for i in active)
            systems = list(pool.map(lambda each: _equations(*each), arguments))
            motions = _motions(systems, options.scaling)
            for i, system, motion in zip(active, systems, motions, strict=True):
                transforms[i] = small_motion(motion, system.centre).after(transforms[i])
            moved = [_moved(*each) for each in zip(systems, motions, strict=True)]
            if options.scaling == GLOBAL:  # all pairs have a say in the scale to the end
                if max(moved) < _STILL_MM:
                    break
            else:
                active = [i for i, far in zip(active, moved, strict=True) if far >= _STILL_MM]
            if not active:
                break
    return transforms


def correspondences(
    pair: SurfacePair,
    transform: SimilarityTransform,
    which: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[Correspondences, Correspondences]:
    """The moving surface's vertices and their closest on the fixed one, and the other way round.

    Args:
      which: indices of the vertices of either that are wanted; None: all.
    """
    moving, fixed = pair
    mine, theirs = which or (slice(None), slice(None))
    points, normals = transform(moving.vertices[mine]), moving.vertex_normals[mine]
    onto = _look_up(fixed, points, normals @ transform.rotation.T)
    points = fixed.vertices[theirs]
    back = transform.inverse()
    normals = fixed.vertex_normals[theirs] @ transform.rotation
    found = _look_up(moving, back(points), normals)
    there = found._replace(
        points=transform(found.closest),
        closest=points,
        normals=found.normals @ transform.rotation.T,
        distances=found.distances * transform.scale,
    )
    return onto, there


class _System(NamedTuple):
    """Normal equations of a `small_motion` about `centre`: matrix [7, 7] @ motion = vector [7];
    radius: what a turn moves the surface by."""

    matrix: np.ndarray
    vector: np.ndarray
    centre: np.ndarray
    radius: float


def _sampled(pair: SurfacePair, options: IcpOptions) -> tuple[np.ndarray, np.ndarray]:
    return tuple(_sample(len(mesh.vertices), options) for mesh in pair)


def _sample(count: int, options: IcpOptions) -> np.ndarray:
    if count <= options.points:
        return np.arange(count)
    generator = np.random.default_rng([options.seed, count])
    return np.sort(generator.permutation(count)[: options.points])


def _look_up(mesh: Mesh, points: np.ndarray, normals: np.ndarray) -> Correspondences:
    found = mesh.tree.search(points)
    corners = mesh.triangles[found.triangles]
    weights = found.barycentrics[:, :, None]
    closest = (weights * mesh.vertices[corners]).sum(axis=1)
    there = (weights * mesh.vertex_normals[corners]).sum(axis=1)
    there /= np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-12)
    agree = (there * normals).sum(axis=1) >= LEAST_COSINE
    return Correspondences(points, closest, there, agree & ~on_border(mesh, found), found.distances)


def on_border(mesh: Mesh, found) -> np.ndarray:
    """bool [N]: whether each of the `Closest` points lies on a border of the mesh."""
    zeros = found.barycentrics == 0.0
    on_edge, on_vertex = zeros.sum(axis=1) == 1, zeros.sum(axis=1) == 2
    edges = mesh.border_edges[found.triangles, zeros.argmax(axis=1)]
    nearest = mesh.triangles[found.triangles, found.barycentrics.argmax(axis=1)]
    return (on_edge & edges) | (on_vertex & mesh.border_vertices[nearest])


def _equations(pair: SurfacePair, which, transform: SimilarityTransform, kept: float) -> _System:
    areas = [mesh.vertex_areas[indices] for mesh, indices in zip(pair, which, strict=True)]
    parts = []
    for matched, weights in zip(correspondences(pair, transform, which), areas, strict=True):
        chosen = matched.valid.copy()
        if chosen.any():
            chosen &= matched.distances <= np.quantile(matched.distances[matched.valid], kept)
        weights = weights[chosen]
        weights = weights / max(weights.sum(), 1e-12)
        parts.append((*(values[chosen] for values in matched[:3]), weights))
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
    rotated = np.linalg.norm(motion[:3]) + abs(motion[6])
    return float(np.linalg.norm(motion[3:6]) + rotated * system.radius)


_COARSE = IcpOptions(scaling=RIGID, kept=0.7, points=300, iterations=15)
_CLOSER = IcpOptions(scaling=PER_MESH, kept=0.7, points=600, iterations=30)
_FINE = IcpOptions(scaling=PER_MESH, kept=0.85)


def register(
    mesh: Mesh,
    reference: Mesh,
    landmarks: tuple[np.ndarray, np.ndarray] | None = None,
    options: IcpOptions = _FINE,
) -> SimilarityTransform:
    """The similarity that brings a face's mesh onto a reference face.

    Without landmarks it is tried upright, looking along +Z, and, where that does not fit, from all
    sides; where a mesh shows much more or much less of a head than the reference, give landmarks.

    Args:
      mesh: in any unit, rotated in any way.
      reference: in mm.
      landmarks: the same points [N, 3] on both, at least three, if known.
      options: of the last step.

    Returns:
      From the mesh's frame to the reference's.
    """
    pair = SurfacePair(mesh, reference)
    if landmarks is not None:
        return icp([pair], [umeyama(*landmarks)], options)[0]
    starts = [_start(pair, scale, UPRIGHT) for scale in _scales(pair)]
    found = _best(pair, icp([pair] * len(starts), starts, _CLOSER), 1)[0]
    if _misfit(pair, found) > _LIKE * _radius(reference):
        found = _from_all_sides(pair)
    return icp([pair], [found], options)[0]


def _from_all_sides(pair: SurfacePair) -> SimilarityTransform:
    starts = [_start(pair, scale, turn) for scale in _scales(pair) for turn in _turns()]
    rough = _best(pair, icp([pair] * len(starts), starts, _COARSE), _TRIED_FURTHER)
    return _best(pair, icp([pair] * len(rough), rough, _CLOSER), 1)[0]


def _best(
    pair: SurfacePair, transforms: Sequence[SimilarityTransform], count: int
) -> list[SimilarityTransform]:
    order = np.argsort([_misfit(pair, transform) for transform in transforms], kind="stable")
    return [transforms[i] for i in order[:count]]


def _scales(pair: SurfacePair) -> tuple[float, ...]:
    """That of a face of life size in another unit, and that which makes the sizes equal."""
    ratio = _radius(pair.fixed) / _radius(pair.moving)
    unit = 10.0 ** np.round(np.log10(ratio))
    return (unit,) if 0.5 < unit / ratio < 1.5 else (unit, ratio)


def _start(pair: SurfacePair, scale: float, turn: np.ndarray) -> SimilarityTransform:
    """Turned and scaled, and its middle brought to the other's."""
    centre, target = _centre(pair.moving), _centre(pair.fixed)
    return SimilarityTransform(scale, turn, target - scale * (turn @ centre))


def _turns() -> np.ndarray:
    """[24 * 5, 3, 3]: the turns of a cube, and each turned a bit further four ways."""
    cube = Rotation.create_group("O")
    bits = 0.5 * np.concatenate([np.zeros((1, 3)), _corners_of_a_tetrahedron()])
    return np.concatenate([(cube * bit).as_matrix() for bit in Rotation.from_rotvec(bits)])


def _corners_of_a_tetrahedron() -> np.ndarray:
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    return corners / np.sqrt(3.0)


def _misfit(pair: SurfacePair, transform: SimilarityTransform) -> float:
    """Mean distance, mm, of the way on which it is less: one surface may be part of the other.

    A point that finds no closest one it may be matched with counts as the worst tenth does.
    """
    which = tuple(_some(len(mesh.vertices)) for mesh in pair)
    return min(_one_way(part) for part in correspondences(pair, transform, which))


def _some(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, _COMPARED)).astype(int)


def _one_way(matched: Correspondences) -> float:
    worst = np.quantile(matched.distances, 0.9)
    return float(np.where(matched.valid, np.minimum(matched.distances, worst), worst).mean())


def _centre(mesh: Mesh) -> np.ndarray:
    return mesh.vertex_areas @ mesh.vertices / mesh.vertex_areas.sum()


def _radius(mesh: Mesh) -> float:
    squares = np.square(mesh.vertices - _centre(mesh)).sum(axis=1)
    return float(np.sqrt(mesh.vertex_areas @ squares / mesh.vertex_areas.sum()))


def visible_part(mesh: Mesh, start: SimilarityTransform = IDENTITY) -> Mesh:
    """The triangles all of whose corners are seen from before, beside, above or below.

    By depth, so that no triangle is too small to be seen.

    Args:
      start: from the mesh's frame to one in which it is upright and looks along +Z.
    """
    if not len(mesh.triangles):
        return mesh
    rotated = start(mesh.vertices) @ np.swapaxes(_SIDES, 1, 2)
    low, high = rotated.min(axis=1, keepdims=True), rotated.max(axis=1, keepdims=True)
    half = 0.51 * (high - low).max(axis=(1, 2), keepdims=True)
    clip = (rotated - (low + high) / 2) / half * [1.0, 1.0, -1.0]  # the nearest at the least depth
    clip = np.pad(clip, [(0, 0), (0, 0), (0, 1)], constant_values=1.0).astype(np.float32)
    seen = np.zeros(len(mesh.vertices), bool)
    for side in clip:
        column, row = (0.5 * _SIZE * (1.0 + side[:, :2] * [1.0, -1.0])).astype(int).T
        seen |= side[:, 2] <= _depths(side, mesh.triangles)[row, column] + _LAYER * 2.0 / _SIZE
    return mesh.of_vertices(seen)


def _depths(clip: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """[_SIZE, _SIZE] of what is nearest in each pixel, of vertices [V, 4]; far where nothing is."""
    raster = rasterize(clip[None], triangles, _SIZE, _SIZE)
    ids, weights = raster.triangle_ids[0].numpy(), raster.barycentrics[0].numpy()
    depths = (clip[:, 2][triangles[ids]] * weights).sum(axis=-1)
    return np.where(ids >= 0, depths, np.inf)
