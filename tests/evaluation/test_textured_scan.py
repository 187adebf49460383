import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.evaluation.painted_scan import painted_texture, polydata, surface, write_scan
from tf_morph.errors import InputError
from tf_morph.evaluation.textured_scan import read_polydata, read_scan
from tf_morph.morphable_model.srgb import srgb_to_linear

_SQUARE = b"# vtk DataFile Version 5.1\nq\nASCII\nDATASET POLYDATA\nPOINTS 5 float\n"
_PLACES = b"0 0 0 1 0 0\n1 1 0 0 1 0 2 2 2\n"


def _file(suffix, folder, **how):
    return write_scan(folder / f"head{suffix}", **how)


@pytest.mark.parametrize(
    ("suffix", "how"), [(".glb", {}), (".obj", {}), (".vtk", {}), (".vtk", {"binary": True})]
)
def test_the_colour_of_a_place_is_the_same_from_any_file(tmp_path, suffix, how):
    scan = read_scan(_file(suffix, tmp_path, **how))
    texture = np.asarray(painted_texture())
    middles = scan.mesh.vertices[scan.mesh.triangles].mean(axis=1)
    column, row = ((110 + middles[:, :2] * [1, -1]) / 220 * 512).astype(int).T
    found = scan.albedo(scan.corners.mean(axis=1))
    assert np.abs(found - srgb_to_linear(texture[row, column] / 255.0)).mean() < 0.01
    np.testing.assert_allclose(scan.turned_over().turned_over().corners, scan.corners, atol=1e-6)


def test_without_a_texture_vertices_colours_do(tmp_path):
    vertices, triangles, uv = surface()
    colors = np.uint8(np.column_stack([uv * 255, np.zeros(len(uv))]))
    trimesh.Trimesh(vertices, triangles, vertex_colors=colors).export(tmp_path / "head.ply")
    scan = read_scan(tmp_path / "head.ply")
    middles = scan.mesh.vertices[scan.mesh.triangles].mean(axis=1)
    expected = srgb_to_linear((middles[:, :2] + 110) / 220)
    np.testing.assert_allclose(scan.albedo(scan.corners.mean(axis=1))[:, :2], expected, atol=0.02)


def test_inside_out_is_the_same_surface_from_behind(tmp_path):
    scan = read_scan(_file(".glb", tmp_path))
    flipped = scan.inside_out()
    np.testing.assert_allclose(flipped.mesh.vertex_normals, -scan.mesh.vertex_normals, atol=1e-9)
    np.testing.assert_array_equal(flipped.corners[:, 0], scan.corners[:, 2])


@pytest.mark.parametrize(
    "cells",
    [
        b"POLYGONS 2 8\n4 0 1 2 3 2 0 4\n",
        b"METADATA\nINFORMATION 0\n\nPOLYGONS 3 6\nOFFSETS vtktypeint64\n0 4 6\n"
        b"CONNECTIVITY vtktypeint64\n0 1 2 3 0 4\n",
    ],
)
def test_polygons_of_either_version_become_fans(tmp_path, cells):
    head = _SQUARE if b"OFFSETS" in cells else _SQUARE.replace(b"5.1", b"4.2")
    (tmp_path / "square.vtk").write_bytes(head + _PLACES + cells)
    found = read_polydata(tmp_path / "square.vtk")
    np.testing.assert_array_equal(found.triangles, [[0, 1, 2], [0, 2, 3]])
    assert found.uv is None and found.vertices.shape == (5, 3)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_vtk_file_cut_short_is_refused(tmp_path, binary, share):
    data = polydata(*surface(), binary)
    (tmp_path / "head.vtk").write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputError, match="head.vtk"):
        read_scan(tmp_path / "head.vtk")


@pytest.mark.parametrize(
    "damaged",
    [
        b"no head",
        _SQUARE.replace(b"5.1", b"4.2") + _PLACES + b"POLYGONS 1 4\n3 0 1 9\n",
        _SQUARE.replace(b"5.1", b"4.2") + _PLACES + b"POLYGONS 1 4\n9 0 1 2\n",
        _SQUARE.replace(b"POLYDATA", b"STRUCTURED_GRID"),
        _SQUARE + _PLACES,
        _SQUARE + b"0 0 zero" + _PLACES,
        _SQUARE + _PLACES + b"RUBBISH 1\n",
    ],
)
def test_damaged_vtk_files_are_refused_in_a_line(tmp_path, damaged):
    (tmp_path / "head.vtk").write_bytes(damaged)
    with pytest.raises(InputError, match="head.vtk") as caught:
        read_polydata(tmp_path / "head.vtk")
    assert "\n" not in str(caught.value)


def test_a_glb_cut_short_is_refused(tmp_path):
    path = _file(".glb", tmp_path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match="head.glb"):
        read_scan(path)


def test_a_scan_without_colours_or_with_too_many_textures_is_refused(tmp_path):
    vertices, triangles, _ = surface()
    trimesh.Trimesh(vertices, triangles).export(tmp_path / "bare.ply")
    with pytest.raises(InputError, match="bare.ply"):
        read_scan(tmp_path / "bare.ply")
    path = _file(".obj", tmp_path)
    path.with_suffix(".png").unlink()
    with pytest.raises(InputError):
        read_scan(path)
    for name in ("one", "two", "head_normal"):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    with pytest.raises(InputError, match="--texture"):
        read_scan(path)
    assert read_scan(path, tmp_path / "two.png").texture.shape == (4, 4, 3)
    with pytest.raises(InputError, match="three.png"):
        read_scan(path, tmp_path / "three.png")
    with pytest.raises(InputError, match="absent.glb"):
        read_scan(tmp_path / "absent.glb")
    with pytest.raises(InputError):
        read_scan(tmp_path / "two.png")
