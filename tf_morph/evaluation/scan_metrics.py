"""How far two surfaces are from one another once one is where it fits the other."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.scan_registration import (
    GLOBAL,
    PER_MESH,
    Pair,
    Paired,
    Placement,
    Rules,
    bring_onto,
    fit,
    fit_points,
    paired_points,
    seen_part,
)


class SurfaceErrors(NamedTuple):
    """Distances to the closest point of the other surface, mm; every area counts by its size.

    Attributes:
      mean: the mean of the two ways'.
      rmse: the root of the mean of the two ways' mean squares.
      scan_to_mesh: mean over all of the scan.
      mesh_to_scan: mean over what of the mesh the scan shows: points whose closest point on the
        scan lies on no border of it, and where both surfaces face the same way (60 degrees).
      median: of the scan's, as the NoW benchmark reports it.
    """

    mean: float
    rmse: float
    scan_to_mesh: float
    mesh_to_scan: float
    median: float


def surface_errors(pair: Pair, placement: Placement) -> SurfaceErrors:
    """Of a mesh, which is moved by `placement`, and of a scan cut to what is to be compared.

    All of the scan counts, so that nothing is won by a mesh that leaves part of a face out.
    """
    onto, there = paired_points(pair, placement)
    mesh_weights = np.where(onto.valid, pair.moving.vertex_areas, 0.0)
    scan_weights = pair.fixed.vertex_areas
    to_scan = _moments(onto, mesh_weights)
    to_mesh = _moments(there, scan_weights)
    mean, square = np.mean([to_scan, to_mesh], axis=0)
    return SurfaceErrors(
        mean=float(mean),
        rmse=float(np.sqrt(square)),
        scan_to_mesh=float(to_mesh[0]),
        mesh_to_scan=float(to_scan[0]),
        median=_weighted_median(there.distances, scan_weights),
    )


def scan_distances(pair: Pair, placement: Placement) -> np.ndarray:
    """[V] of every vertex of the scan, mm, from the mesh."""
    return paired_points(pair, placement)[1].distances


def _moments(paired: Paired, weights: np.ndarray) -> tuple[float, float]:
    """Mean and mean square of the distances; NaN where nothing counts."""
    total = weights.sum()
    if total <= 0.0:
        return np.nan, np.nan
    return weights @ paired.distances / total, weights @ np.square(paired.distances) / total


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2.0)])


CROP_MM = 95.0
NOSE_TIP = "center.nose.tip"
SCALINGS = (GLOBAL, PER_MESH)
_LEAST_LANDMARKS = 3
_TIP_SOUGHT_MM = 12.0
_RULES = Rules(points=700, iterations=25)


@dataclass(frozen=True, eq=False)
class Reference:
    """A face in whose frame meshes come: the run's mean face.

    Attributes:
      mesh: mm, upright, looking along +Z.
      landmarks: name to point [3] on it, the nose tip's (`NOSE_TIP`) among them.
    """

    mesh: Mesh
    landmarks: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Scan:
    """Somebody's scan, ready to be met.

    Attributes:
      mesh: mm, cut to a ball around the nose tip; what of it can be seen.
      start: from the reference's frame to the scan's.
    """

    mesh: Mesh
    start: Placement


class Fitted(NamedTuple):
    """A mesh where it fits its scan best, and how far from it that is."""

    placement: Placement
    errors: SurfaceErrors


def prepare_scan(
    mesh: Mesh,
    landmarks: Mapping[str, np.ndarray],
    reference: Reference,
    radius_mm: float = CROP_MM,
) -> Scan:
    """Finds where a scan's face is, and cuts it out.

    With three landmarks or more that the reference has, too, the reference is brought to them;
    else onto the scan by its shape. Where the landmarks name no nose tip, it is the scan's foremost
    point, as the reference looks, near the reference's. All methods meet the same cut.
    """
    points = shared_landmarks(reference.landmarks, landmarks)
    if points is not None:
        start = fit_points(*points)
    else:
        start = bring_onto(mesh, reference.mesh).inverse()
    tip = landmarks.get(NOSE_TIP)
    if tip is None:
        tip = _nose_tip(mesh, start, reference.landmarks[NOSE_TIP])
    # Cut wide at first, so that nothing is laid open that the head's other side covers.
    seen = seen_part(mesh.within(tip, 2.0 * radius_mm), start.inverse())
    return Scan(seen.within(tip, radius_mm), start)


def shared_landmarks(
    some: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The points [N, 3] of either that both have, row by row; None of fewer than three."""
    names = sorted(set(some) & set(others))
    if len(names) < _LEAST_LANDMARKS:
        return None
    return tuple(np.array([each[name] for name in names]) for each in (some, others))


def _nose_tip(mesh: Mesh, start: Placement, expected: np.ndarray) -> np.ndarray:
    seen = start.inverse()(mesh.vertices)
    distances = np.linalg.norm(seen - expected, axis=1)
    near = distances <= max(_TIP_SOUGHT_MM, distances.min())
    return mesh.vertices[np.flatnonzero(near)[seen[near, 2].argmax()]]


def measure(
    meshes: Sequence[Mesh], scans: Sequence[Scan], starts: Sequence[Placement] | None = None
) -> dict[str, list[Fitted]]:
    """One method's meshes, each fitted to and measured against its scan.

    Args:
      meshes: N.
      scans: N, of whom each mesh is to show.
      starts: from each mesh's frame to the reference's; None where they are the same.

    Returns:
      By scaling: `GLOBAL`, all meshes at the one scale that is best by least squares over all of
      them; `PER_MESH`, each at its own best.
    """
    pairs = [Pair(mesh, scan.mesh) for mesh, scan in zip(meshes, scans, strict=True)]
    placements = [scan.start for scan in scans]
    if starts is not None:
        placements = [scan.after(own) for scan, own in zip(placements, starts, strict=True)]
    alone = fit(pairs, placements, _RULES._replace(scaling=PER_MESH))
    scale = float(np.exp(np.median([np.log(placement.scale) for placement in alone])))
    levelled = [
        placement.scaled(scale, pair.moving.vertices.mean(axis=0))
        for placement, pair in zip(alone, pairs, strict=True)
    ]
    together = fit(pairs, levelled, _RULES._replace(scaling=GLOBAL))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {
            scaling: [
                Fitted(*each)
                for each in zip(found, pool.map(surface_errors, pairs, found), strict=True)
            ]
            for scaling, found in ((GLOBAL, together), (PER_MESH, alone))
        }
