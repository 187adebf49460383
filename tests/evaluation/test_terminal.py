"""The summary in the terminal: every method once, a column a network and gallery."""

import numpy as np
import pandas as pd

from tf_morph.evaluation.ground_truth import TruthTables
from tf_morph.evaluation.measurements import measure
from tf_morph.evaluation.methods import METHODS
from tf_morph.evaluation.run_section import summary
from tf_morph.regression.ground_truth_faces import Coefficients


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
