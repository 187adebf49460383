"""Meshes: surface quantities, files and the landmarks beside them."""

import numpy as np
import pytest

from tests.evaluation.surfaces import grid_face
from tf_morph.errors import InputError
from tf_morph.evaluation.mesh import (
    Mesh,
    find_mesh,
    read_colored_mesh,
    read_landmarks,
    read_mesh,
    write_landmarks,
    write_mesh,
)


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


@pytest.mark.parametrize("suffix", ["obj", "ply"])
def test_a_mesh_is_read_as_written(tmp_path, suffix):
    mesh = grid_face(step=30.0)
    path = tmp_path / f"face.{suffix}"
    write_mesh(path, mesh, np.arange(3 * len(mesh.vertices), dtype=np.uint8).reshape(-1, 3))
    read, colors = read_colored_mesh(path)
    # Another order of the vertices: compared by where they are.
    order = np.lexsort(mesh.vertices.T[::-1])
    np.testing.assert_allclose(read.vertices, mesh.vertices[order], atol=1e-6)
    np.testing.assert_array_equal(colors, np.arange(3 * len(mesh.vertices)).reshape(-1, 3)[order])
    np.testing.assert_allclose(read.vertex_normals, mesh.vertex_normals[order], atol=1e-6)
    assert find_mesh(tmp_path, "face") == path


def test_seams_of_a_texture_are_no_border(tmp_path):
    path = tmp_path / "scan.obj"
    path.write_text(
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 1 0 0\nv 1 1 0\nv 2 0 0\nv 2 1 0\n"
        "f 1 2 3 4\nf 5 7 8 6\n"
    )
    mesh = read_mesh(path)
    assert len(mesh.vertices) == 6
    assert mesh.border_edges.sum() == 6


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.obj", b"v 0 0 0\nv 1 0 0\n"),
        ("a.obj", b"v 0 0 0\nv 0 0 0\nv 1 0 0\nf 1 2 3\n"),
        ("a.ply", b"ply\nformat"),
        ("a.stl", b"solid"),
    ],
)
def test_what_is_no_mesh_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        read_mesh(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="gone.ply"):
        read_mesh(tmp_path / "gone.ply")


def test_landmarks_lie_beside_the_mesh(tmp_path):
    scan = tmp_path / "scan.ply"
    assert read_landmarks(scan) == {}
    write_landmarks(scan, {"center.nose.tip": np.array([1.0, -2.5, 3.25])})
    np.testing.assert_allclose(read_landmarks(scan)["center.nose.tip"], [1.0, -2.5, 3.25])
    (tmp_path / "scan.landmarks.txt").write_text("# ours\n\ncenter.nose.tip 1 2\n")
    with pytest.raises(InputError, match="landmarks.txt:3"):
        read_landmarks(scan)


def test_a_mesh_with_a_coordinate_that_is_no_number_is_told_so(tmp_path):
    path = tmp_path / "scan.ply"
    header = "ply\nformat ascii 1.0\nelement vertex 3\n"
    header += "".join(f"property float {axis}\n" for axis in "xyz")
    header += "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    path.write_text(f"{header}0 0 0\nnan 0 0\n0 1 0\n3 0 1 2\n")
    with pytest.raises(InputError, match="scan.ply"):
        read_mesh(path)
