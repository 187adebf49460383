import numpy as np
import trimesh

from tests.evaluation.surfaces import grid_face, moved, somewhere
from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.scan_registration import seen_part


def _head_with_a_ball(z=0.0, radius=20.0):
    head, ball = trimesh.creation.icosphere(4, 100.0), trimesh.creation.icosphere(2, radius)
    vertices = np.concatenate([head.vertices, ball.vertices + [0, 0, z]])
    return Mesh.of(vertices, np.concatenate([head.faces, ball.faces + len(head.vertices)]))


def test_what_lies_inside_a_head_is_left_out_and_its_face_stays():
    seen = seen_part(_head_with_a_ball())
    radii = np.linalg.norm(seen.vertices, axis=1)
    np.testing.assert_allclose(radii, 100.0)
    assert (seen.vertices[:, 2] > 20.0).sum() > 0.38 * len(trimesh.creation.icosphere(4).vertices)


def test_what_stands_out_of_a_head_stays():
    seen = seen_part(_head_with_a_ball(z=105.0))
    assert np.linalg.norm(seen.vertices, axis=1).max() > 124.0


def test_an_open_face_is_seen_whole_however_finely_it_is_cut():
    for step in (0.4, 9.0):
        mesh = grid_face(step=step, extent=60.0)
        assert len(seen_part(mesh).triangles) == len(mesh.triangles)


def test_where_a_mesh_stands_does_not_matter():
    placement = somewhere(seed=3, scale=0.01)
    head = _head_with_a_ball()
    seen = seen_part(moved(head, placement), placement.inverse())
    np.testing.assert_allclose(
        np.sort(placement.inverse()(seen.vertices)[:, 2]), np.sort(seen_part(head).vertices[:, 2]),
        atol=1e-3,
    )  # fmt: skip


def test_nothing_has_no_seen_part():
    assert not len(seen_part(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))).triangles)
