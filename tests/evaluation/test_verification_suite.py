"""The whole suite on photographs of made-up people, against a plain computation of its figures."""

import io
import shutil

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from tests.evaluation.conftest import FOLDS, IMAGE_SIZE, PAIRS
from tf_morph.errors import InputError
from tf_morph.evaluation import pair_features
from tf_morph.evaluation.plots import DOTS_PER_INCH, png
from tf_morph.evaluation.verification import histogram_figure, roc_figure
from tf_morph.evaluation.verification_suite import verify

FIRST_COLUMNS = ["network", "accuracy", "deviation", "auc", "tar_far_1e-2", "tar_far_1e-3", "eer"]
FILES = {"verification.csv", "pairs.csv", "report.md", "roc.png", "similarity_histogram.png"}


@pytest.fixture
def run(colors, photographs, pair_file, tmp_path):
    """Runs the suite on `colors`, whatever is not said otherwise."""

    def run(**changes):
        asked = {"networks": [str(colors)], "photos": str(photographs), "pairs": str(pair_file)}
        settings = {"out": tmp_path / "out", "cache_folder": tmp_path / "cache"}
        return verify(**{**asked, **settings, **changes})

    return run


@pytest.fixture
def another(colors, tmp_path):
    """The same network by another name."""
    return shutil.copytree(colors, tmp_path / "others" / "another")


def _cosines(colors, photographs, pair_file, output):
    """Each pair's cosine, from the network and the file alone: [FOLDS, 2, PAIRS]."""
    signature = tf.saved_model.load(str(colors)).signatures["serving_default"]

    def features(name, number):
        path = photographs / name / f"{name}_{int(number):04d}.png"
        picture = Image.open(path).resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR)
        values = signature(image=tf.constant(np.asarray(picture, np.float32)[None]))[output]
        return values.numpy()[0] / np.linalg.norm(values)

    cosines = []
    for fields in map(str.split, pair_file.read_text().splitlines()[1:]):
        other = (fields[0], fields[2]) if len(fields) == 3 else fields[2:]
        cosines.append(features(*fields[:2]) @ features(*other))
    return np.reshape(cosines, (FOLDS, 2, PAIRS))


@pytest.mark.parametrize("output", [None, "pooled"])
def test_the_figures_are_those_of_a_plain_computation(run, colors, photographs, pair_file, output):
    table = run(output=output)
    cosines = _cosines(colors, photographs, pair_file, output or "embedding")
    accuracies = []
    for fold in range(FOLDS):
        others = np.delete(cosines, fold, axis=0)
        right = [(others[:, 0] >= t).sum() + (others[:, 1] < t).sum() for t in others.ravel()]
        best = others.ravel()[np.flatnonzero(np.array(right) == max(right))]
        judged = [np.r_[cosines[fold, 0] >= t, cosines[fold, 1] < t].mean() for t in best]
        accuracies.append((min(judged), max(judged)))
    low, high = np.mean(accuracies, axis=0)
    row = table.iloc[0]
    assert low - 2 / PAIRS <= row["accuracy"] <= high + 2 / PAIRS and 0.5 < row["accuracy"] < 1
    same, different = cosines[:, 0].ravel(), cosines[:, 1].ravel()
    assert row["auc"] == pytest.approx((same[:, None] > different).mean(), abs=1e-6)
    assert row["mean_same"] == pytest.approx(same.mean(), abs=1e-5)
    assert row["mean_different"] == pytest.approx(different.mean(), abs=1e-5)
    assert row["tar_far_1e-3"] == (same > different.max()).mean()
    assert row["output"] == output or output is None
    assert row["features"] == (10 if output is None else 4)


def test_files_are_written_and_hold_the_table(run, tmp_path, another, colors, capsys):
    table = run(networks=[f"{colors},{another}"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    written = pd.read_csv(tmp_path / "out" / "verification.csv")
    assert list(written.columns[:7]) == FIRST_COLUMNS
    assert list(written["network"]) == ["colors", "another"]
    for column in ("accuracy", "deviation", "auc", "eer"):
        np.testing.assert_allclose(written[column], table[column], rtol=1e-5)
    assert written["accuracy"][0] == written["accuracy"][1]
    assert list(written["pairs"]) == [2 * FOLDS * PAIRS] * 2
    pairs = pd.read_csv(tmp_path / "out" / "pairs.csv")
    assert len(pairs) == 2 * FOLDS * PAIRS and set(pairs["fold"]) == set(range(1, FOLDS + 1))
    assert pairs[pairs["same"] == 1]["colors"].mean() == pytest.approx(table["mean_same"][0], 1e-4)
    report = (tmp_path / "out" / "report.md").read_text()
    assert "| another" in report and "one false accept is a FAR of 4.2 %" in report
    for name, inches in (("roc.png", 5.0), ("similarity_histogram.png", 0.8 + 2 * 2.4)):
        pixels = np.asarray(Image.open(tmp_path / "out" / name).convert("RGB"), int)
        assert pixels.shape == (round(inches * DOTS_PER_INCH), 7 * DOTS_PER_INCH, 3)
        assert np.ptp(pixels, axis=2).astype(bool).sum() > 2000
    assert "another" in capsys.readouterr().out


def test_the_second_run_reads_no_pixels_and_writes_the_same(run, tmp_path, monkeypatch):
    def contents():
        return {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    run()
    first = contents()
    monkeypatch.setattr(pair_features, "load_aligned", None)
    run()
    assert contents() == first


def test_photographs_of_no_pair_are_not_touched(run, photographs, pair_file):
    expected = run()
    for name in {path.parent.name for path in photographs.rglob("*.png")}:
        (photographs / name / f"{name}_0003.png").write_bytes(b"damaged")
    pd.testing.assert_frame_equal(run(), expected)


def test_pairs_of_unreadable_photographs_are_left_out_and_counted(run, photographs, tmp_path):
    whole = pd.read_csv(io.StringIO(run().to_csv(index=False))).iloc[0]
    pairs = pd.read_csv(tmp_path / "out" / "pairs.csv")
    damaged = pairs["first"][0]
    touched = (pairs["first"] == damaged) | (pairs["second"] == damaged)
    (photographs / damaged).write_bytes(b"damaged")
    row = run().iloc[0]
    assert row["left_out_pairs"] == touched.sum() > 0 == whole["left_out_pairs"]
    assert row["pairs"] == len(pairs) - touched.sum() and row["skipped_photographs"] == 1
    left = pairs[~touched & (pairs["same"] == 1)]["colors"]
    assert row["mean_same"] == pytest.approx(left.mean(), abs=1e-5)
    report = (tmp_path / "out" / "report.md").read_text()
    assert f"{touched.sum()} pairs were left out" in report and damaged in report
    again = pd.read_csv(tmp_path / "out" / "pairs.csv")
    assert again["colors"].isna().tolist() == touched.tolist()


def test_too_few_pairs_left_are_named(run, photographs):
    for path in photographs.rglob("*_0002.png"):
        path.write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"_0002.png"):
        run()


def test_figures_show_the_curve_and_every_pair(run, tmp_path, monkeypatch):
    kept = {}
    for name, draw in (("roc_figure", roc_figure), ("histogram_figure", histogram_figure)):
        monkeypatch.setattr(
            f"tf_morph.evaluation.verification_suite.{name}",
            lambda *args, name=name, draw=draw: kept.setdefault(name, (draw(*args), *args))[0],
        )
    table = run()
    figure, results = kept["roc_figure"]
    line = figure.axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), 100 * results[0].curve.tar)
    assert f"{table['auc'][0]:.4f}" in line.get_label()
    figure = kept["histogram_figure"][0]
    for bars in figure.axes[0].containers:
        assert sum(bar.get_height() * bar.get_width() for bar in bars) == pytest.approx(1.0)
    assert figure.axes[0].lines[0].get_xdata()[0] == pytest.approx(table["threshold"][0])
    assert png(figure) == (tmp_path / "out" / "similarity_histogram.png").read_bytes()


BAD = {
    "no network": {"networks": []},
    "only commas": {"networks": [" , "]},
    "no photographs": {"photos": None},
    "no pairs": {"pairs": None},
    "an unknown network": {"networks": ["resnet_1000"]},
    "a folder that is no network": {"networks": ["."]},
    "a network twice": {"networks": ["judge", "judge"]},
    "weights of none": {"weights": ["a.h5"]},
    "too few weights": {"networks": ["vgg16,resnet50"], "weights": ["a.h5"]},
    "weights that are not there": {"networks": ["vgg16"], "weights": ["nowhere.h5"]},
    "no such output": {"output": "fc9"},
    "no such crop": {"crop": "face"},
    "a crop outside": {"crop": "20,0,40,40"},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_in_one_line_and_nothing_is_written(run, tmp_path, case):
    with pytest.raises(InputError) as raised:
        run(**BAD[case])
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        run(out=tmp_path / "file")
