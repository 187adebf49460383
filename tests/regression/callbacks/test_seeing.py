"""What a tiny run leaves to be seen, read back from its files."""

import re

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import trimesh
from tensorboard.backend.event_processing.event_accumulator import (
    HISTOGRAMS,
    IMAGES,
    SCALARS,
    TENSORS,
    EventAccumulator,
)
from tensorboard.plugins.mesh import metadata as mesh_metadata
from tensorboard.plugins.mesh.plugin_data_pb2 import MeshPluginData

from tests.web_pages.well_formed import Page
from tf_morph.evaluation.evaluate import evaluate
from tf_morph.regression.callbacks.mesh import Meshes
from tf_morph.regression.coefficient_statistics import summary
from tf_morph.regression.losses import TERMS
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page.state import FINISHED, STOPPED, load_state
from tf_morph.regression.train import train

STEPS = 4


@pytest.fixture(scope="module")
def run(tiny_config, tmp_path_factory):
    """The folder of a run of four steps, shown after the third and the last."""
    config = tiny_config.copy_and_resolve_references()
    config.training.update({"steps": STEPS, "picture_every": 3, "log_every": 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        folder = RunFolder(tmp_path_factory.mktemp("runs") / "run")
        train(config, folder.path)
        yield folder


@pytest.fixture(scope="module")
def events(run):
    sizes = {SCALARS: 0, HISTOGRAMS: 0, IMAGES: 0, TENSORS: 0}
    read = EventAccumulator(str(run.tensorboard), sizes)
    read.Reload()
    return read


def tensors(events, tag):
    """Step to value."""
    return {event.step: tf.make_ndarray(event.tensor_proto) for event in events.Tensors(tag)}


@pytest.fixture(scope="module")
def regressed(run):
    """Coefficients of all held-out photographs by the run's last decoder."""
    loaded = Run.load(run.path)
    return loaded, *loaded.predict(split_photographs(loaded.config).test.images)


def test_tensorboard_has_every_term_as_the_table_has(run, events):
    table = pd.read_csv(run.metrics).set_index("step")
    for name in ("loss", *(term for term in TERMS if term in table)):
        found = tensors(events, name)
        assert list(found) == list(table.index)
        np.testing.assert_allclose(list(found.values()), table[name], rtol=1e-6)


def test_coefficients_of_held_out_people_are_those_of_the_run(run, regressed):
    _, shape, texture = regressed
    with np.load(run.coefficients) as kept:
        assert kept["step"] == STEPS
        np.testing.assert_allclose(kept["shape"], shape, atol=1e-5)
        np.testing.assert_allclose(kept["texture"], texture, atol=1e-5)


def test_histograms_count_every_coefficient(events, regressed):
    _, shape, texture = regressed
    for name, coefficients in (("shape", shape), ("texture", texture)):
        found = tensors(events, f"coefficients/{name}")
        assert list(found) == [3, STEPS]
        left, right, counts = found[STEPS].T
        assert counts.sum() == coefficients.size
        assert left[0] == pytest.approx(coefficients.min(), abs=1e-5)
        assert right[-1] == pytest.approx(coefficients.max(), abs=1e-5)
        means = tensors(events, f"coefficients/{name}_means")[STEPS]
        assert means[:, 2].sum() == coefficients.shape[1]


def test_drift_is_in_the_table_and_in_tensorboard(run, events, regressed):
    _, shape, _ = regressed
    table = pd.read_csv(run.spread).set_index("step")
    assert list(table.index) == [3, STEPS]
    for figure, value in summary(shape).items():
        assert table.loc[STEPS, f"shape_{figure}"] == pytest.approx(value, rel=1e-3, abs=1e-5)
        scalar = tensors(events, f"coefficients/shape_{figure}")[STEPS]
        assert scalar == pytest.approx(value, rel=1e-3, abs=1e-5)


def test_the_mesh_is_the_face_of_the_first_people(events, regressed):
    loaded, shape, texture = regressed
    tags = {
        kind: mesh_metadata.get_instance_name("faces", getattr(MeshPluginData, kind))
        for kind in ("VERTEX", "FACE", "COLOR")
    }
    vertices = tensors(events, tags["VERTEX"])[STEPS]
    np.testing.assert_allclose(vertices, loaded.model.vertices(shape[:2]), atol=1e-3)
    np.testing.assert_array_equal(tensors(events, tags["FACE"])[STEPS][1], loaded.model.triangles)
    colors = tensors(events, tags["COLOR"])[STEPS]
    assert colors.dtype == np.uint8
    albedo = np.clip(loaded.model.albedo(texture[:2]), 0, 1)
    assert np.abs(colors / 255.0 - albedo).max() < 0.003
    plugin = events.SummaryMetadata(tags["VERTEX"]).plugin_data
    assert plugin.plugin_name == mesh_metadata.PLUGIN_NAME


def test_the_mesh_file_is_the_first_person_s_face(run, regressed):
    loaded, shape, _ = regressed
    mesh = trimesh.load_mesh(run.face, process=False)
    np.testing.assert_allclose(mesh.vertices, loaded.model.vertices(shape[0]), atol=1e-3)
    np.testing.assert_array_equal(mesh.faces, loaded.model.triangles)


def test_a_mesh_of_many_vertices_is_shown_by_some_of_them(regressed, monkeypatch, tmp_path):
    loaded, shape, _ = regressed
    monkeypatch.setattr("tf_morph.regression.callbacks.mesh._MOST_VERTICES", 60)
    features = np.zeros((1, loaded.encoder.size), np.float32)
    writer = tf.summary.create_noop_writer()
    path = tmp_path / "face.ply"
    Meshes(loaded.decoder, loaded.model, features, path, writer, lambda step: True).after_step(
        1, {}
    )
    mesh = trimesh.load_mesh(path, process=False)
    assert len(mesh.vertices) <= 60 < loaded.model.num_vertices
    whole = loaded.model.vertices(loaded.decoder(features)[0]).numpy()[0]
    apart = np.linalg.norm(mesh.vertices[:, None] - whole[None], axis=-1)
    assert apart.min(axis=1).max() < 1e-3 and mesh.area > 0.5 * 200 * 240


def test_contact_sheets_are_in_tensorboard(events):
    found = tensors(events, "photograph, frontal, turned")
    assert list(found) == [3, STEPS]
    width, height, picture = found[STEPS]
    assert (int(width), int(height)) == (240, 72)
    assert tf.io.decode_image(picture).shape == (72, 240, 3)


def test_speed_is_a_table_of_its_own(run):
    table = pd.read_csv(run.speed)
    drawn = 2 * 2  # faces and views a step
    assert list(table["step"]) == [2, STEPS] and (table["seconds"] > 0).all()
    np.testing.assert_allclose(table["images_per_second"] * table["seconds"], 2 * drawn, rtol=1e-6)
    assert not set(table) & set(pd.read_csv(run.metrics)) - {"step"}


def test_the_page_shows_all_of_it(run):
    assert load_state(run.state).state == FINISHED
    page = Page(run.page.read_text(encoding="utf-8"))
    assert f"Finished: {STEPS} of {STEPS} steps" in page.text
    for path in (run.metrics, run.speed, run.spread):
        for name in pd.read_csv(path).columns[1:]:
            assert name.replace("_", " ") in page.text
    assert [button["data-step"] for button in page.named("button")] == ["3", str(STEPS)]
    assert page.named("canvas")


def test_an_evaluation_rewrites_the_page(run):
    assert "Evaluation" not in Page(run.page.read_text(encoding="utf-8")).text
    evaluate(None, run.path, references=False)
    text = Page(run.page.read_text(encoding="utf-8")).text
    assert "Evaluation" in text and "recall" in text and re.search(r"\d\.\d %", text)


def test_a_run_that_breaks_off_says_why(tiny_config, tmp_path, monkeypatch):
    config = tiny_config.copy_and_resolve_references()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def break_off(self, step, values):
        raise KeyboardInterrupt

    monkeypatch.setattr("tf_morph.regression.callbacks.mesh.Meshes.after_step", break_off)
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "run")
    state = load_state(tmp_path / "run" / "state.json")
    assert state.state == STOPPED and state.reason == "interrupted"
    page = Page((tmp_path / "run" / "index.html").read_text(encoding="utf-8"))
    assert "Stopped after" in page.text and "interrupted" in page.text
    monkeypatch.undo()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    train(config, tmp_path / "run")
    assert load_state(tmp_path / "run" / "state.json").state == FINISHED
