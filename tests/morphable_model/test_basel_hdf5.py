"""The Basel layout: what is written is read again, in every version and form."""

import json

import h5py
import numpy as np
import pytest

from tests.morphable_model.synthetic_models import assert_same_model, small_model
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel

# Version 0.8 multiplies by the standard deviations and divides again: one rounding each.
_ROUNDING = {"0.8": 2e-7, "0.9": 0.0}


@pytest.mark.parametrize("version", ["0.8", "0.9"])
@pytest.mark.parametrize("cells", ["int32", "uint32"])
def test_written_and_read_again_is_equal(model, tmp_path, version, cells):
    path = tmp_path / "new folder" / "model.h5"
    model.save(path, version=version, cells=cells)
    assert_same_model(MorphableModel.load(path), model, _ROUNDING[version])
    assert [p.name for p in path.parent.iterdir()] == ["model.h5"]
    with h5py.File(path) as file:
        assert file["shape/representer/cells"].dtype == cells
        assert file["version/minorVersion"][()] == int(version[-1])


def test_the_two_versions_differ_by_the_standard_deviations(model, tmp_path):
    bases = {}
    for version in _ROUNDING:
        model.save(tmp_path / version, version=version)
        with h5py.File(tmp_path / version) as file:
            bases[version] = file["shape/model/pcaBasis"][()]
            np.testing.assert_allclose(
                file["shape/model/pcaVariance"], model.shape.standard_deviations**2
            )
    np.testing.assert_allclose(bases["0.9"], model.shape.basis)
    np.testing.assert_allclose(bases["0.8"], model.shape.basis * model.shape.standard_deviations)


def test_a_component_without_variance_survives_version_0_8(tmp_path):
    model = small_model()
    flat = np.append(model.shape.standard_deviations[:-1], 0).astype(np.float32)
    linear = type(model.shape)(model.shape.mean, model.shape.basis, flat)
    small_model(shape=linear).save(tmp_path / "m.h5", version="0.8")
    again = MorphableModel.load(tmp_path / "m.h5")
    np.testing.assert_array_equal(again.shape.basis[:, -1], 0)
    np.testing.assert_array_equal(again.shape.standard_deviations, flat)


def test_the_layout_public_readers_expect(model, tmp_path):
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        count = model.num_vertices
        assert file["shape/model/mean"].shape == (3 * count,)
        assert file["shape/model/pcaBasis"].shape == (3 * count, 6)
        assert file["shape/representer/points"].shape == (3, count)
        np.testing.assert_array_equal(file["shape/representer/cells"][()].T, model.triangles)
        assert file["shape/representer"].attrs["name"] == b"gravis::MeshShapeRepresenter"
        assert file["color/representer"].attrs["datasetType"] == b"POLYGON_MESH"
        assert file["color/representer/colorspace"][()] == b"RGB"
        entries = json.loads(file["metadata/landmarks/json"][()])
        assert entries[0] == {"id": "center.nose.tip", "coordinates": [0.1, -1e-7, 1 / 3]}
        assert ("expression" in file) == (model.expression is not None)


@pytest.mark.parametrize("kind", ["json", "text"])
def test_landmarks_of_either_kind(model, tmp_path, kind):
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        del file["metadata/landmarks"][{"json": "text", "text": "json"}[kind]]
    assert_same_model(MorphableModel.load(tmp_path / "m.h5"), model)


def test_invisible_landmarks_are_left_out_and_none_is_no_error(model, tmp_path):
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        del file["metadata/landmarks"]
        file["metadata/landmarks/text"] = np.bytes_("seen 1 1 2 3\nhidden 0 4 5 6\n\n")
    assert list(MorphableModel.load(tmp_path / "m.h5").landmarks) == ["seen"]
    with h5py.File(tmp_path / "m.h5", "a") as file:
        del file["metadata"]
    assert not MorphableModel.load(tmp_path / "m.h5").landmarks


def test_scalars_as_arrays_and_triangles_in_the_old_place(model, tmp_path):
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file["representer/cells"] = file["shape/representer/cells"][()]
        del file["shape/representer/cells"]
        for name in ("shape/model/noiseVariance", "metadata/landmarks/json"):
            value = file[name][()]
            del file[name]
            file[name] = np.array([value])
    assert_same_model(MorphableModel.load(tmp_path / "m.h5"), model)


def test_a_failed_write_leaves_the_old_file(model, tmp_path):
    path = tmp_path / "m.h5"
    model.save(path)
    before = path.read_bytes()
    unwritable = small_model(attributes={"source": object()})
    with pytest.raises(TypeError):
        unwritable.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.h5"]


def test_a_folder_is_not_written_over(model, tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        model.save(tmp_path)


@pytest.mark.parametrize("choice", [{"version": "1.0"}, {"cells": "int64"}])
def test_choices_that_are_none(model, tmp_path, choice):
    with pytest.raises(InputError, match="known are"):
        model.save(tmp_path / "m.h5", **choice)


@pytest.mark.parametrize(
    ("name", "vertices", "components", "expression", "landmarks", "landmark"),
    [
        ("random-l4", 1529, 19, None, 60, [0.203733876, 0.97169292, 131.823807]),
        ("random-momo", 25, 10, 10, 5, None),
    ],
)
def test_real_files(assets, tmp_path, name, vertices, components, expression, landmarks, landmark):
    path = assets / "morphable" / f"{name}.h5"
    if not path.is_file():
        pytest.skip(f"needs the face model {path}")
    model = MorphableModel.load(path)
    assert model.num_vertices == vertices
    assert model.shape_components == model.texture_components == components
    assert (model.expression and model.expression.num_components) == expression
    assert len(model.landmarks) == landmarks
    if landmark:
        np.testing.assert_array_equal(model.landmarks["center.nose.tip"], landmark)
    gram = model.shape.basis.T @ model.shape.basis
    np.testing.assert_allclose(gram, np.eye(components), atol=1e-5)
    for version, tolerance in _ROUNDING.items():
        model.save(tmp_path / version, version=version, cells="uint32")
        assert_same_model(MorphableModel.load(tmp_path / version), model, tolerance)
