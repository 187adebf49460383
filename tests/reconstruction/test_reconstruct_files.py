"""Folders of photographs: what is written, gone on with, and refused."""

import json

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.reconstruction.overview import write_overview
from tf_morph.reconstruction.person import reconstruct_person
from tf_morph.reconstruction.photograph_list import named_photographs
from tf_morph.reconstruction.reconstruct_files import Settings, reconstruct_files

_FEW = Settings(kinds=("glb", "coefficients"), fit=False)


@pytest.fixture
def photographs(portrait, tmp_path):
    folder = tmp_path / "photographs"
    for name in ("anna/1.png", "anna/1.jpg", "ben/1.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        portrait[0].save(folder / name)
    (folder / "text.jpg").write_text("no picture")
    return named_photographs([str(folder)])[0]


def test_names_follow_the_folder_and_differ(photographs):
    assert sorted(p.name for p in photographs) == ["anna/1.jpg", "anna/1.png", "ben/1", "text"]


def test_all_files_of_a_head_are_written(regressor, photographs, tmp_path):
    settings = Settings(fit=False)
    done = reconstruct_files(regressor, photographs[:1], tmp_path / "out", settings)
    folder = tmp_path / "out" / done[0].folders[0]
    assert {path.name for path in folder.iterdir()} == {
        *("face.glb", "face.obj", "face.ply", "face.jpg", "index.html"),
        *("coefficients.json", "coefficients.npz"),
    }
    written = json.loads((folder / "coefficients.json").read_text())
    with np.load(folder / "coefficients.npz") as arrays:
        np.testing.assert_allclose(written["shape"], arrays["shape"], atol=1e-5)
    page = (folder / "index.html").read_text()
    assert 'href="face.glb"' in page and "http" not in page.replace("http-equiv", "")


def test_second_time_only_what_is_missing_is_made(regressor, photographs, tmp_path):
    out = tmp_path / "out"
    first = reconstruct_files(regressor, photographs, out, _FEW)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("face.glb")}
    with open(out / "done.jsonl", "r+") as file:  # broken off in the middle of the last line
        lines = file.read().splitlines(keepends=True)
        file.seek(0)
        file.write("".join(lines[:-1]) + lines[-1][:20])
        file.truncate()
    missing = json.loads(lines[-1])["folders"]
    assert reconstruct_files(regressor, photographs, out, _FEW) == first
    changed = [path for path, time in times.items() if path.stat().st_mtime_ns != time]
    assert [str(path.parent.relative_to(out)) for path in changed] == missing
    times = {path: path.stat().st_mtime_ns for path in times}
    assert reconstruct_files(regressor, photographs, out, _FEW) == first
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_changed_photograph_is_read_again(regressor, photographs, portrait, tmp_path):
    out = tmp_path / "out"
    reconstruct_files(regressor, photographs, out, _FEW)
    bad = next(p for p in photographs if p.name == "text")
    portrait[0].save(bad.path)
    done = {one.photograph: one for one in reconstruct_files(regressor, photographs, out, _FEW)}
    assert done[bad].folders == ("text",)


def test_other_settings_and_other_folders_are_refused(regressor, photographs, tmp_path):
    reconstruct_files(regressor, photographs[:1], tmp_path / "out", _FEW)
    with pytest.raises(InputError, match=r"other settings \(kinds\)"):
        reconstruct_files(regressor, photographs, tmp_path / "out", Settings(("ply",), fit=False))
    with pytest.raises(InputError, match="holds other files"):
        reconstruct_files(regressor, photographs, tmp_path, _FEW)


def test_overview_tells_all(regressor, photographs, tmp_path):
    out = tmp_path / "out"
    done = reconstruct_files(regressor, photographs, out, _FEW)
    write_overview(out, done, [("other.jpg", "<b>bad</b>")])
    page = (out / "index.html").read_text()
    assert "3 heads" in page and "&lt;b&gt;bad" in page and "text.jpg" in page
    assert len((out / "heads.csv").read_text().splitlines()) == 4
    assert len((out / "skipped.csv").read_text().splitlines()) == 3


def test_photographs_of_a_person_give_one_head(regressor, photographs, tmp_path):
    done = reconstruct_person(regressor, photographs, tmp_path / "anna", ("glb", "picture"))
    names = {path.name for path in (tmp_path / "anna").iterdir()}
    assert names == {"face.glb", "face.jpg", "settings.json"}
    assert [bool(one.reason) for one in done].count(True) == 1


def test_a_person_is_not_written_over_a_folder_of_heads(regressor, photographs, tmp_path):
    reconstruct_files(regressor, photographs[:1], tmp_path / "out", _FEW)
    with pytest.raises(InputError, match="other settings"):
        reconstruct_person(regressor, photographs, tmp_path / "out", ("glb",))
    reconstruct_person(regressor, photographs, tmp_path / "anna", ("glb",))
    with pytest.raises(InputError, match="other settings"):
        reconstruct_files(regressor, photographs[:1], tmp_path / "anna", _FEW)
