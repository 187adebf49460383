"""Any mesh of a face brought onto a reference face, from wherever it stands."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.geometry.fitting import (
    PER_MESH,
    RIGID,
    Pair,
    Paired,
    Rules,
    fit,
    paired_points,
)
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.placement import Placement, fit_points

UPRIGHT = np.eye(3)
_COARSE = Rules(scaling=RIGID, kept=0.7, points=300, iterations=15)
_COMPARED = 400  # points of either surface
_CLOSER = Rules(scaling=PER_MESH, kept=0.7, points=600, iterations=30)
_FINE = Rules(scaling=PER_MESH, kept=0.85)
_TRIED_FURTHER = 4
_LIKE = 0.03  # of the reference's radius: a mean distance by which one tells that it fits


def bring_onto(
    mesh: Mesh,
    reference: Mesh,
    landmarks: tuple[np.ndarray, np.ndarray] | None = None,
    rules: Rules = _FINE,
) -> Placement:
    """The similarity that brings a face's mesh onto a reference face.

    Without landmarks it is tried upright, looking along +Z, and, where that does not fit, from all
    sides; where a mesh shows much more or much less of a head than the reference, give landmarks.

    Args:
      mesh: in any unit, turned in any way.
      reference: in mm.
      landmarks: the same points [N, 3] on both, at least three, if known.
      rules: of the last step.

    Returns:
      From the mesh's frame to the reference's.
    """
    pair = Pair(mesh, reference)
    if landmarks is not None:
        return fit([pair], [fit_points(*landmarks)], rules)[0]
    starts = [_start(pair, scale, UPRIGHT) for scale in _scales(pair)]
    found = _best(pair, fit([pair] * len(starts), starts, _CLOSER), 1)[0]
    if _misfit(pair, found) > _LIKE * _radius(reference):
        found = _from_all_sides(pair)
    return fit([pair], [found], rules)[0]


def _from_all_sides(pair: Pair) -> Placement:
    starts = [_start(pair, scale, turn) for scale in _scales(pair) for turn in _turns()]
    rough = _best(pair, fit([pair] * len(starts), starts, _COARSE), _TRIED_FURTHER)
    return _best(pair, fit([pair] * len(rough), rough, _CLOSER), 1)[0]


def _best(pair: Pair, placements: Sequence[Placement], count: int) -> list[Placement]:
    order = np.argsort([_misfit(pair, placement) for placement in placements], kind="stable")
    return [placements[i] for i in order[:count]]


def _scales(pair: Pair) -> tuple[float, ...]:
    """That of a face of life size in another unit, and that which makes the sizes equal."""
    ratio = _radius(pair.fixed) / _radius(pair.moving)
    unit = 10.0 ** np.round(np.log10(ratio))
    return (unit,) if 0.5 < unit / ratio < 1.5 else (unit, ratio)


def _start(pair: Pair, scale: float, turn: np.ndarray) -> Placement:
    """Turned and scaled, and its middle brought to the other's."""
    centre, target = _centre(pair.moving), _centre(pair.fixed)
    return Placement(scale, turn, target - scale * (turn @ centre))


def _turns() -> np.ndarray:
    """[24 * 5, 3, 3]: the turns of a cube, and each turned a bit further four ways."""
    cube = Rotation.create_group("O")
    bits = 0.5 * np.concatenate([np.zeros((1, 3)), _corners_of_a_tetrahedron()])
    return np.concatenate([(cube * bit).as_matrix() for bit in Rotation.from_rotvec(bits)])


def _corners_of_a_tetrahedron() -> np.ndarray:
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    return corners / np.sqrt(3.0)


def _misfit(pair: Pair, placement: Placement) -> float:
    """Mean distance, mm, of the way on which it is less: one surface may be part of the other.

    A point that finds no closest one it may be paired with counts as the worst tenth does.
    """
    which = tuple(_some(len(mesh.vertices)) for mesh in pair)
    return min(_one_way(part) for part in paired_points(pair, placement, which))


def _some(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, _COMPARED)).astype(int)


def _one_way(paired: Paired) -> float:
    worst = np.quantile(paired.distances, 0.9)
    return float(np.where(paired.valid, np.minimum(paired.distances, worst), worst).mean())


def _centre(mesh: Mesh) -> np.ndarray:
    return mesh.vertex_areas @ mesh.vertices / mesh.vertex_areas.sum()


def _radius(mesh: Mesh) -> float:
    squares = np.square(mesh.vertices - _centre(mesh)).sum(axis=1)
    return float(np.sqrt(mesh.vertex_areas @ squares / mesh.vertex_areas.sum()))
