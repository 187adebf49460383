"""How far two surfaces are from one another once one is where it fits the other."""

from typing import NamedTuple

import numpy as np

from tf_morph.evaluation.geometry.fitting import Pair, Paired, paired_points
from tf_morph.evaluation.geometry.placement import Placement


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
