"""The suites of recall and similarity on the smallest run."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation import predictions
from tf_morph.evaluation.context import Context, NotRun, evaluation_networks
from tf_morph.evaluation.gallery_suites import folder_suite, lfw_suite, mofa_suite
from tf_morph.evaluation.section import write_section
from tf_morph.evaluation.similarity import emd_suite
from tf_morph.regression.components import (
    coefficient_counts,
    make_drawer,
    make_face_model,
    make_networks,
)
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.run import Run

PEOPLE, TEST_PEOPLE, PHOTOGRAPHS = 16, 10, 24


@pytest.fixture(scope="module")
def context(tiny_config, tmp_path_factory):
    """Of a run that is not trained: its decoder's weights are random."""
    config = tiny_config
    encoder, identity = make_networks(config)
    model = make_face_model(config, tmp_path_factory.mktemp("run") / "face_model.h5")
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    run = Run(config, model, make_drawer(config, model), encoder, identity, decoder, steps=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield Context(config, run, evaluation_networks(config, run))


def _with(context, **fields):
    """The same run asked for something else; nothing read before is kept."""
    return dataclasses.replace(context, **fields)


def _table(section, name="recall"):
    return next(table.frame for table in section.tables if table.name.startswith(name))


def test_the_runs_own_photographs_stand_in_for_lfw(context):
    section = lfw_suite(context)
    recall = _table(section)
    assert (recall["gallery"] == PEOPLE).all()
    ours = recall[(recall["method"] == "ours") & (recall["role"] == "held_out")]
    counts = dict(zip(zip(ours["people"], ours["photographs"]), ours["probes"]))  # noqa: B905
    assert counts["everybody", "any"] == PHOTOGRAPHS
    assert counts["everybody", "in the gallery"] == PEOPLE
    never = [count for (people, _), count in counts.items() if people == "never trained on"]
    assert max(never) + counts["trained on", "any"] == PHOTOGRAPHS
    assert counts["never trained on", "in the gallery"] == TEST_PEOPLE
    # Another photograph differs by a little noise alone, and the mean face says nothing.
    others = recall[recall["method"] == "another_photograph"]
    assert (others["top1"] > 0.7).all()
    mean_face = recall[(recall["method"] == "mean_face") & (recall["people"] == "everybody")]
    np.testing.assert_allclose(mean_face["top1"], 1 / PEOPLE)
    assert "the run's own photographs" in dict(section.facts)["in place of LFW"]
    assert len(section.heads) == 3


def test_photographs_are_drawn_once_for_several_suites(context, monkeypatch):
    lfw_suite(context)
    monkeypatch.setattr(predictions, "_predictions", None)
    similarity = _table(emd_suite(context), "similarity")
    ours = similarity[(similarity["method"] == "ours") & (similarity["role"] == "held_out")]
    assert sorted(ours["people"]) == ["never trained on", "trained on"]
    assert ours["pairs"].sum() == PHOTOGRAPHS
    assert (similarity["same_pairs"].dropna() == PHOTOGRAPHS - PEOPLE).all()
    assert similarity["emd_to_same"].iloc[-1] == 0.16


def test_nobodys_data_are_not_run(context):
    with pytest.raises(NotRun, match="--data=mofa"):
        mofa_suite(context)
    with pytest.raises(NotRun, match="--data=folder"):
        folder_suite(context)
    folders = (context.photographs_folder, context.photographs_folder)
    with pytest.raises(InputError):
        mofa_suite(_with(context, data={"mofa": folders}))


def test_people_on_mofas_photographs_are_those_of_the_list(context, tmp_path):
    source = context.photographs_folder
    files = sorted(source.rglob("*.png"))
    lines = [f"{file.relative_to(source)},{file.parent.name[-2:]}\n" for file in files]
    lines[1] = f"{files[1].relative_to(source)},00\n"  # two people's photographs, by the list one's
    (tmp_path / "who.csv").write_text("".join(lines))
    mofa = _with(context, data={"mofa": (source,)}, identities=tmp_path / "who.csv")
    section = mofa_suite(mofa)
    assert dict(section.facts)["photographs, people"] == f"{PHOTOGRAPHS} of {PEOPLE}"
    recall = _table(section)
    assert (recall["gallery"] == PHOTOGRAPHS).all()
    chance = recall[recall["method"] == "chance"].groupby("hit")["top1"].first()
    assert chance["the very photograph"] == pytest.approx(1 / PHOTOGRAPHS)
    assert chance["a photograph of the person"] > 1.2 / PHOTOGRAPHS


def test_our_own_drawings_given_as_anothers_are_found_alike(context, tmp_path):
    test = context.test
    images = context.run.draw(*context.run.predict(test.images))
    source = context.photographs_folder
    for path, image in zip(test.paths, images, strict=True):
        target = tmp_path / "theirs" / path.removeprefix(f"{source}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(target)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "nobody.png").write_bytes(b"")
    broken = tmp_path / "broken" / test.paths[0].removeprefix(f"{source}/")
    broken.parent.mkdir(parents=True)
    broken.with_suffix(".obj").write_text("no mesh")
    methods = tuple((name, tmp_path / name) for name in ("theirs", "none", "broken"))
    section = lfw_suite(_with(context, methods=methods))
    recall = _table(section)
    measured = ["network", "photographs", "top1", "top5", "top1_low", "median_rank", "probes"]
    never = recall[recall["people"] == "never trained on"]
    ours, theirs = (
        never[never["method"] == method][measured].reset_index(drop=True)
        for method in ("ours", "theirs")
    )
    assert len(theirs)
    assert ours.equals(theirs)
    assert [line.split(":")[0] for line in section.not_run] == ["none", "broken"]
    assert any(note.startswith("broken: left out 1, the first ") for note in section.notes)


def test_several_folders_stand_side_by_side_and_are_written(context, tmp_path):
    source = context.photographs_folder
    folders = _with(context, data={"folder": (source, source)})
    section = folder_suite(folders)
    names = [table.name for table in section.tables]
    assert names == ["recall_1", "cmc_1", "recall_2", "cmc_2"]
    write_section(tmp_path / "folder", section)
    assert (tmp_path / "folder" / "recall_2.csv").is_file()


def test_a_file_of_pairs_says_which_are_compared(context, tmp_path):
    pairs = tmp_path / "pairs.txt"
    pairs.write_text(
        "2\t1\nPerson_01\t0.png\t1.png\nPerson_00\t0.png\tPerson_02\t0.png\n"
        "Person_03\t0.png\t1.png\nPerson_04\t0.png\tPerson_06\t0.png\n"
    )
    section = emd_suite(_with(context, pairs=pairs))
    similarity = _table(section, "similarity").iloc[:-1]
    assert (similarity["same_pairs"] == 2).all()
    assert (similarity["different_pairs"] == 2).all()
    assert dict(section.facts)["pairs of photographs"] == f"4 of the 4 in {pairs}"
