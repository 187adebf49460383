import numpy as np

from tests.evaluation.surfaces import grid_face
from tf_morph.evaluation.mesh import Mesh


def test_areas_and_normals_of_a_square():
    mesh = Mesh.of([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]], [[0, 1, 2], [0, 2, 3], [0, 0, 1]])
    assert len(mesh.triangles) == 2  # the third is a line
    np.testing.assert_allclose(mesh.vertex_areas, [4 / 3, 2 / 3, 4 / 3, 2 / 3])
    np.testing.assert_allclose(mesh.vertex_normals, [[0, 0, 1]] * 4)
    assert mesh.border_edges.tolist() == [[True, False, True], [True, True, False]]


def test_a_ball_cut_out_keeps_whole_triangles():
    mesh = grid_face(step=5.0)
    part = mesh.within(np.array([0.0, 0.0, 60.0]), 40.0)
    assert np.linalg.norm(part.vertices - [0, 0, 60], axis=1).max() <= 40.0
    assert 0 < len(part.vertices) < len(mesh.vertices)
    assert set(np.unique(part.triangles)) == set(range(len(part.vertices)))
