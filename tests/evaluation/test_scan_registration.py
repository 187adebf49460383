"""Registration of meshes in any frame, and what of a head's mesh can be seen."""

import numpy as np
import pytest
import trimesh

from tests.evaluation.surfaces import NOSE, grid_face, moved, somewhere
from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.scan_registration import register, visible_part


@pytest.fixture(scope="module")
def reference():
    return grid_face(step=3.0)


def test_a_face_in_metres_lying_anywhere_is_brought_back(reference):
    away = somewhere(1, scale=0.001, shift=2.0)
    found = register(moved(grid_face(step=2.3, shear=0.1), away), reference)
    back = found.after(away)(reference.vertices)
    assert np.linalg.norm(back - reference.vertices, axis=1).max() < 0.1


def test_part_of_a_face_is_brought_by_landmarks(reference):
    away, points = (
        somewhere(2, scale=7.0),
        np.array([NOSE, [30, 38, 20], [-30, 38, 20], [0, -70, 25]]),
    )
    part = grid_face(step=2.3).within(NOSE, 60.0)
    found = register(moved(part, away), reference, (away(points + 1.5), points))
    back = found.after(away)(part.vertices)
    assert np.linalg.norm(back - part.vertices, axis=1).max() < 0.1


def _head_with_a_ball(z=0.0, radius=20.0):
    head, ball = trimesh.creation.icosphere(4, 100.0), trimesh.creation.icosphere(2, radius)
    vertices = np.concatenate([head.vertices, ball.vertices + [0, 0, z]])
    return Mesh.of(vertices, np.concatenate([head.faces, ball.faces + len(head.vertices)]))


def test_what_lies_inside_a_head_is_left_out_and_its_face_stays():
    seen = visible_part(_head_with_a_ball())
    radii = np.linalg.norm(seen.vertices, axis=1)
    np.testing.assert_allclose(radii, 100.0)
    assert (seen.vertices[:, 2] > 20.0).sum() > 0.38 * len(trimesh.creation.icosphere(4).vertices)


def test_what_stands_out_of_a_head_stays():
    seen = visible_part(_head_with_a_ball(z=105.0))
    assert np.linalg.norm(seen.vertices, axis=1).max() > 124.0


def test_an_open_face_is_seen_whole_however_finely_it_is_cut():
    for step in (0.4, 9.0):
        mesh = grid_face(step=step, extent=60.0)
        assert len(visible_part(mesh).triangles) == len(mesh.triangles)


def test_where_a_mesh_stands_does_not_matter():
    transform = somewhere(seed=3, scale=0.01)
    head = _head_with_a_ball()
    seen = visible_part(moved(head, transform), transform.inverse())
    depths = np.sort(transform.inverse()(seen.vertices)[:, 2])
    np.testing.assert_allclose(depths, np.sort(visible_part(head).vertices[:, 2]), atol=1e-3)


def test_nothing_has_no_seen_part():
    assert not len(visible_part(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))).triangles)
