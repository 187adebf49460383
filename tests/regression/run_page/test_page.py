"""The page made from a run's folder, whatever state the folder is in."""

import base64
import json
import os
import re

import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.web_pages.well_formed import Page
from tf_morph.config import identity_config, network_config, save_config
from tf_morph.errors import InputError
from tf_morph.regression.default_config import default_config
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import write_page
from tf_morph.regression.run_page.state import FINISHED, STOPPED, TRAINING, RunState

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def config():
    config = default_config()
    config.description = "a run of a test"
    config.face_model.path, config.photographs.folder = "face.h5", "photographs"
    config.encoder.path = "networks/b.pb"
    config.loss.identity = 3.5
    network = network_config("seen by", "networks/a.pb")
    config.identity.seen_by = identity_config(network)
    config.training.steps = 30
    return config


@pytest.fixture
def folder(config, tmp_path):
    """A run's folder as training leaves it, without training."""
    folder = RunFolder(tmp_path / "run")
    save_config(config, folder.config)
    folder.pictures.mkdir()
    folder.metrics.write_text(
        "step,identity,loss,later\n10,0.5,90.0,\n20,nan,3.0,1.5\n30,0.25,1.0,1.25\n"
    )
    folder.validation.write_text("step,recall_top1\n10,0.01\n30,0.9\n")
    folder.versions.write_text(json.dumps({"python": "3.11", "tensorflow": "2.21"}))
    folder.people.write_text(json.dumps({"training": ["a", "b", "c"], "test": ["d"]}))
    for step in (10, 20, 30):
        _save_picture(folder.pictures / f"step_{step:06d}.png", (step, 90, 40))
    random = np.random.default_rng(0)
    np.savez(folder.coefficients, shape=random.normal(size=(40, 5)), texture=np.zeros((40, 3)))
    _save_mesh(folder.face)
    RunState(FINISHED, 30, 30).save(folder.state)
    return folder


def _save_picture(path, color, size=(60, 18)):
    Image.new("RGB", size, color).save(path)


def _save_mesh(path, count=4):
    vertices = np.random.default_rng(1).normal(size=(count, 3))
    triangles = [[0, 1, 2], [0, 2, 3]]
    mesh = trimesh.Trimesh(vertices, triangles, vertex_colors=[[9, 8, 7]] * count, process=False)
    path.write_bytes(mesh.export(file_type="ply"))


def source(folder):
    return write_page(folder.path).read_text(encoding="utf-8")


def test_the_page_holds_what_was_run(folder):
    text = source(folder)
    page = Page(text)
    assert "a run of a test" in page.text and "Finished: 30 of 30 steps" in page.text
    for name in ("identity", "loss", "later", "recall top1"):
        assert name in page.text
    assert "people trained on 3" in re.sub(r"\s+", " ", page.text)
    assert "tensorflow" in page.text and "2.21" in page.text
    assert len(text.encode()) < 3_000_000


def test_the_charts_hold_the_numbers(folder):
    page = Page(source(folder))
    courses = [a["data-points"] for a in page.with_class("course")]
    loss, identity, later, recall = (
        [tuple(float(n) for n in point.split(",")[2:]) for point in course.split(";")]
        for course in courses
    )
    assert loss == [(10, 90.0), (20, 3.0), (30, 1.0)]
    assert identity == [(10, 0.5), (30, 0.25)] and len(page.with_class("gap")) == 1
    assert later == [(20, 1.5), (30, 1.25)]
    assert recall == [(10, 0.01), (30, 0.9)]


def test_stages_are_marked_in_every_chart(folder, config):
    config.stages = {"photographs": {"first_step": 21}, "<b>late": {"first_step": 25}}
    save_config(config, folder.config)
    page = Page(source(folder))
    assert len(page.with_class("begin")) == 2 * len(page.with_class("course"))
    assert "photographs" in page.text and "<b>late" in page.text


def test_pictures_are_inside_and_the_last_is_large(folder):
    page = Page(source(folder))
    images = page.named("img")
    assert len(images) == 4 and all(i["src"].startswith("data:image/jpeg") for i in images)
    pressed = {b["data-step"]: b["aria-pressed"] for b in page.named("button")}
    assert pressed == {"10": "false", "20": "false", "30": "true"}
    (sheet,) = [image for image in images if image.get("id") == "sheet"]
    assert "step 30" in sheet["alt"]


def test_fields_that_differ_are_marked(folder):
    text = source(folder)
    marked = re.findall(r"<mark>(.*?)</mark>", text)
    assert "3.5" in marked and "30" in marked
    assert "loss.loopback" in Page(text).text


def test_nothing_is_fetched(folder):
    text = source(folder)
    assert not re.search(r"https?://|url\(|@import|<link", text)
    page = Page(text)
    assert {"src"} <= {name for attributes in page.named("img") for name in attributes}
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert not (attributes.get(name) or "").startswith(("//", "http", "/"))


def test_hostile_words_stay_words(folder, config):
    config.description = HOSTILE
    config.photographs.folder = HOSTILE
    save_config(config, folder.config)
    folder.people.write_text(json.dumps({HOSTILE: ["x"]}))
    folder.versions.write_text(json.dumps({HOSTILE: HOSTILE}))
    folder.metrics.write_text(f'step,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n1,2\n')
    RunState(STOPPED, 1, 30, HOSTILE).save(folder.state)
    folder.run_evaluation.mkdir(parents=True)
    (folder.run_evaluation / "recall.csv").write_text(f"method,top1\n{HOSTILE[:20]},0.5\n")
    harmless = len(Page(source(folder)).named("script"))
    page = Page(source(folder))
    assert page.text.count("alert(1)") >= 4
    assert harmless == 3 and not any("onerror" in attributes for _, attributes in page.tags)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState(TRAINING, 12, 30), "Training: 12 of 30 steps"),
        (RunState(STOPPED, 12, 30, "step 13: loss is not finite"), "step 13: loss is not finite"),
        (RunState(FINISHED, 12, 30, "ended early"), "Finished: 12 of 30 steps"),
    ],
)
def test_the_page_says_how_far_the_run_is(folder, state, words):
    state.save(folder.state)
    assert words in Page(source(folder)).text


def test_a_run_without_a_state_is_judged_by_its_numbers(folder):
    folder.state.write_text('{"state": "fin')
    assert "Finished: 30 of 30" in Page(source(folder)).text
    folder.metrics.write_text("step,loss\n10,1.0\n")
    assert "Training: 10 of 30" in Page(source(folder)).text


def test_a_folder_with_its_config_alone_makes_a_page(config, tmp_path):
    folder = RunFolder(tmp_path)
    save_config(config, folder.config)
    page = Page(source(folder))
    assert "Training: 0 of 30 steps" in page.text and not page.named("img")


@pytest.mark.parametrize("content", [b"", b"step", b"step,loss\n", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_numbers_that_cannot_be_read_are_left_out(folder, content):
    folder.metrics.write_bytes(content)
    folder.validation.unlink()
    assert not Page(source(folder)).with_class("course")


def test_a_half_written_line_is_left_out(folder):
    folder.metrics.write_text("step,loss\n10,1.0\n20,2.0\n30,99")
    folder.validation.unlink()
    (course,) = [a["data-points"] for a in Page(source(folder)).with_class("course")]
    assert course.endswith("20,2") and "99" not in course


def test_numbers_none_of_which_is_finite_still_make_a_page(folder):
    folder.metrics.write_text("step,loss\n10,nan\n20,inf\n30,-inf\n")
    page = Page(source(folder))
    assert "no finite value" in " ".join(a.get("aria-label", "") for a in page.named("svg"))
    assert len(page.with_class("gap")) >= 2


def test_thousands_of_rows_are_thinned_and_keep_their_peaks(folder):
    rows = "".join(f"{step},{1e6 if step == 7777 else 1.0}\n" for step in range(1, 20_001))
    folder.metrics.write_text("step,loss\n" + rows)
    folder.validation.unlink()
    text = source(folder)
    (course,) = [a["data-points"] for a in Page(text).with_class("course")]
    assert len(course.split(";")) <= 320 and ",7777,1e+06" in course
    assert len(text) < 400_000


@pytest.mark.parametrize("name", ["step_000030.png", "coefficients.npz", "face.ply"])
@pytest.mark.parametrize("content", [None, b"", b"ply\nformat"])
def test_damaged_and_missing_files_are_left_out(folder, name, content):
    path = folder.pictures / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    page = Page(source(folder))
    assert "a run of a test" in page.text
    assert len(page.named("img")) == (3 if name.startswith("step") else 4)


def test_many_large_pictures_do_not_make_a_large_page(folder):
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (672, 2240, 3), np.uint8)
    for step in range(40, 70):
        Image.fromarray(noise).save(folder.pictures / f"step_{step:06d}.png", compress_level=0)
    text = source(folder)
    assert len(text.encode()) < 3_000_000 and Page(text).named("img")


def test_the_mesh_is_in_the_page_as_it_is_in_its_file(folder):
    text = source(folder)
    data, coded = (
        json.loads(re.search(f'id="{name}">(.*?)</script>', text).group(1))
        for name in ("head-1", "triangles-1")
    )
    colors = np.frombuffer(base64.b64decode(data["colors"]), np.uint8).reshape(-1, 3)
    triangles = np.frombuffer(base64.b64decode(coded), "<u2").reshape(-1, 3)
    positions = np.frombuffer(base64.b64decode(data["positions"]), "<u2").reshape(-1, 3)
    mesh = trimesh.load_mesh(folder.face, process=False)
    assert (colors == [9, 8, 7]).all() and (triangles == mesh.faces).all()
    sides = np.ptp(mesh.vertices, axis=0)
    np.testing.assert_allclose(np.ptp(positions, axis=0) / 65535, sides / sides.max(), atol=1e-4)


def test_an_evaluation_s_tables_are_shown(folder):
    folder.run_evaluation.mkdir(parents=True)
    (folder.run_evaluation / "recall.csv").write_text(
        "method,top1,queries\nours,0.875,84\nchance,,\n"
    )
    folder.report.write_text("<!DOCTYPE html>\n")
    _save_picture(folder.run_evaluation / "recall.png", (1, 2, 3))
    page = Page(source(folder))
    assert "87.5 %" in page.text and "ours" in page.text and len(page.named("img")) == 5
    assert "evaluation/report.html" in [a["href"] for a in page.named("a")]


def test_a_page_is_written_whole_or_not_at_all(folder, monkeypatch):
    before = source(folder)

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(InputError, match="index.html: cannot be written"):
            write_page(folder.path)
    assert folder.page.read_text(encoding="utf-8") == before
    assert not [path for path in folder.path.iterdir() if path.name.endswith(".partial")]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such run folder"):
        write_page(tmp_path / "nothing")
    with pytest.raises(InputError, match="config.json"):
        write_page(tmp_path)
