import numpy as np
import pytest
import scipy.spatial

from benchmarks.meshes import head_like_mesh
from tests.rendering.faces import face_mesh
from tf_morph.rendering.level_of_detail import simplified, triangle_normals


def edges_with_uses(triangles):
    sides = np.concatenate([triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    return np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)


def directed_edges(triangles):
    return {tuple(edge) for i in range(3) for edge in triangles[:, [i, (i + 1) % 3]]}


def test_as_many_vertices_as_asked_for_and_a_closed_surface_stays_closed():
    vertices, triangles = head_like_mesh(3000)
    fewer = simplified(vertices, triangles, 300)
    assert len(np.unique(fewer)) == 300
    assert len(fewer) == 2 * 300 - 4, "no longer a sphere (Euler)"
    assert (edges_with_uses(fewer)[1] == 2).all()
    assert len(directed_edges(fewer)) == 3 * len(fewer), "two triangles wind against each other"


def test_the_surface_stays_where_it_was_and_faces_as_it_did():
    vertices, triangles = head_like_mesh(3000)
    fewer = simplified(vertices, triangles, 400)
    middles, normals = vertices[fewer].mean(1), triangle_normals(vertices, fewer)
    axes = np.abs(vertices).max(0)
    outwards = middles / axes**2
    cosines = (normals * outwards).sum(1)
    cosines /= np.linalg.norm(normals, axis=1) * np.linalg.norm(outwards, axis=1)
    assert cosines.min() > 0.9
    assert np.linalg.norm(middles / axes, axis=1).min() > 0.96


def test_an_open_border_keeps_its_outline():
    vertices, triangles = face_mesh()
    fewer = simplified(vertices, triangles, 150)
    edges, uses = edges_with_uses(fewer)
    border = np.unique(edges[uses == 1])
    before, uses = edges_with_uses(triangles)
    outline = np.unique(before[uses == 1])
    assert np.isin(border, outline).all()
    distances, _ = scipy.spatial.cKDTree(vertices[border]).query(vertices[outline])
    assert distances.max() < 25.0, "a corner of the sheet, 270 mm high, is cut off"


def test_vertices_stay_where_what_is_to_be_kept_changes():
    side = np.linspace(0.0, 100.0, 31)
    plane = np.stack([*np.meshgrid(side, side), np.zeros((31, 31))], -1).reshape(-1, 3)
    _, triangles = face_mesh(31)
    spot = 40.0 * (np.linalg.norm(plane[:, :2] - [30.0, 70.0], axis=1) < 15.0)
    plain = np.unique(simplified(plane, triangles, 120))
    spotted = np.unique(simplified(plane, triangles, 120, spot[:, None]))
    near = np.abs(np.linalg.norm(plane[:, :2] - [30.0, 70.0], axis=1) - 15.0) < 5.0
    assert near[spotted].sum() > 2 * near[plain].sum()


def test_vertices_stay_where_triangles_count():
    vertices, triangles = head_like_mesh(3000)
    in_front = vertices[triangles].mean(1)[:, 2] > 0
    kept = np.unique(simplified(vertices, triangles, 300, None, np.where(in_front, 1.0, 0.01)))
    assert (vertices[kept, 2] > 0).mean() > 0.65


def test_enough_already_is_left_alone():
    vertices, triangles = face_mesh(8)
    np.testing.assert_array_equal(simplified(vertices, triangles, 64), triangles)


def test_what_cannot_be_simplified_further_ends_too():
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    triangles = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
    assert len(simplified(corners, triangles, 1)) == 4


@pytest.mark.parametrize("count", [100, 300])
def test_the_same_again(count):
    vertices, triangles = face_mesh()
    first, second = (simplified(vertices, triangles, count) for _ in range(2))
    np.testing.assert_array_equal(first, second)
