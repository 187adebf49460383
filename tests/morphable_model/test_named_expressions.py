"""Expressions by name, texture coordinates and parts: in the model, in its file, and refused."""

import h5py
import numpy as np
import pytest

from tests.morphable_model.synthetic_models import (
    assert_same_model,
    named_model,
    random_basis,
    small_model,
)
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_units


def test_a_coefficient_of_one_is_the_full_unit():
    units = np.random.default_rng(3).normal(0, 5, (4, 12, 3))
    units[1] = 0  # moves nothing
    units[2] = units[0] + units[3]  # not orthogonal to the others, and not to be made so
    basis = basis_of_units(units)
    np.testing.assert_allclose(np.linalg.norm(basis.basis, axis=0), [1, 0, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(basis.evaluate(np.eye(4)), units, rtol=1e-5, atol=1e-5)
    mixed = basis.displacements([[0.5, 2.0, -1.0, 0.0]])[0]
    np.testing.assert_allclose(mixed, 0.5 * units[0] - units[2], rtol=1e-5, atol=1e-4)


def test_vertices_with_an_expression_and_without(model):
    shape = np.random.default_rng(0).standard_normal((2, 1, 6)).astype(np.float32)
    neutral = model.vertices(shape)
    if model.expression is None:
        with pytest.raises(InputError, match="small: this face model has no expressions"):
            model.vertices(shape, np.zeros(1, np.float32))
        return
    strengths = np.random.default_rng(1).standard_normal((3, 2)).astype(np.float32)
    scaled = model.expression.basis * model.expression.standard_deviations
    moves = (strengths @ scaled[:, :2].T).reshape(3, -1, 3)
    moved = model.vertices(shape, strengths)
    assert moved.shape == (2, 3, model.num_vertices, 3)
    np.testing.assert_allclose(moved, neutral + moves, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(model.vertices(shape[:, 0], np.zeros(3)), neutral[:, 0])
    with pytest.raises(InputError, match="4 coefficients for a basis of 3"):
        model.vertices(shape, np.zeros(4, np.float32))


def test_units_by_their_names():
    model = named_model()
    strengths = model.expression_of({"mouthSmileLeft": 0.5})
    assert strengths.dtype == np.float32
    np.testing.assert_array_equal(strengths, [0, 0.5, 0])
    moved = model.vertices(np.zeros(1), strengths) - model.vertices(np.zeros(1))
    half = 0.5 * model.expression.standard_deviations[1]
    assert np.linalg.norm(moved) == pytest.approx(half, rel=1e-5)
    with pytest.raises(InputError, match=r"no expression smile: small has jawOpen, mouthSmileLeft"):
        model.expression_of({"jawOpen": 1, "smile": 1})
    with pytest.raises(InputError, match="no named ones"):
        small_model(expression=random_basis(12, 3, 3)).expression_of({"jawOpen": 1})


@pytest.mark.parametrize("version", ["0.8", "0.9"])
def test_written_and_read_again(tmp_path, version):
    model = named_model()
    model.save(tmp_path / "m.h5", version=version)
    again = MorphableModel.load(tmp_path / "m.h5")
    assert_same_model(again, model, 2e-7 if version == "0.8" else 0.0)
    assert again.expression_names[2] == "Wange links – „ß“"
    assert not any(array.flags.writeable for array in (again.uvs, again.uv_triangles))
    assert not again.triangle_parts.flags.writeable


def test_names_as_h5py_writes_them_by_itself(tmp_path):
    path = tmp_path / "m.h5"
    named_model().save(path)
    _replace(path, "expression/names", ["a", "ü", "c"])
    assert MorphableModel.load(path).expression_names == ("a", "ü", "c")


def test_a_file_without_has_none(tmp_path, model):
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        assert "expression/names" not in file
        assert not {"uvs", "uvCells", "parts", "partNames"} & set(file["shape/representer"])
    again = MorphableModel.load(tmp_path / "m.h5")
    assert again.expression_names == again.part_names == ()
    assert again.uvs is again.uv_triangles is again.triangle_parts is None


def test_of_vertices_keeps_names_drops_texture_coordinates_and_takes_new_parts():
    model = named_model()
    kept, triangles = np.array([7, 2, 11]), np.array([[0, 1, 2], [2, 1, 0]])
    few = model.of_vertices(kept, triangles)
    assert few.expression_names == model.expression_names
    assert few.uvs is few.uv_triangles is None
    strengths = np.array([0.3, -1.0, 2.0])
    moved = model.expression.displacements(strengths).numpy()[kept]
    np.testing.assert_allclose(few.expression.displacements(strengths), moved, rtol=1e-5, atol=1e-5)
    assert few.triangle_parts is None
    assert few.part_names == ()
    divided = model.of_vertices(kept, triangles, triangle_parts=[2, 0])
    np.testing.assert_array_equal(divided.triangle_parts, [2, 0])
    assert divided.part_names == model.part_names


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expression_names": ("a", "b")}, "2 expression names for 3 expression components"),
        ({"expression": None}, "3 expression names for 0 expression components"),
        ({"expression_names": ("a", "b", "a")}, "expression name 'a' is given 2 times"),
        ({"expression_names": ("a", " ", "b")}, "expression name at index 1 is ' '"),
        ({"expression_names": ("a", "b", 3)}, "index 2 is 3, expected a word"),
        ({"expression_names": ("a", "b", "c\0")}, "index 2"),
        ({"expression_names": ("a", "b", "ö" * 101)}, "index 2 has 202 bytes; 200 is the most"),
        ({"uvs": np.zeros((17, 3))}, "texture coordinates of shape (17, 3), expected (places, 2)"),
        ({"uvs": np.zeros(17)}, "texture coordinates of shape (17,)"),
        ({"uvs": np.full((17, 2), np.nan)}, "texture coordinate is not within"),
        ({"uvs": np.full((17, 2), 1.5)}, "texture coordinate is not within"),
        ({"uvs": np.zeros((16, 2))}, "texture coordinates 0 to 16, but there are 16"),
        ({"uvs": None}, "go together"),
        ({"uv_triangles": None}, "go together"),
        ({"uv_triangles": np.zeros((8, 3), int)}, "shape (8, 3) and type int64"),
        ({"uv_triangles": np.zeros((9, 3))}, "type float64, expected integers (9, 3)"),
        ({"uv_triangles": np.full((9, 3), -1)}, "texture coordinates -1 to -1"),
        ({"triangle_parts": None}, "names of parts, but of no triangle"),
        ({"triangle_parts": np.zeros(8, int)}, "(9,), one for each triangle"),
        ({"triangle_parts": np.zeros(9)}, "expected integers"),
        ({"triangle_parts": np.full(9, 3)}, "parts 3 to 3, but 3 parts have names"),
        ({"triangle_parts": np.full(9, -1)}, "parts -1 to -1"),
        ({"part_names": ("skin", "eyes", "skin")}, "part name 'skin' is given 2 times"),
    ],
)
def test_what_does_not_fit_the_model(changes, expected):
    with pytest.raises(InputError) as caught:
        named_model(**changes)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("expression/names", ["a", "b"], "expression/names has 2 names, expected 3"),
        ("expression/names", ["a", "a", "b"], "'a' is given 2 times"),
        ("expression/names", ["a", "b", "c" * 201], "201 bytes"),
        ("expression/names", np.zeros(3), "expression/names is no list of names"),
        ("expression/names", "one", "expression/names is no list of names"),
        ("expression/names", np.array([b"a", b"b", b"\xff"]), "no UTF-8"),
        ("expression/names", np.zeros(3, "S70000"), "70000 bytes; 200 is the most"),
        ("shape/representer/uvs", np.zeros((2, 16)), "texture coordinates 0 to 16, but there are"),
        ("shape/representer/uvs", np.full((2, 17), -0.1), "not within 0 and 1"),
        ("shape/representer/uvs", None, "go together"),
        ("shape/representer/uvs", ["a"], "expected numbers"),
        ("shape/representer/uvCells", None, "go together"),
        ("shape/representer/uvCells", np.zeros((3, 8), int), "shape (8, 3)"),
        ("shape/representer/uvCells", np.zeros((3, 9)), "uvCells has shape (3, 9), expected integ"),
        ("shape/representer/uvCells", np.full((3, 9), 2**40), "file is damaged"),
        ("shape/representer/parts", np.zeros(9), "float64, expected integers"),
        ("shape/representer/parts", np.zeros(8, int), "expected integers"),
        ("shape/representer/parts", np.full(9, 2**32 - 1, np.uint32), "4294967295"),
        ("shape/representer/partNames", ["skin"], "parts 0 to 2, but 1 parts have names"),
        ("shape/representer/partNames", None, "but 0 parts have names"),
    ],
)
def test_damaged_files_in_one_line(tmp_path, place, value, expected):
    path = tmp_path / "m.h5"
    named_model().save(path)
    _replace(path, place, value)
    with pytest.raises(InputError) as caught:
        MorphableModel.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert expected in message
    assert "\n" not in message


def _replace(path, place, value) -> None:
    with h5py.File(path, "a") as file:
        del file[place]
        if value is not None:
            file[place] = value
