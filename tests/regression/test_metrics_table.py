"""The table of metrics across processes that were killed."""

import pandas as pd
import pytest

from tf_morph.regression.metrics_table import MetricsTable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.csv"


def _filled(path):
    table = MetricsTable(path, 0)
    for step in (10, 20, 30):
        table.append(step, {"loss": 1 / step, "identity": 0.1})
    return path.read_text()


def test_a_new_run_s_table_begins_anew(path):
    _filled(path)
    MetricsTable(path, 0)
    assert not path.exists()


@pytest.mark.parametrize("half_row", ["", "4", "40,0.0", "40,0.025,0."])
def test_rows_of_steps_that_are_made_again_are_written_once(path, half_row):
    whole = _filled(path)
    path.write_text(whole + half_row)
    table = MetricsTable(path, 20)
    assert path.read_text().splitlines() == whole.splitlines()[:3]
    table.append(30, {"loss": 1 / 30, "identity": 0.1})
    assert path.read_text() == whole


def test_a_half_written_header_is_no_table(path):
    path.write_text("step,lo")
    MetricsTable(path, 10).append(20, {"loss": 0.5})
    assert path.read_text() == "step,loss\n20,0.5\n"


def test_a_term_that_begins_later_is_a_column_of_its_own(path):
    whole = _filled(path)
    MetricsTable(path, 30).append(40, {"identity": 0.2, "parameter": 3.0})
    table = pd.read_csv(path)
    assert list(table) == ["step", "loss", "identity", "parameter"]
    assert table["parameter"].isna().tolist() == [True, True, True, False]
    assert table["loss"].isna().tolist() == [False, False, False, True]
    assert path.read_text().splitlines()[1] == whole.splitlines()[1] + ","
    assert MetricsTable(path, 40).column("parameter") == {40: 3.0}
    assert MetricsTable(path, 40).column("absent") == {}
