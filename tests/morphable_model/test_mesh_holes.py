"""Rims of a mesh are found, and a closed one leaves none."""

import numpy as np
import pytest

from tf_morph.morphable_model.mesh_holes import boundary_loops, close_loop


def _ring(points: int, squash: float) -> tuple[np.ndarray, np.ndarray]:
    """A flat ring facing +Z, counter-clockwise, its hole an ellipse of `points` corners."""
    angles = 2 * np.pi * np.arange(points) / points + 0.1
    inner = np.stack([np.cos(angles), squash * np.sin(angles), 0 * angles], axis=1)
    around = np.arange(points)
    after = (around + 1) % points
    quads = np.stack([around, around + points, after + points, after], axis=1)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return np.concatenate([inner, 2 * inner + [0, 0, 0]]), triangles


def _areas(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    first, second, third = (vertices[triangles[:, k]] for k in range(3))
    return np.cross(second - first, third - first)[:, 2] / 2


@pytest.mark.parametrize(("points", "squash"), [(4, 1.0), (5, 0.3), (16, 0.05), (33, 0.5)])
def test_closing_a_hole_leaves_only_the_outer_rim_and_faces_alike(points, squash):
    vertices, triangles = _ring(points, squash)
    loops = boundary_loops(triangles)
    assert sorted(len(loop) for loop in loops) == [points, points]
    hole = next(loop for loop in loops if loop.max() < points)
    cap = close_loop(hole, vertices)
    assert cap.shape == (points - 2, 3)
    closed = np.concatenate([triangles, cap])
    assert [loop.min() >= points for loop in boundary_loops(closed)] == [True]
    assert np.all(_areas(vertices, triangles) > 0)
    assert np.all(_areas(vertices, cap) > -1e-9)
    hole_area = 0.5 * points * np.sin(2 * np.pi / points) * squash
    np.testing.assert_allclose(_areas(vertices, cap).sum(), hole_area)


def test_a_closed_mesh_has_no_rim():
    tetrahedron = np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [0, 2, 3]])
    assert boundary_loops(tetrahedron) == []
