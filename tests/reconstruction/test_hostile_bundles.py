"""Exported files made by somebody else: what they may not do, and what they cannot break."""

import copy
import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.reconstruction.export.bundle import write_bundle
from tf_morph.reconstruction.open_parts import open_parts
from tf_morph.reconstruction.run_parts import model_fingerprint


@pytest.fixture(scope="module")
def parts(shipped_run_folder):
    return open_parts(shipped_run_folder)


@pytest.fixture
def members(parts, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "good.tfmorph"
    write_bundle(path, parts, with_face_model=True)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where face models are kept; no file may appear anywhere but as a test says."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def _write(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _changed(members, change):
    """The members with their manifest changed in place by a function."""
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    return {**members, "manifest.json": json.dumps(manifest).encode()}


def _set(*keys, value):
    def change(manifest):
        *groups, last = keys
        for group in groups:
            manifest = manifest[group]
        manifest[last] = value

    return change


def _files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


DIGESTS = ["../../stolen", "/tmp/stolen", "..\\stolen", "a" * 63, "A" * 64, "", "é" * 64, 7, None]


@pytest.mark.parametrize("place", [("face_model",), ("encoder",)])
@pytest.mark.parametrize("digest", DIGESTS, ids=repr)
@pytest.mark.parametrize("held", [True, False])
def test_what_is_no_digest_becomes_no_path(members, home, tmp_path, place, digest, held):
    hostile = _changed(members, _set(*place, "fingerprint", value=digest))
    if not held:
        hostile = _changed(hostile, lambda manifest: manifest["sha256"].pop("face_model.h5"))
        hostile.pop("face_model.h5")
    path = _write(tmp_path / "bad.tfmorph", hostile)
    before = _files(tmp_path)
    with pytest.raises(InputError, match="bad.tfmorph"):
        open_parts(path)
    assert _files(tmp_path) == before


@pytest.mark.parametrize("name", ["../stolen.h5", "/tmp/stolen", "face_model.h5/../x", "x" * 300])
def test_members_that_no_such_file_has_are_refused(members, home, tmp_path, name):
    hostile = _changed({**members, name: b"x"}, _set("sha256", name, value="0" * 64))
    with pytest.raises(InputError, match="other members|checksum|damaged"):
        open_parts(_write(tmp_path / "bad.tfmorph", hostile))


def test_a_world_is_not_built(members, home, tmp_path):
    hostile = _changed(members, _set("config", "embedded_world", value=str(tmp_path / "world")))
    hostile = _changed(hostile, lambda manifest: manifest["sha256"].pop("face_model.h5"))
    hostile = _changed(
        hostile, _set("config", "face_model", "path", value=str(tmp_path / "world/face_model.h5"))
    )
    with pytest.raises(InputError, match="an embedded world that is not here; make it with"):
        open_parts(_write(tmp_path / "bad.tfmorph", hostile))
    assert not (tmp_path / "world").exists()


def test_a_face_model_within_needs_no_world_and_is_kept_nowhere(members, parts, home, tmp_path):
    good = _changed(members, _set("config", "embedded_world", value=str(tmp_path / "world")))
    opened = open_parts(_write(tmp_path / "good.tfmorph", good))
    assert model_fingerprint(opened.model) == model_fingerprint(parts.model)
    assert not (tmp_path / "world").exists() and not _files(home)


def test_a_face_model_under_another_s_fingerprint_is_refused(members, parts, home, tmp_path):
    """Were it kept under that name, the other's file would be read with it from then on."""
    other = parts.model.of_vertices(np.arange(81), parts.model.triangles[:64])
    other.save(tmp_path / "other.h5")
    hostile = {**members, "face_model.h5": (tmp_path / "other.h5").read_bytes()}
    digest = hashlib.sha256(hostile["face_model.h5"]).hexdigest()
    hostile = _changed(hostile, _set("sha256", "face_model.h5", value=digest))
    with pytest.raises(InputError, match="another one than when it was exported"):
        open_parts(_write(tmp_path / "bad.tfmorph", hostile))
    assert not _files(home)
    assert open_parts(_write(tmp_path / "good.tfmorph", members)).model.num_vertices == 81


def test_a_kept_face_model_that_is_another_one_is_not_read(parts, home, tmp_path, monkeypatch):
    """Whoever put it there: it is made anew, and put right."""
    from tf_morph.morphable_model import sources
    from tf_morph.reconstruction.export import bundle

    converted = sources.Source(lambda place: True, lambda place: parts.model)
    monkeypatch.setattr(bundle, "source_of", lambda place: converted)
    monkeypatch.setattr("tf_morph.regression.components.load_face_model", lambda place: parts.model)
    write_bundle(tmp_path / "head.tfmorph", parts)
    fingerprint = model_fingerprint(parts.model)
    kept = home / ".cache" / "tf_morph" / "face_models" / f"{fingerprint}.h5"
    other = parts.model.of_vertices(np.arange(81), parts.model.triangles[:64])
    for poison in (lambda: other.save(kept), lambda: kept.write_bytes(b"no model")):
        poison()
        assert model_fingerprint(open_parts(tmp_path / "head.tfmorph").model) == fingerprint
        assert model_fingerprint(MorphableModel.load(kept)) == fingerprint


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (("format",), 3, "export it anew"),
        (("name",), 3, "no name"),
        (("name",), "n" * 2000, "no name"),
        (("config",), [], "no group"),
        (("config", "decoder"), 3, "decoder is 3; it must be a group"),
        (("config", "decoder", "hidden_units"), [10**6, 10**6], "hidden_units.*smaller"),
        (("config", "decoder", "hidden_units"), "many", "hidden_units is 'many'"),
        (("config", "photographs", "size"), 10**6, "size is 1000000; it must be at most"),
        (("config", "photographs", "size"), True, "photographs.size is True"),
        (("config", "face_model", "shape_components"), 9, "has 4 shape components"),
        (("config", "face_model", "path"), None, "face_model.path is None"),
        (("config", "encoder", "input_size"), 10**9, "input_size"),
        (("config", "encoder", "outputs"), ["a"], "outputs is .* must be a group"),
        (("config", "encoder", "kind"), "pickle", "kind 'pickle'; use one of"),
        (("config", "encoder", "path"), "a\0b", "encoder.path"),
        (("config", "encoder", "path"), "/dev/zero", "neither a file nor a folder"),
        (("config", "training", "steps"), 1.5, "training.steps is 1.5"),
        (("config", "no_such"), 1, "no field no_such"),
        (("face_model", "probe"), "no", "probe"),
        (("face_model", "probe"), [1e400], "damaged"),
        (("face_model",), None, "damaged"),
        (("sha256",), ["decoder.npz"], "damaged"),
        (("sha256", "decoder.npz"), "0" * 64, "decoder.npz in it is damaged"),
    ],
    ids=str,
)
def test_a_manifest_s_fields_are_checked_first(members, home, tmp_path, keys, value, words):
    path = _write(tmp_path / "bad.tfmorph", _changed(members, _set(*keys, value=value)))
    with pytest.raises(InputError, match=words) as caught:
        open_parts(path)
    assert "\n" not in str(caught.value)


def test_a_pipe_is_not_waited_for(members, home, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    hostile = _changed(members, _set("config", "encoder", "path", value=str(tmp_path / "pipe")))
    with pytest.raises(InputError, match="neither a file nor a folder"):
        open_parts(_write(tmp_path / "bad.tfmorph", hostile))


@pytest.mark.parametrize("shape", ["(100000000, 100000000)", "(-1,)", "(3,)"])
def test_an_array_of_a_claimed_size_is_not_made(members, home, tmp_path, shape):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        archive.writestr("0.npy", b"\x93NUMPY\x01\x00v\x00" + header.encode())
    _refused_decoder(members, tmp_path, file.getvalue())


def test_a_decoder_of_no_numbers_is_refused(members, home, tmp_path):
    with np.load(io.BytesIO(members["decoder.npz"])) as arrays:
        arrays = copy.deepcopy(dict(arrays))
    arrays["2"][:] = np.nan
    file = io.BytesIO()
    np.savez(file, **arrays)
    _refused_decoder(members, tmp_path, file.getvalue())


def _refused_decoder(members, tmp_path, content):
    digest = hashlib.sha256(content).hexdigest()
    hostile = {**members, "decoder.npz": content}
    hostile = _changed(hostile, _set("sha256", "decoder.npz", value=digest))
    with pytest.raises(InputError, match="no regressor's file, or a damaged one"):
        open_parts(_write(tmp_path / "bad.tfmorph", hostile))


def test_a_bomb_is_not_unpacked(members, home, tmp_path):
    path = tmp_path / "bad.tfmorph"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, b" " * 2**21 if name == "manifest.json" else content)
    with pytest.raises(InputError, match="manifest.json is too large"):
        open_parts(path)
