"""Tables as CSV and Markdown, and the paper's figures beside ours."""

import io

import numpy as np
import pandas as pd

from tf_morph.evaluation.paper import FIGURES, FROM_MEMORY, SEEN, beside_ours, paper_table
from tf_morph.evaluation.tables import decimals, percent, to_csv, to_latex, to_markdown


def test_markdown_is_aligned_and_escaped():
    table = pd.DataFrame({"who": ["a|b", "c"], "share": [0.5, np.nan], "count": [12, 3]})
    lines = to_markdown(table, formats={"share": percent}).splitlines()
    assert lines == [
        "| who  |  share | count |",
        "| ---- | -----: | ----: |",
        "| a\\|b | 50.0 % |    12 |",
        "| c    |      – |     3 |",
    ]


def test_headings_choose_order_and_name_of_columns():
    table = pd.DataFrame({"a": [1.23456], "b": ["x"], "c": [3]})
    lines = to_markdown(table, headings={"b": "second", "a": "first"}).splitlines()
    assert lines[0] == "| second | first |" and lines[2] == "| x      | 1.235 |"


def test_an_empty_table_has_its_heading():
    assert to_markdown(pd.DataFrame({"a": []})).splitlines() == ["|   a |", "| --: |"]


def test_formats():
    assert percent(0.123456) == "12.3 %"
    assert decimals(3)(-0.00001) == "0.000"
    assert decimals(0)(504.0) == "504"
    assert decimals(3)(-70732390334464.0) == "-7.07e+13"


def test_csv_reads_back():
    table = pd.DataFrame({"name": ["x", "y,z"], "value": [1 / 3, np.nan], "count": [3, 4]})
    read = pd.read_csv(io.StringIO(to_csv(table)))
    assert list(read.columns) == ["name", "value", "count"] and list(read["name"]) == ["x", "y,z"]
    np.testing.assert_allclose(read["value"], table["value"], rtol=1e-5)


def _recall():
    rows = [
        ("ours", "net", "held_out", 84, 0.5, 0.75),
        ("ours", "net", "held_out", 504, 0.25, 0.4),
        ("mean_face", "net", "held_out", 84, 0.01, 0.06),
    ]
    return pd.DataFrame(rows, columns=["method", "network", "role", "gallery", "top1", "top5"])


def _similarity():
    rows = [("ours", "net", "held_out", 0.2, 504), ("mean_face", "net", "held_out", 0.6, 504)]
    return pd.DataFrame(rows, columns=["method", "network", "role", "emd_to_same", "pairs"])


def test_the_papers_figures_stand_beside_the_nearest_of_ours():
    table = beside_ours(_recall(), _similarity())
    found = list(zip(table["measure"], table["paper"], table["ours"], strict=True))
    assert found == [
        ("top-1 recall", "87 %", "50.0 %"),
        ("top-5 recall", "96 %", "75.0 %"),
        ("top-5 recall", "51 %", "40.0 %"),
        ("EMD, photo-rendering to same person", "0.16", "0.200"),
    ]
    assert set(table["our_network"]) == {"net (held_out)"}
    assert list(table["our_data"])[2] == "gallery of 504 people"


def test_every_figure_of_the_paper_says_how_surely_it_is_known():
    table = paper_table()
    assert len(table) == len(FIGURES) and set(table["standing"]) == {SEEN, FROM_MEMORY}
    by_value = dict(zip(table["value"], table["standing"], strict=True))
    assert by_value["87 %"] == by_value["51 %"] == by_value["0.16"] == SEEN
    assert by_value["96 %"] == by_value["1 % / 6 %"] == FROM_MEMORY


def test_latex_reads_what_tex_would_not():
    table = pd.DataFrame({"who_": ["a & b", "50 % ± 2 #1 {x}\\"], "share": [0.5, np.nan]})
    text = to_latex(table, formats={"share": percent}, caption="One_line.", label="tab:x")
    assert r"who\_ & share \\" in text and r"a \& b & 50.0 \% \\" in text
    assert r"50 \% $\pm$ 2 \#1 \{x\}\textbackslash{} & -- \\" in text
    assert r"\begin{tabular}{lr}" in text and r"\caption{One\_line.}" in text
    assert text.count("\\begin{") == text.count("\\end{") == 2
