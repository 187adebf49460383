import numpy as np
import trimesh

from tests.evaluation.surfaces import grid_face
from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.scan_registration import on_border


def _every_triangle(mesh, points):
    """Distances by trying all triangles, by trimesh's own geometry."""
    corners = mesh.vertices[mesh.triangles]
    return np.array(
        [
            np.linalg.norm(
                trimesh.triangles.closest_point(corners, np.broadcast_to(p, (len(corners), 3))) - p,
                axis=1,
            ).min()
            for p in points
        ]
    )


def _soup(seed, count):
    """Triangles of very different sizes, anywhere."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, 1, 3)) * 40
    corners = centres + random.normal(size=(count, 3, 3)) * random.exponential(10, (count, 1, 1))
    return Mesh.of(corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3))


def test_distances_are_those_to_the_nearest_of_all_triangles():
    for seed, count in enumerate([1, 3, 4, 5, 33, 700]):
        mesh = _soup(seed, count)
        points = np.random.default_rng([seed, 1]).normal(size=(60, 3)) * 60
        found = mesh.tree.search(points)
        np.testing.assert_allclose(found.distances, _every_triangle(mesh, points), atol=1e-10)


def test_barycentrics_give_the_closest_point():
    mesh = grid_face(step=10.0, seed=3)
    points = np.random.default_rng(0).normal(size=(500, 3)) * 60
    found = mesh.tree.search(points)
    closest = (found.barycentrics[:, :, None] * mesh.vertices[mesh.triangles[found.triangles]]).sum(
        1
    )
    np.testing.assert_allclose(np.linalg.norm(closest - points, axis=1), found.distances)
    assert found.barycentrics.min() >= 0.0
    np.testing.assert_allclose(found.barycentrics.sum(axis=1), 1.0)


def test_borders_are_the_rim_and_the_rims_of_holes():
    mesh = grid_face(step=10.0, extent=50.0)
    middle = np.linalg.norm(mesh.vertices[:, :2], axis=1) > 12.0
    holed = mesh.of_vertices(middle)
    outside = np.array(
        [[80.0, 3.0, 10.0], [80.0, 80.0, 10.0], [22.0, 23.0, 40.0], [0.0, 0.0, 90.0]]
    )
    for surface, expected in (
        (mesh, [True, True, False, False]),
        (holed, [True, True, False, True]),
    ):
        assert on_border(surface, surface.tree.search(outside)).tolist() == expected
