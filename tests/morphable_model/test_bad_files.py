"""Files that are no morphable model: one line each that says what, where, and what to do."""

import h5py
import numpy as np
import pytest

from tests.morphable_model.synthetic_models import small_model
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.basel_hdf5 import check_target


@pytest.fixture
def path(tmp_path):
    """A good file, to be spoilt."""
    small_model(expression=True).save(tmp_path / "face.h5")
    return tmp_path / "face.h5"


def _error(path) -> str:
    with pytest.raises(InputError) as caught:
        MorphableModel.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def _replace(path, name, value):
    with h5py.File(path, "a") as file:
        del file[name]
        if value is not None:
            file[name] = value


def test_no_such_file(tmp_path):
    assert "no such file" in _error(tmp_path / "face.h5")


@pytest.mark.parametrize("name", ["model2017-1_bfm_nomouth.h5", "model2019_bfm.h5"])
def test_a_basel_file_that_is_not_there_names_its_page(tmp_path, name):
    message = _error(tmp_path / name)
    assert "faces.dmi.unibas.ch" in message
    assert f"get {name} from" in message


def test_a_folder(tmp_path):
    assert "no such file" in _error(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_truncated(path, share):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "not a readable HDF5 file" in _error(path)


def test_not_hdf5(path):
    path.write_text("a letter")
    assert "not a readable HDF5 file" in _error(path)


def test_no_face_model(path):
    with h5py.File(path, "w") as file:
        file["measurements"] = np.zeros(4)
    assert "no shape/model and no color/model" in _error(path)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("color/model", None, "no color/model"),
        ("shape/representer", None, "shape/representer/cells"),
        ("shape/model/mean", None, "no shape/model/mean"),
        ("shape/model/pcaBasis", np.zeros((33, 6)), "expected 36 rows"),
        ("shape/model/pcaBasis", np.zeros(36), "expected 36 rows"),
        ("shape/model/pcaVariance", np.ones(5), "6 basis columns but 5 variances"),
        ("shape/model/pcaVariance", -np.ones(6), "negative"),
        ("shape/model/pcaVariance", np.full(6, np.nan), "NaN"),
        ("shape/model/mean", np.zeros(35), "35 numbers"),
        ("shape/model/mean", np.full(36, np.nan), "not finite"),
        ("color/model/mean", np.zeros(39), "color"),
        ("shape/model/mean", np.bytes_("words"), "expected numbers"),
        ("shape/representer/cells", np.full((3, 4), 12), "12 vertices"),
        ("shape/representer/cells", np.full((3, 4), 2**32 - 1, np.uint32), "4294967295"),
        ("shape/representer/cells", np.zeros((4, 3), int), "expected integers (3, triangles)"),
        ("shape/representer/cells", np.zeros((3, 4)), "expected integers (3, triangles)"),
        ("shape/representer/points", np.zeros((3, 13)), "reference points"),
        ("metadata/landmarks/json", np.bytes_("[{]"), "metadata/landmarks"),
        ("metadata/landmarks/json", np.bytes_('[{"id": "a"}]'), "metadata/landmarks"),
        ("metadata/landmarks/json", np.bytes_('[{"id":"a","coordinates":[1,2]}]'), "landmarks"),
        ("version/minorVersion", np.int32(7), "version 0.7"),
        ("version/minorVersion", np.bytes_("nine"), "Basel layout"),
        ("version/minorVersion", np.zeros(0), "Basel layout"),
        ("shape/model/noiseVariance", np.zeros(0), "Basel layout"),
        ("shape/model/pcaVariance", h5py.Empty("f4"), "Basel layout"),
    ],
)
def test_parts_missing_or_at_odds(path, name, value, expected):
    _replace(path, name, value)
    assert expected in _error(path)


def test_one_nan_deep_in_a_basis(path):
    with h5py.File(path, "a") as file:
        file["expression/model/pcaBasis"][20, 1] = np.nan
    message = _error(path)
    assert "expression/model" in message
    assert "not finite" in message


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path):
    (tmp_path / "file").write_text("no folder")
    for target in (tmp_path, tmp_path / "file" / "model.h5"):
        with pytest.raises(InputError, match=str(target)):
            check_target(target)
    check_target(tmp_path / "new" / "model.h5")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
