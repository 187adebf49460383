"""The report made from the sections in an evaluation's folder."""

import base64
import json
import re

import pytest

from tests.evaluation.small_section import small_section
from tests.web_pages.well_formed import Page
from tf_morph.config import identity_config, network_config, save_config
from tf_morph.errors import InputError
from tf_morph.evaluation.report import write_report
from tf_morph.evaluation.section import section_files, write_section
from tf_morph.regression.default_config import default_config
from tf_morph.regression.run_folder import RunFolder

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def run(tmp_path):
    """A run's folder whose evaluation holds two sections."""
    folder = RunFolder(tmp_path / "run")
    config = default_config()
    config.description = "a run of a test"
    config.face_model.path, config.photographs.folder = "face.h5", "photographs"
    config.encoder.path = "networks/b.pb"
    config.loss.identity = 3.5
    config.identity.seen_by = identity_config(network_config("seen by", "networks/a.pb"))
    save_config(config, folder.config)
    folder.versions.write_text(json.dumps({"tensorflow": "2.21"}))
    folder.people.write_text(json.dumps({"training": ["a", "b", "c"]}))
    write_section(folder.evaluation / "mofa", small_section())
    write_section(folder.evaluation / "run", small_section("run", title="People of a test"))
    return folder


def source(run):
    return write_report(run.evaluation, run.path).read_text(encoding="utf-8")


def test_everything_of_the_sections_is_shown(run):
    page = Page(source(run))
    words = re.sub(r"\s+", " ", page.text)
    for expected in ("a run of a test", "87.6 %", "a_b & 50%", "The whole curve.", "Everybody."):
        assert expected in words
    assert "people trained on 3" in words and "tensorflow 2.21" in words and "3.5" in words
    assert "LFW: no photographs." in words and "ties 1e-6" in words
    assert len(page.named("canvas")) == 4
    assert len(page.named("img")) == 2 * 3 + 1  # plot, sheet, photograph of each; the enlarged


def test_contents_lead_to_every_section_the_run_first(run):
    page = Page(source(run))
    targets = [a["href"].removeprefix("#") for a in page.named("a") if a["href"].startswith("#")]
    sections = [a["id"] for a in page.named("section")]
    assert targets == sections == ["run", "mofa", "not-run", "config", "versions"]


def test_tables_and_figures_are_counted_through(run):
    words = Page(source(run)).text
    assert [words.count(f"Table {n}.") for n in (1, 2, 3)] == [1, 1, 0]
    assert [words.count(f"Figure {n}.") for n in (1, 4, 5)] == [1, 1, 0]


def test_heads_of_one_topology_share_its_triangles(run):
    text = source(run)
    scripts = re.findall(r'id="((?:head|triangles)-\d+)">(.*?)</script>', text)
    data = {name: json.loads(content) for name, content in scripts}
    assert sorted(data) == ["head-1", "head-2", "head-3", "head-4", "triangles-1"]
    colors = {base64.b64decode(data[f"head-{n}"]["colors"])[0] for n in (1, 2)}
    assert colors == {40, 80}
    assert all(data[f"head-{n}"]["triangles"] == "triangles-1" for n in range(1, 5))


def test_the_files_to_keep_are_in_the_page(run):
    links = {a["download"]: a["href"] for a in Page(source(run)).named("a") if "download" in a}
    assert {"mofa_recall.csv", "mofa_recall.tex", "mofa_recall.md", "run_curve.pdf"} <= set(links)
    coded = links["mofa_recall.csv"].split(",", 1)[1]
    assert base64.b64decode(coded) == (run.evaluation / "mofa" / "recall.csv").read_bytes()


def test_nothing_is_fetched(run):
    text = source(run)
    assert not re.search(r"https?://|url\(|@import|<link", text)
    for _, attributes in Page(text).tags:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))


def test_hostile_words_stay_words(run):
    harmless = len(Page(source(run)).named("script"))
    section = small_section(
        title=HOSTILE,
        protocol=f"{HOSTILE}\n\n![x](http://x) [link](javascript:alert(3))",
        facts=((HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
        not_run=(HOSTILE,),
    )
    write_section(run.evaluation / "mofa", section)
    page = Page(source(run))
    assert len(page.named("script")) == harmless and page.text.count("alert(1)") >= 5
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert not any("javascript" in (a["href"] or "") for a in page.named("a"))


@pytest.mark.parametrize("name", sorted(section_files(small_section())))
@pytest.mark.parametrize("content", [None, b"{}"])
def test_what_is_missing_or_damaged_is_left_out(run, name, content):
    path = run.evaluation / "mofa" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    page = Page(source(run))
    assert "People of a test" in page.text
    assert ("Recall on a test" in page.text) == (name != "section.json")
    shown = {"curve.png", "sheet.png", "first.ply", "second.ply"}
    assert ("not on this page" in page.text) == (name in shown)


def test_a_section_that_was_not_run_is_named_with_its_reason(run):
    section = small_section("micc", title="micc", tables=(), plots=(), images=(), heads=())
    write_section(run.evaluation / "micc", section)
    page = Page(source(run))
    assert "micc" not in [a["id"] for a in page.named("section")] and "micc:" in page.text


def test_an_evaluation_without_sections_makes_a_page(run, tmp_path):
    path = write_report(tmp_path / "empty", run.path)
    assert "a run of a test" in Page(path.read_text(encoding="utf-8")).text


def test_a_folder_that_is_no_run_is_refused(run, tmp_path):
    with pytest.raises(InputError):
        write_report(run.evaluation, tmp_path / "nothing")
