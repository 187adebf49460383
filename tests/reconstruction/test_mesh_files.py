"""Mesh files read back by another reader."""

import json
import struct

import numpy as np
import pytest
import trimesh
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.mesh_files import write_mesh

_VERTICES = np.float32([[0, 0, 0], [10, 0, 0], [0, 20, 0], [0, 0, 30]])
_TRIANGLES = np.int32([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
_COLORS = np.uint8([[255, 0, 0], [128, 128, 128], [10, 20, 30], [200, 150, 120]])
_UV = np.float32([[0, 0], [1, 0], [0, 1], [1, 1]])
_PLAIN = Mesh(_VERTICES, _COLORS, _TRIANGLES)
_TEXTURED = Mesh(_VERTICES, _COLORS, _TRIANGLES, _UV, np.uint8([[_COLORS[0], _COLORS[1]]] * 2))


def _read(path):
    return trimesh.load_mesh(path, process=False)


@pytest.mark.parametrize("suffix, unit", [(".glb", 1e-3), (".obj", 1.0), (".ply", 1.0)])
@pytest.mark.parametrize("mesh", [_PLAIN, _TEXTURED], ids=["plain", "textured"])
def test_surface_is_read_back(tmp_path, mesh, suffix, unit):
    write_mesh(tmp_path / f"head{suffix}", mesh)
    read = _read(tmp_path / f"head{suffix}")
    corners = np.asarray(read.vertices)[np.asarray(read.faces)]
    np.testing.assert_allclose(corners, unit * _VERTICES[_TRIANGLES], atol=1e-6)


@pytest.mark.parametrize("suffix", [".obj", ".ply"])
def test_vertex_colors_are_read_back(tmp_path, suffix):
    write_mesh(tmp_path / f"head{suffix}", _PLAIN)
    read = np.asarray(_read(tmp_path / f"head{suffix}").visual.vertex_colors)[:, :3]
    np.testing.assert_allclose(read.astype(int), _COLORS, atol=1)


def test_glb_has_linear_vertex_colors(tmp_path):
    write_mesh(tmp_path / "head.glb", _PLAIN)
    content = (tmp_path / "head.glb").read_bytes()
    length = struct.unpack("<I", content[12:16])[0]
    described, binary = json.loads(content[20 : 20 + length]), content[28 + length :]
    (primitive,) = described["meshes"][0]["primitives"]
    accessor = described["accessors"][primitive["attributes"]["COLOR_0"]]
    start = described["bufferViews"][accessor["bufferView"]]["byteOffset"]
    colors = np.frombuffer(binary, "<u2", 16, start).reshape(4, 4) / 65535
    assert accessor["normalized"] and struct.unpack("<I", content[8:12])[0] == len(content)
    # 128 sRGB-coded is 0.2159 in linear light (IEC 61966-2-1).
    np.testing.assert_allclose(colors[:2], [[1, 0, 0, 1], [0.2159, 0.2159, 0.2159, 1]], atol=1e-4)


@pytest.mark.parametrize("suffix", [".glb", ".obj"])
def test_texture_lies_the_right_way_up(tmp_path, suffix):
    texture = np.zeros((8, 8, 3), np.uint8)
    texture[0, 0] = (255, 0, 0)  # its upper left corner: u = 0, v = 1
    write_mesh(tmp_path / f"head{suffix}", Mesh(_VERTICES, _COLORS, _TRIANGLES, _UV, texture))
    read = _read(tmp_path / f"head{suffix}")
    unit = 1e-3 if suffix == ".glb" else 1.0
    distances = np.linalg.norm(read.vertices - unit * _VERTICES[2], axis=1)
    u, v = read.visual.uv[np.argmin(distances)]
    material = read.visual.material
    image = material.baseColorTexture if suffix == ".glb" else material.image
    row = round((1 - v) * (image.height - 1))  # trimesh counts from the lower edge
    assert np.asarray(image.convert("RGB"))[row, round(u * (image.width - 1))].tolist() == [
        255,
        0,
        0,
    ]


def test_obj_names_the_files_beside_it(tmp_path):
    write_mesh(tmp_path / "my head.obj", _TEXTURED)
    assert Image.open(tmp_path / "my head.png").size == (2, 2)
    assert "map_Kd my head.png" in (tmp_path / "my head.mtl").read_text()


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"head\.stl: .*\.glb, \.obj, \.ply"):
        write_mesh(tmp_path / "head.stl", _PLAIN)


@pytest.mark.parametrize("mesh", [_PLAIN, _TEXTURED], ids=["plain", "textured"])
def test_hair_is_a_part_of_its_own(tmp_path, mesh):
    hair = Mesh(_VERTICES + 50, _COLORS[::-1], _TRIANGLES[:2])
    for suffix in (".glb", ".obj", ".ply"):
        write_mesh(tmp_path / f"head{suffix}", mesh, hair)
    scene = trimesh.load_scene(tmp_path / "head.glb", process=False)
    assert set(scene.geometry) == {"head", "hair"}
    read = scene.geometry["hair"]
    corners = 1000 * np.asarray(read.vertices)[np.asarray(read.faces)]
    np.testing.assert_allclose(corners, hair.vertices[hair.triangles], atol=1e-3)
    content = (tmp_path / "head.glb").read_bytes()
    described = json.loads(content[20 : 20 + struct.unpack("<I", content[12:16])[0]])
    assert [material["name"] for material in described["materials"]] == ["skin", "hair"]
    lines = (tmp_path / "head.obj").read_text().splitlines()
    assert lines.index("o head") < lines.index("o hair")
    faces = [line for line in lines[lines.index("o hair") :] if line.startswith("f ")]
    assert faces == ["f 5 7 6", "f 5 6 8"]
    if mesh.is_textured:
        assert "newmtl hair" in (tmp_path / "head.mtl").read_text()
    whole = _read(tmp_path / "head.ply")
    assert len(whole.vertices) == 8 and len(whole.faces) == 6
    np.testing.assert_array_equal(whole.visual.vertex_colors[4:, :3], _COLORS[::-1])
