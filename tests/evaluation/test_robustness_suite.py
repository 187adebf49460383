"""The suites on a run of two steps, with folders of a user's own beside."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests.tiny_run import SIZE, TEST_PEOPLE
from tf_morph.errors import InputError
from tf_morph.evaluation import robustness_suite
from tf_morph.evaluation.context import NotRun
from tf_morph.evaluation.hard_folders import read_hard_folder
from tf_morph.evaluation.multi_image import pooling_suite
from tf_morph.evaluation.robustness_suite import stress_suite
from tf_morph.evaluation.synthetic_views import EXPRESSION, NAMED_EXPRESSION, Sitters, views
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.ground_truth_faces import Coefficients


def _copy_people(context, folder, count, change=lambda picture: picture):
    folder.mkdir(parents=True)
    for index in range(count):
        picture = Image.fromarray(context.test.images[index])
        change(picture).save(folder / f"{index}.png")


@pytest.fixture(scope="module")
def folders(make_context, tmp_path_factory):
    """`feret` with clean photographs, `bam` without, both of a fixed crop's size."""
    context, root = make_context(), tmp_path_factory.mktemp("folders")
    _copy_people(context, root / "feret" / "clean", 6)
    _copy_people(context, root / "feret" / "same", 7)
    for level in ("2", "10"):
        _copy_people(
            context, root / "feret" / "dim" / level, 5, lambda p: p.point(lambda v: v // 2)
        )
    _copy_people(context, root / "bam" / "grey", 4, lambda picture: picture.convert("L"))
    return root


@pytest.fixture(scope="module")
def section(make_context, folders):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robustness_suite, "PERTURBATIONS", robustness_suite.PERTURBATIONS[:2])
        patch.setattr(robustness_suite, "views", lambda model: views(model)[:1])
        # The photographs are small: the face in them is not looked for.
        patch.setattr(
            "tf_morph.evaluation.image_sets.photograph_crop", lambda *_: (0, 0, SIZE, SIZE)
        )
        given = {"feret": (folders / "feret",), "bam": (folders / "bam",)}
        return stress_suite(make_context(data=given))


def _table(section, name):
    return next(table.frame for table in section.tables if table.name == name)


def test_clean_photographs_are_unmoved_and_stressed_ones_are_not(section):
    table = _table(section, "stress")
    clean = table[table["stress"] == "clean"]
    assert (clean["shape"] == 0.0).all() and (clean["texture"] == 0.0).all()
    assert (table["gallery"] == TEST_PEOPLE).all()
    assert clean["photograph_top1"].iloc[0] == 1.0
    dark = table[(table["stress"] == "underexposed") & (table["role"] == "held_out")]
    assert list(dark["severity"]) == [0.25, 0.5, 0.75, 1.0]
    assert dark["both"].is_monotonic_increasing and dark["both"].iloc[0] > 0.0


def test_a_turned_head_is_held_against_the_same_drawing_unturned(section):
    table = _table(section, "stress")
    yaw = table[(table["stress"] == "yaw") & (table["role"] == "held_out")]
    assert list(yaw["amount"]) == [0.0, 15.0, 30.0, 45.0, 60.0]
    assert yaw["both"].iloc[0] == 0.0 and (yaw["both"].iloc[1:] > 0.0).all()


def test_a_folder_beside_its_clean_photographs(section):
    table = _table(section, "stress_feret")
    assert (table["gallery"] == 6).all()
    same = table[table["stress"] == "same"]
    np.testing.assert_allclose(same["both"], 0.0, atol=1e-5)
    dim = table[(table["stress"] == "dim") & (table["role"] == "held_out")]
    assert list(dim["amount"]) == [2.0, 10.0]  # by number, not by letter
    assert "FERET: 1 photographs of people not in clean left out." in section.notes


def test_a_folder_without_clean_photographs(section):
    table = _table(section, "stress_bam")
    assert (table["gallery"] == 4).all() and table["top1"].between(0.0, 1.0).all()
    assert {picture.name for picture in section.images} == {
        "stress_photographs",
        "stress_synthetic_views",
        "stress_feret",
        "stress_bam",
    }
    assert [note.split(":")[0] for note in section.notes if "no folder clean" in note] == ["BAM"]


def test_a_folder_of_another_layout_is_refused(make_context, tmp_path):
    (tmp_path / "clean").mkdir()
    with pytest.raises(InputError):
        read_hard_folder(make_context(), tmp_path)
    with pytest.raises(InputError):
        read_hard_folder(make_context(), tmp_path / "missing")


def test_two_clean_photographs_of_one_person_are_refused(make_context, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "tf_morph.evaluation.image_sets.photograph_crop", lambda *_: (0, 0, SIZE, SIZE)
    )
    context = make_context()
    for name in ("clean", "same"):
        _copy_people(context, tmp_path / name, 2)
    Image.open(tmp_path / "clean" / "1.png").save(tmp_path / "clean" / "1.jpg")
    with pytest.raises(InputError):
        read_hard_folder(context, tmp_path)


def test_an_expression_changes_the_drawing(make_context):
    context = make_context()
    model = context.run.model
    basis = np.zeros((model.shape.mean.size, 1), np.float32)
    basis[1::3] = 1.0 / np.sqrt(len(model.shape.mean))  # all upwards
    expression = LinearBasis(np.zeros_like(model.shape.mean), basis, np.array([200.0]))
    smiling = dataclasses.replace(model, expression=expression)
    assert EXPRESSION in views(smiling) and EXPRESSION not in views(model)
    named = dataclasses.replace(smiling, expression_names=("rise",))
    assert views(named)[-1] == NAMED_EXPRESSION and views(named)[-1].amounts[-1] == 1.0
    faces = context.run.predict(context.test.images[:2])
    sitters = Sitters(context.run, smiling, Coefficients(*faces), 0)
    neutral, strong = sitters.render(EXPRESSION, 0.0), sitters.render(EXPRESSION, 1.0)
    assert np.abs(strong.astype(int) - neutral).max() > 0


def test_without_three_photographs_of_anybody_nothing_is_pooled(make_context):
    with pytest.raises(NotRun):
        pooling_suite(make_context())
