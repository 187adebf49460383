"""A section's folder: whole, readable by others, or as it was."""

import os

import numpy as np
import pandas as pd
import pytest
import trimesh
from PIL import Image

from tests.evaluation.small_section import TRIANGLES, small_section, small_table
from tf_morph.errors import InputError
from tf_morph.evaluation.section import ImageFile, section_files, write_section

FILES = {
    *("section.json", "section.md", "recall.csv", "recall.md", "recall.tex"),
    *("curve.png", "curve.pdf", "sheet.png", "first.ply", "second.ply", "second_photograph.png"),
}


def test_every_part_has_its_files_and_they_read_back(tmp_path):
    section = small_section()
    write_section(tmp_path / "mofa", section)
    assert {path.name for path in (tmp_path / "mofa").iterdir()} == FILES
    table = pd.read_csv(tmp_path / "mofa" / "recall.csv")
    assert table["top1"][0] == pytest.approx(0.8765) and np.isnan(table["top1"][1])
    mesh = trimesh.load_mesh(tmp_path / "mofa" / "second.ply", process=False)
    np.testing.assert_allclose(mesh.vertices, section.heads[1].vertices, rtol=1e-6)
    assert (mesh.faces == TRIANGLES).all()
    assert (mesh.visual.vertex_colors[:, :3] == 80).all()
    photograph = np.asarray(Image.open(tmp_path / "mofa" / "second_photograph.png"))
    assert (photograph == section.heads[1].photograph).all()
    assert (tmp_path / "mofa" / "curve.pdf").read_bytes().startswith(b"%PDF")


def test_the_markdown_holds_tables_and_names_the_files():
    text = section_files(small_section())["section.md"].decode()
    assert "| ours      | 87.6 % |" in text and "![The whole curve.](curve.png)" in text
    assert "LFW: no photographs." in text and "**first** by name" in text


def test_the_same_section_gives_the_same_files():
    assert section_files(small_section()) == section_files(small_section())


def test_nothing_of_an_older_section_stays(tmp_path):
    write_section(tmp_path / "mofa", small_section())
    write_section(tmp_path / "mofa", small_section(plots=(), heads=()))
    names = {path.name for path in (tmp_path / "mofa").iterdir()}
    assert names == {name for name in FILES if not name.startswith(("curve", "first", "second"))}
    assert [path.name for path in tmp_path.iterdir()] == ["mofa"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_leaves_the_older_section(tmp_path, monkeypatch, failing):
    write_section(tmp_path / "mofa", small_section(title="older"))
    replace, calls = os.replace, []

    def refuse(source, target):
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(InputError):
            write_section(tmp_path / "mofa", small_section(title="newer"))
    assert "older" in (tmp_path / "mofa" / "section.md").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["mofa"]


@pytest.mark.parametrize(
    "changes",
    [
        {"tables": (small_table(), small_table())},
        {"tables": (small_table("section"),)},
        {"images": (ImageFile("curve", "Not the plot.", b""),)},
        {"images": (ImageFile("second_photograph", "Not hers.", b""),)},
    ],
)
def test_two_parts_of_one_name_are_refused(changes):
    with pytest.raises(ValueError):
        section_files(small_section(**changes))
