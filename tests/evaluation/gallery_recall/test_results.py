"""Recall by method and group, of features whose ranks are known."""

import numpy as np
import pytest

from tf_morph.evaluation.identification import (
    PERSON,
    PHOTOGRAPH,
    Asked,
    Gallery,
    chance_results,
    curve_table,
    identification_table,
    recall_results,
)
from tf_morph.evaluation.image_sets import photographs_to_draw
from tf_morph.evaluation.paper import beside_paper

PEOPLE = 30


@pytest.fixture
def results():
    """People with two photographs each, the gallery of the first; the odd ones' queries are right,
    the even ones' are the next person's."""
    photographs = np.repeat(np.eye(PEOPLE), 2, axis=0)
    whom = np.repeat(np.arange(PEOPLE), 2)
    asked = photographs[np.where(whom % 2, 2 * whom, (2 * whom + 2) % (2 * PEOPLE))]
    gallery = Gallery(np.arange(0, 2 * PEOPLE, 2), {PERSON: whom})
    in_gallery = np.arange(2 * PEOPLE) % 2 == 0
    groups = {
        ("odd", "in the gallery"): in_gallery & (whom % 2 == 1),
        ("even", "in the gallery"): in_gallery & (whom % 2 == 0),
        ("all", "another"): ~in_gallery,
        ("all", "the same again"): ~in_gallery,
        ("nobody", "any"): np.zeros(2 * PEOPLE, bool),
    }
    queries = {"ours": Asked(asked, np.arange(2 * PEOPLE))}
    found = recall_results("net", "judge", photographs, queries, gallery, groups, whom, 0)
    return [*found, *chance_results(gallery)]


def test_groups_are_told_apart_and_none_is_told_twice(results):
    top = {(r.people, r.photographs): (r.top[1][0], r.queries) for r in results[:-1]}
    assert top == {
        ("odd", "in the gallery"): (1.0, PEOPLE // 2),
        ("even", "in the gallery"): (0.0, PEOPLE // 2),
        ("all", "another"): (0.5, PEOPLE),
    }
    half = next(r for r in results if r.people == "all")
    value, low, high = half.top[1]
    assert 0.25 < low < value < high < 0.75


def test_chance_is_exact(results):
    assert results[-1].top[5][0] == pytest.approx(5 / PEOPLE)
    np.testing.assert_allclose(results[-1].curve, np.arange(1, PEOPLE + 1) / PEOPLE)


def test_chance_of_people_with_several_entries():
    gallery = Gallery(np.arange(4), {PERSON: np.array([0, 0, 1, 2]), PHOTOGRAPH: np.arange(4)})
    person, photograph = chance_results(gallery)
    assert person.top[1][0] == pytest.approx((2 * 0.5 + 2 * 0.25) / 4)
    assert photograph.top[1][0] == pytest.approx(0.25)


def test_tables_hold_the_results(results):
    frame = identification_table("recall", results).frame
    assert frame["interval1"].isna().tolist() == [False] * 3 + [True]
    curves = curve_table("curves", results).frame
    assert curves["k"].iloc[[0, -1]].tolist() == [1, PEOPLE]
    np.testing.assert_allclose(curves.iloc[-1, 1:].astype(float), 1.0)
    paper = beside_paper("paper", "MoFA-Test", results).frame.set_index("method")
    assert paper.loc["the paper", ["top-1", "top-5"]].tolist() == ["87 %", "96 %"]
    assert "from memory" in paper.loc["the paper", "standing"]
    assert paper.loc["random", "top-5"] == "6 %"


def test_people_trained_on_are_drawn_whole():
    identities = np.array([f"{person}" for person in range(40) for _ in range(3)])
    trained_on = np.repeat(np.arange(40) >= 10, 3)
    rows = photographs_to_draw(identities, trained_on, seed=0, most=31)
    assert set(range(30)) <= set(rows)
    drawn, counts = np.unique(identities[rows[30:]], return_counts=True)
    assert len(drawn) == 10
    assert (counts == 3).all()
    assert not np.array_equal(rows, photographs_to_draw(identities, trained_on, 1, most=31))
