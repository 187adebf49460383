"""The section of a run's test people, its lines in a terminal; files written whole or not."""

import re

import numpy as np
import pandas as pd
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.ground_truth import TruthTables
from tf_morph.evaluation.identification import COLUMNS, galleries_of
from tf_morph.evaluation.measurements import coefficient_tables, measure
from tf_morph.evaluation.methods import METHODS
from tf_morph.evaluation.run_section import run_section, summary
from tf_morph.evaluation.section import (
    SECTION_MARKDOWN,
    section_files,
    write_outputs,
    write_section,
)
from tf_morph.regression.coefficient_statistics import FIGURES, prior_sample
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


def _measured(make_features, truth=None):
    people, identities, judge = make_features(20, 0.0, "judging")
    _, _, training = make_features(20, 0.0, "trained_on", "training")
    faces = Coefficients(np.zeros((20, 3)), np.zeros((20, 2)))
    galleries = [[np.arange(8)], [np.arange(8, 20)]]
    return measure([judge, training], people, identities, galleries, faces, 0, truth)


def test_recall_is_a_line_a_method(make_features):
    heading, columns, _, *rows = summary(_measured(make_features)).splitlines()
    assert "held_out is judging; training is trained_on" in heading
    assert [cell.strip() for cell in columns.strip("|").split("|")] == [
        *("method", "held_out, 8", "held_out, 12", "training, 8", "training, 12")
    ]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells[0] == ["ours", *["100.0 / 100.0"] * 4]
    assert cells[-1] == ["chance", *["12.5 / 62.5", "8.3 / 41.7"] * 2]
    methods = [row[0] for row in cells]
    assert methods == [method for method in METHODS if method in methods]


def test_geometry_and_correlation_follow_where_the_truth_is_known(make_features):
    geometry = pd.DataFrame(
        [("ours", 3.456, 1.0, 0.0612, 0.02, 20)],
        columns=[
            *("method", "vertex_mm", "vertex_mm_deviation"),
            *("color_rms", "color_rms_deviation", "people"),
        ],
    )
    means = pd.DataFrame([("shape", 10, 0.456)], columns=["coefficients", "components", "ours"])
    text = summary(_measured(make_features, TruthTables(geometry, pd.DataFrame(), means)))
    assert "3.46 ± 1.00" in text and "0.061 ± 0.020" in text
    assert text.endswith("Correlation with the truth, shape, first 10: ours 0.46\n")


def test_two_judges_have_columns_of_their_own(make_features):
    people, identities, first = make_features(8, 0.0, "judging")
    _, _, second = make_features(8, 9.0, "judging_too")
    faces = Coefficients(np.zeros((8, 3)), np.zeros((8, 2)))
    text = summary(measure([first, second], people, identities, [[np.arange(8)]], faces, 0))
    assert "judging, held_out, 8" in text and "judging_too, held_out, 8" in text


def test_tables_hold_both_groups_beside_the_prior():
    groups = {"shape": prior_sample((300, 5), 3) + 1.0, "texture": prior_sample((300, 2), 4)}
    components, figures = coefficient_tables(groups, seed=0)
    assert list(components.columns) == ["coefficients", "component", "mean", "variance"]
    assert list(components["coefficients"]) == ["shape"] * 5 + ["texture"] * 2
    assert len(figures) == 2 * len(FIGURES)
    drift = figures[figures["figure"] == "drift"].set_index("coefficients")
    assert drift.loc["shape", "ours"] > 0.8 and drift.loc["shape", "prior"] < 0.1
    # Half a normal's mean, of means of 300 draws.
    assert drift.loc["texture", "ours"] < 4 / np.sqrt(300)
