"""Which face model a config's place names, and that a run makes it once."""

import numpy as np
import pytest

from tests.morphable_model.gnm_file import head_arrays, random_arrays
from tests.morphable_model.synthetic_models import assert_same_model, named_model
from tf_morph.config import ASSETS_VARIABLE
from tf_morph.errors import InputError
from tf_morph.morphable_model.sources import SOURCES, load_face_model, source_of
from tf_morph.regression.components import is_kept, make_drawer, make_face_model

OPEN, GNM, ICT, BASEL = SOURCES


def test_places_by_their_kind(tmp_path, monkeypatch):
    monkeypatch.setenv("SOMEWHERE", str(tmp_path))
    monkeypatch.delenv(ASSETS_VARIABLE, raising=False)
    (tmp_path / "folder.h5").mkdir()
    assert source_of("makehuman") is OPEN and not OPEN.is_path
    assert source_of("heads/gnm_head.npz") is GNM
    assert source_of("ict.zip") is source_of("$SOMEWHERE/folder.h5") is ICT
    assert source_of("face.h5") is source_of("$SOMEWHERE/no_folder") is BASEL
    # What a run has converted is found though its source and the assets are gone.
    assert source_of(f"${ASSETS_VARIABLE}/gnm_head.npz") is GNM
    assert source_of(f"${ASSETS_VARIABLE}/ict.zip") is ICT
    with pytest.raises(InputError, match="is not set"):
        source_of(f"${ASSETS_VARIABLE}/face.h5")


def test_a_basel_file_is_read_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("SOMEWHERE", str(tmp_path))
    named_model().save(tmp_path / "face.h5")
    assert_same_model(load_face_model("$SOMEWHERE/face.h5"), named_model())
    assert not BASEL.is_converted


@pytest.mark.parametrize("name", ["no.npz", "no.zip", "no.h5"])
def test_what_is_not_there(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: no such f") as caught:
        load_face_model(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_run_reads_what_it_has_converted(tiny_config, tmp_path):
    config = tiny_config.copy_and_resolve_references()
    config.face_model.path = str(tmp_path / "gnm_head.npz")
    assert is_kept(config)
    np.savez(tmp_path / "gnm_head.npz", **random_arrays())
    with pytest.raises(InputError, match="has no landmarks to frame faces by"):
        make_face_model(config, tmp_path / "converted.h5")
    config.face_model.shape_components = config.face_model.texture_components = 2
    named_model().save(tmp_path / "converted.h5")
    assert make_face_model(config, tmp_path / "converted.h5").name == "small"
    config.face_model.shape_components = 99
    with pytest.raises(InputError, match=r"gnm_head.npz: has 6 shape components.*asks for 99"):
        make_face_model(config, tmp_path / "converted.h5")


@pytest.mark.slow
def test_a_gnm_head_is_framed_for_a_run(tiny_config, tmp_path):
    arrays, landmarks = head_arrays()
    np.savez(tmp_path / "gnm_head.npz", **arrays)
    np.savetxt(tmp_path / "head_sparse_68.txt", landmarks, fmt="%d")
    config = tiny_config.copy_and_resolve_references()
    config.face_model.path = str(tmp_path / "gnm_head.npz")
    config.face_model.shape_components = config.face_model.texture_components = 3
    model = make_face_model(config, tmp_path / "converted.h5")
    assert len(model.expression_names) == 4
    make_drawer(config, model)
