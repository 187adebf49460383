"""Exported files: loaded again, damaged, and used without this package."""

import os
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.reconstruction.export.bundle import write_bundle
from tf_morph.reconstruction.export.keras_file import write_keras_file
from tf_morph.reconstruction.export.saved_model import write_saved_model
from tf_morph.reconstruction.open_parts import open_parts

_ALONE = """
import sys
import keras, numpy as np, tensorflow as tf
with np.load("expected.npz") as file:
    expected = dict(file)
crops = expected.pop("crops")
served = tf.saved_model.load("model").signatures["serving_default"](image=tf.constant(crops))
layered = keras.models.load_model("model.keras")(crops.astype("float32"))
assert not any(name.startswith("tf_morph") for name in sys.modules)
for outputs in (served, layered):
    for name, values in expected.items():
        np.testing.assert_allclose(np.array(outputs[name]), values, rtol=1e-4, atol=1e-3)
print("alike")
"""


@pytest.fixture(scope="module")
def parts(shipped_run_folder):
    return open_parts(shipped_run_folder)


@pytest.fixture(scope="module")
def crops(parts):
    size = parts.config.photographs.size
    return np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)


def _read(parts, crops):
    return {name: values.numpy() for name, values in parts.read(tf.constant(crops)).items()}


@pytest.mark.parametrize("with_face_model", [False, True])
def test_bundle_reads_as_its_run(parts, crops, with_face_model, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # where face models are kept
    write_bundle(tmp_path / "head.tfmorph", parts, with_face_model)
    opened = open_parts(tmp_path / "head.tfmorph")
    assert opened.fingerprint == parts.fingerprint
    for name, values in _read(parts, crops).items():
        assert (_read(opened, crops)[name] == values).all()


def test_damaged_bundles_are_refused(parts, tmp_path):
    good = tmp_path / "head.tfmorph"
    write_bundle(good, parts)
    content = good.read_bytes()
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = bytearray(members["decoder.npz"])
    changed[len(changed) // 2] ^= 1
    for fault, words in (
        (content[: len(content) // 2], "damaged"),
        (b"", "damaged"),
        ({**members, "decoder.npz": bytes(changed)}, "decoder.npz in it is damaged"),
        ({"manifest.json": b"[]"}, "damaged"),
        ({**members, "manifest.json": members["manifest.json"].replace(b"version 1", b"version 9")},
         "export it anew"),
    ):  # fmt: skip
        bad = tmp_path / "bad.tfmorph"
        _write(bad, fault)
        with pytest.raises(InputError, match=words) as caught:
            open_parts(bad)
        assert "\n" not in str(caught.value)


def _write(path, fault):
    if isinstance(fault, bytes):
        path.write_bytes(fault)
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in fault.items():
            archive.writestr(name, content)


def test_bundle_knows_its_face_model(parts, tmp_path):
    write_bundle(tmp_path / "head.tfmorph", parts)
    path = tmp_path / "other.h5"
    half = parts.model.of_vertices(np.arange(81), parts.model.triangles[:64])
    half.save(path)
    with zipfile.ZipFile(tmp_path / "head.tfmorph") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    known = str(parts.config.face_model.path).encode()
    members["manifest.json"] = members["manifest.json"].replace(known, str(path).encode())
    _write(tmp_path / "moved.tfmorph", members)
    with pytest.raises(InputError, match="another one than when it was exported"):
        open_parts(tmp_path / "moved.tfmorph")


def test_keras_file_is_of_keras_layers_alone(parts, crops, tmp_path):
    write_keras_file(tmp_path / "head.keras", parts)
    with zipfile.ZipFile(tmp_path / "head.keras") as archive:
        assert b"tf_morph" not in archive.read("config.json")
    outputs = keras.models.load_model(tmp_path / "head.keras")(crops.astype(np.float32))
    for name, values in _read(parts, crops).items():
        np.testing.assert_allclose(outputs[name], values, rtol=1e-4, atol=1e-3)
    assert not list(tmp_path.glob(".*"))


def test_other_encoders_make_no_keras_file(run_folder, tmp_path):
    with pytest.raises(InputError, match="of kind saved_model.*export a SavedModel"):
        write_keras_file(tmp_path / "head.keras", open_parts(run_folder))


@pytest.mark.slow
def test_exports_need_nothing_of_this_package(parts, crops, tmp_path):
    write_keras_file(tmp_path / "model.keras", parts)
    write_saved_model(tmp_path / "model", parts)
    np.savez(tmp_path / "expected.npz", crops=crops, **_read(parts, crops))
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-c", _ALONE], cwd=tmp_path, env=clean, capture_output=True, text=True
    )
    assert ended.stdout == "alike\n", ended.stderr[-2000:]
