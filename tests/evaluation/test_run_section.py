"""The section of a run's test people, and files written whole or not at all."""

import re

import numpy as np
import pandas as pd
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.identification import COLUMNS, galleries_of
from tf_morph.evaluation.measurements import measure
from tf_morph.evaluation.run_section import run_section
from tf_morph.evaluation.section import (
    SECTION_MARKDOWN,
    section_files,
    write_outputs,
    write_section,
)
from tf_morph.regression.ground_truth_faces import Coefficients

FACTS = (("seed", "7"),)
SKIPPED = tuple((f"a/{i}.jpg", "is broken") for i in range(25))


@pytest.fixture(scope="module")
def measurements(make_features):
    people, identities, judge = make_features(90, 0.8, "judging")
    _, _, training = make_features(90, 0.3, "trained_on", "training", seed=1)
    random = np.random.default_rng(0)
    faces = Coefficients(random.normal(size=(90, 3)), random.normal(size=(90, 2)))
    galleries = galleries_of(range(90), {}, seed=0)
    return measure([judge, training], people, identities, galleries, faces, seed=0)


def _text(measurements, **parts):
    return section_files(run_section(measurements, **parts))[SECTION_MARKDOWN].decode()


def test_the_files_of_an_evaluation(measurements, tmp_path):
    pictures = {"contact_sheet": b"png", "heads": b"png"}
    write_section(tmp_path / "run", run_section(measurements, FACTS, pictures))
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    text = (tmp_path / "run" / SECTION_MARKDOWN).read_text()
    linked = set(re.findall(r"!\[[^]]*\]\(([^)]*)\)", text))
    assert linked == {name for name in written if name.endswith(".png")}
    table = pd.read_csv(tmp_path / "run" / "recall.csv")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 7 * 2 * 2
    assert set(zip(table["role"], table["gallery"], strict=True)) == {
        ("held_out", 84),
        ("held_out", 90),
        ("training", 84),
        ("training", 90),
    }
    assert table["top1"].between(0, 1).all() and (table["top5"] >= table["top1"]).all()


def test_the_section_says_what_it_rests_on(measurements):
    text = _text(measurements, facts=FACTS, skipped=SKIPPED)
    assert re.search(r"\| seed +\| 7 ", text)
    assert "Skipped `a/0.jpg`: is broken" in text and "And 5 more" in text
    assert "`a/20.jpg`" not in text
    assert "from memory" in text and "the paper's" in text
    assert "No held-out network" not in text
    every_table_row_has_its_header_width(text)


def every_table_row_has_its_header_width(text):
    for block in re.findall(r"(?:^\|.*\|\n)+", text, flags=re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(counts) == 1


def test_deviations_are_shown_where_there_are_several_galleries_of_a_size(make_features):
    people, identities, features = make_features(10, 0.3)
    faces = Coefficients(np.zeros((10, 3)), np.zeros((10, 2)))
    for galleries, shown in (([[np.arange(10)]], 0), ([[np.arange(5), np.arange(5, 10)]], 2)):
        measured = measure([features], people, identities, galleries, faces, seed=0)
        assert _text(measured).count("| between galleries") == shown


def test_the_section_says_that_there_is_no_judge(make_features):
    people, identities, training = make_features(10, 0.3, "trained_on", "training")
    faces = Coefficients(np.zeros((10, 3)), np.zeros((10, 2)))
    alone = measure([training], people, identities, [[np.arange(10)]], faces, seed=0)
    assert "**No held-out network**" in _text(alone)


def test_a_failed_write_leaves_the_older_evaluation(tmp_path):
    folder = tmp_path / "evaluation"
    write_outputs(folder, {"a.csv": "old", "report.md": "old"})
    with pytest.raises(InputError):
        write_outputs(folder, {"a.csv": "new", "no/such/folder.png": b"", "report.md": "new"})
    assert (folder / "a.csv").read_text() == "old" and (folder / "report.md").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation"]


def test_files_of_others_stay(tmp_path):
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "notes.txt").write_text("mine")
    write_outputs(tmp_path / "evaluation", {"report.md": "new"})
    assert (tmp_path / "evaluation" / "notes.txt").read_text() == "mine"


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "evaluation").write_text("")
    with pytest.raises(InputError):
        write_outputs(tmp_path / "evaluation", {"report.md": "new"})
