"""What the claims measure and draw of a run themselves, on a run as small as it can be."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.claims.pictures import PEOPLE, PICTURE, SIDE, write_picture
from benchmarks.claims.turned import measure_turned_faces, turned_file
from benchmarks.claims.variants import FULL, Variant
from tests.tiny_run import TEST_PEOPLE
from tf_morph.regression.train import train


@pytest.fixture(scope="module")
def one_run(tiny_config, tmp_path_factory):
    """The folder of all runs, with one in it that is finished."""
    out = tmp_path_factory.mktemp("claims")
    train(tiny_config, out / "full_seed3")
    (out / "finished").mkdir()
    (out / "finished" / "full_seed3.json").write_text("{}")
    return out


def test_turned_faces_are_asked_of_every_network_once(one_run):
    measure_turned_faces(one_run)
    file = turned_file(one_run, FULL, 3)
    table = pd.read_csv(file)
    assert table["role"].tolist() == ["judge", "training"]
    assert set(table["method"]) == {"ours"} and set(table["gallery"]) == {TEST_PEOPLE}
    assert table["top1"].between(0, 1).all() and (table["top5"] >= table["top1"]).all()
    file.write_text("as it was")
    measure_turned_faces(one_run)
    assert file.read_text() == "as it was"


def test_picture_has_a_row_of_photographs_and_one_a_variant_that_was_run(one_run):
    variants = {name: Variant(name, f"run {name}", {}) for name in (FULL, "no_batch")}
    write_picture(one_run, variants)
    picture = np.asarray(Image.open(io.BytesIO((one_run / PICTURE).read_bytes())))
    assert picture.shape[0] // SIDE == 2 and picture.shape[1] // SIDE > 2 * PEOPLE
    front, side = picture[-SIDE:, -2 * SIDE - 2 : -SIDE - 2], picture[-SIDE:, -SIDE:]
    assert np.abs(front.astype(int) - side).mean() > 1.0


def test_no_picture_before_any_run(tmp_path):
    write_picture(tmp_path, {FULL: Variant(FULL, "full", {})})
    assert not list(tmp_path.iterdir())
