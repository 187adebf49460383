"""A run on a fixed split whose people's faces are known, evaluated against them."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation.evaluate import evaluate
from tf_morph.evaluation.renderings import render_large
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.run import Run
from tf_morph.regression.train import train

PEOPLE = [f"Person_{number:02d}" for number in range(16)]
SETS = ["training"] * 6 + ["four"] * 4 + ["six"] * 6
RUN_COMPONENTS = 3  # of the four shape components the true faces have
SUPERVISED = ["supervised", "supervised_linear"]


@pytest.fixture(scope="module")
def config(tiny_config, tmp_path_factory):
    config, folder = tiny_config.copy_and_resolve_references(), tmp_path_factory.mktemp("truth")
    rows = [f"{name},{of}\n" for name, of in zip(PEOPLE, SETS, strict=True)]
    (folder / "split.csv").write_text("".join(["identity,set\n", *rows]))
    model = MorphableModel.load(config.face_model.path)
    model.save(folder / "face_model.h5")
    random = np.random.default_rng(0)
    np.savez(
        folder / "people.npz",
        identities=PEOPLE,
        shape=random.normal(size=(16, model.shape_components)),
        texture=random.normal(size=(16, model.texture_components)),
    )
    config.photographs.split, config.truth = str(folder / "split.csv"), str(folder)
    config.face_model.shape_components = RUN_COMPONENTS
    config.decoder.hidden_units = (16,)
    config.loss.update({"identity": 0.0, "loopback": 0.0})
    return config


@pytest.fixture(scope="module")
def workdir(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        train(config, folder / "run")
        evaluate(None, folder / "run")
        yield folder / "run"


def _table(workdir, name):
    return pd.read_csv(workdir / "evaluation" / "run" / name)


def test_only_the_training_set_is_trained_on(workdir):
    people = json.loads((workdir / "people.json").read_text())
    assert people["training"] == PEOPLE[:6] and people["test"] == PEOPLE[6:]


def test_every_set_is_a_gallery(workdir):
    table = _table(workdir, "recall.csv")
    ours = table[(table["method"] == "ours") & (table["role"] == "held_out")]
    assert ours[["gallery", "probes", "galleries"]].values.tolist() == [[4, 4, 1], [6, 6, 1]]
    assert set(table["method"]) == {
        *("ours", "ours_turned", "ours_from_another_photograph", "another_photograph", "chance"),
        *("true_face", "true_face_in_model", *SUPERVISED),
        *("mean_face", "random_face", "somebody_else"),
    }


def test_what_the_model_can_show_is_nearest_to_the_truth(workdir):
    table = _table(workdir, "geometry.csv").set_index("method")
    assert list(table.index) == [
        *("ours", *SUPERVISED, "mean_face", "random_face", "true_face_in_model")
    ]
    assert (table["people"] == 10).all()
    others = table.drop(index="true_face_in_model")
    assert 0.1 < table.loc["true_face_in_model", "vertex_mm"] < 0.8 * others["vertex_mm"].min()
    # All colour components are regressed.
    assert table.loc["true_face_in_model", "color_rms"] < 1e-4 < others["color_rms"].min()


def test_every_coefficient_is_correlated(workdir):
    table = _table(workdir, "truth_coefficients.csv")
    assert list(table.columns) == ["coefficients", "component", "ours", *SUPERVISED]
    assert list(table["coefficients"]) == ["shape"] * RUN_COMPONENTS + ["texture"] * 3
    assert table[["ours", *SUPERVISED]].abs().max().max() <= 1.0
    assert len(_table(workdir, "truth_coefficients_summary.csv")) == 2


def test_the_report_and_its_pictures(workdir):
    report = (workdir / "evaluation" / "run" / "section.md").read_text()
    assert "split.csv: four (4 people), six (6 people)" in report
    assert "**Ground truth.**" in report and "`true_face`: " in report
    for name in re.findall(r"!\[[^]]*\]\(([^)]*)\)", report):
        assert Image.open(workdir / "evaluation" / "run" / name).width > 100
    sheet = Image.open(workdir / "evaluation" / "run" / "contact_sheet.png")
    assert sheet.width == 2 * (5 * 144 + 4 * 2) + 10  # pixels: five pictures, their seams, twice
    heads = Image.open(workdir / "evaluation" / "run" / "heads.png")
    assert heads.size == (6 * 194 - 2, 3 * 194 - 2)


def test_a_large_drawing_has_its_size_and_its_face_the_scale_asked_for(workdir):
    run = Run.load(workdir)
    nobody = Coefficients(np.zeros((1, RUN_COMPONENTS), np.float32), np.zeros((1, 3), np.float32))
    half, quarter = (
        render_large(run, run.model, nobody, 0.0, 48, scale)[0].astype(int) for scale in (0.5, 0.25)
    )
    assert half.shape == quarter.shape == (48, 48, 3)
    seen = [
        np.count_nonzero(np.abs(picture - picture[0, 0]).max(axis=2) > 8)
        for picture in (half, quarter)
    ]
    assert seen[0] > 200 and seen[1] / seen[0] == pytest.approx(0.25, abs=0.05)


def test_a_run_whose_truth_cannot_be_used_does_not_begin(config, tmp_path):
    other = config.copy_and_resolve_references()
    other.truth = str(tmp_path / "nowhere")
    with pytest.raises(InputError):
        train(other, tmp_path / "run")
    shutil.copytree(config.truth, other.truth)
    arrays = dict(np.load(tmp_path / "nowhere" / "people.npz"))
    np.savez(tmp_path / "nowhere" / "people.npz", **{k: v[1:] for k, v in arrays.items()})
    with pytest.raises(InputError):
        train(other, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_older_run_without_the_newer_fields_is_evaluated(workdir, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(workdir, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation"))
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    del config["truth"], config["rendering"]["hair_from_scalp"]
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    assert evaluate(None, tmp_path / "run", references=False).truth is None


def test_an_evaluation_may_leave_the_truth_out_or_name_another(workdir, config, tmp_path):
    other = config.copy_and_resolve_references()
    other.truth = str(tmp_path)
    with pytest.raises(InputError, match=r"face_model.h5"):
        evaluate(other, workdir)
    other.truth = None
    shutil.copytree(workdir, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation"))
    assert evaluate(other, tmp_path / "run").truth is None


def test_without_references_ours_is_measured_alike(workdir, config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with_them = {name: _table(workdir, name) for name in ("recall.csv", "geometry.csv")}
    shutil.copytree(workdir, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation"))
    evaluate(None, tmp_path / "run", references=False)
    for name, table in with_them.items():
        found = _table(tmp_path / "run", name)
        assert set(found["method"]) < set(table["method"])
        ours = [rows[rows["method"] == "ours"].reset_index(drop=True) for rows in (found, table)]
        pd.testing.assert_frame_equal(*ours, rtol=1e-4)
    assert not list((tmp_path / "run" / "evaluation").rglob("*.png"))
