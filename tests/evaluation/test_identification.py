"""Identification: galleries, ranks by method and group, recall, CMC, intervals, tables."""

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.identification import (
    COLUMNS,
    IMAGE,
    PERSON,
    Probes,
    bootstrap_interval,
    cmc_table,
    disjoint_galleries,
    galleries_of,
    identification_frame,
    identification_table,
    identify,
)
from tf_morph.evaluation.identification import test_people as choose_photographs
from tf_morph.evaluation.paper import beside_paper
from tf_morph.evaluation.predictions import photographs_to_render

PEOPLE = 30
NAMED = {"network": "net", "role": "held_out", "seed": 0}


def _frame(features, people, identities, galleries):
    labels = {PERSON: np.unique(identities, return_inverse=True)[1]}
    entries = [people.first[rows] for rows in galleries]
    found = identify(features.images, features.probes(people), entries, labels, **NAMED)
    return identification_frame(found).set_index("method")


def test_columns_and_methods(make_features):
    people, identities, features = make_features(60, noise=0.5)
    frame = _frame(features, people, identities, [np.arange(60)]).reset_index()
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["method"]) == [
        *("ours", "ours_from_another_photograph", "another_photograph", "mean_face"),
        *("random_face", "somebody_else", "chance"),
    ]
    assert set(frame["network"]) == {"net"} and set(frame["role"]) == {"held_out"}


def test_perfect_renderings_are_always_found(make_features):
    people, identities, features = make_features(200, noise=0.0)
    galleries = disjoint_galleries(200, 84, seed=0)
    ours = _frame(features, people, identities, galleries).loc["ours"]
    assert ours[["top1", "top5", "top1_low", "top1_high"]].tolist() == [1.0] * 4
    assert ours[["gallery", "galleries", "probes"]].tolist() == [84, 2, 168]
    assert ours["top1_deviation"] == 0.0


def test_noise_and_floors_are_at_chance_and_chance_is_exact(make_features):
    # Six standard deviations of a binomial count.
    limit = 5 / 600 + 6 * np.sqrt(5 / 600 / 600)
    for noise in (0.0, 1e6):
        people, identities, features = make_features(600, noise)
        frame = _frame(features, people, identities, [np.arange(600)])
        assert frame.loc["chance", ["top1", "top5"]].tolist() == pytest.approx([1 / 600, 5 / 600])
        for k in (1, 5):
            assert frame.loc["mean_face", f"top{k}"] == pytest.approx(k / 600)
        assert frame.loc["random_face", "top5"] < limit
        assert frame.loc["somebody_else", "top5"] < limit
        if noise:
            assert frame.loc["ours", "top5"] < limit
        else:  # the one it was predicted for is in the same gallery, and is found
            assert frame.loc["somebody_else", "top1"] == 0.0
            assert 250 < frame.loc["somebody_else", "median_rank"] < 350


def test_somebody_else_is_never_oneself_and_everybody_is_looked_for(make_features):
    people, _, features = make_features(5, noise=0.0)
    probes = features.probes(people)
    np.testing.assert_array_equal(probes["somebody_else"].images, people.first)
    theirs, ours = probes["somebody_else"].features, probes["ours"].features
    np.testing.assert_array_equal(theirs, np.roll(ours, 1, axis=0))


def test_only_people_with_another_photograph_are_probed_by_it(make_features):
    people, identities, features = make_features(60, noise=0.1)
    probes = _frame(features, people, identities, [np.arange(60)])["probes"]
    assert probes["another_photograph"] == probes["ours_from_another_photograph"] == 20
    assert probes["ours"] == 60


def test_recall_over_galleries_is_that_of_all_probes():
    features, rows = np.eye(4), np.arange(4)
    probes = {
        "found": Probes(features[:3], rows[:3]),
        "missed": Probes(features[[1, 1, 3]], rows[:3]),
        "none": Probes(np.zeros((0, 4)), rows[:0]),
    }
    found = identify(features, probes, [rows[:2], rows[2:]], {PERSON: rows}, **NAMED)
    frame = identification_frame(found).set_index("method")
    assert frame.loc["found", "top1"] == 1.0 and "none" not in frame.index
    assert frame.loc["missed", "top1"] == pytest.approx(1 / 3)
    # The galleries' own recalls are 1/2 and 0.
    assert frame.loc["missed", "top1_deviation"] == pytest.approx(np.std([0.5, 0.0], ddof=1))
    assert frame.loc["missed", "top5"] == 1.0


@pytest.fixture
def results():
    """People with two photographs each, the gallery of the first; the odd ones' probes are right,
    the even ones' are the next person's."""
    images, whom = np.repeat(np.eye(PEOPLE), 2, axis=0), np.repeat(np.arange(PEOPLE), 2)
    probes = images[np.where(whom % 2, 2 * whom, (2 * whom + 2) % (2 * PEOPLE))]
    in_gallery = np.arange(2 * PEOPLE) % 2 == 0
    groups = {
        ("odd", "in the gallery"): in_gallery & (whom % 2 == 1),
        ("even", "in the gallery"): in_gallery & (whom % 2 == 0),
        ("all", "another"): ~in_gallery,
        ("all", "the same again"): ~in_gallery,
        ("nobody", "any"): np.zeros(2 * PEOPLE, bool),
    }
    methods = {"ours": Probes(probes, np.arange(2 * PEOPLE))}
    entries = [np.arange(0, 2 * PEOPLE, 2)]
    return identify(images, methods, entries, {PERSON: whom}, groups=groups, **NAMED)


def test_groups_are_apart_and_none_comes_twice(results):
    top = {(r.people, r.photographs): (r.top[1].mean, r.probes) for r in results[:-1]}
    assert top == {
        ("odd", "in the gallery"): (1.0, PEOPLE // 2),
        ("even", "in the gallery"): (0.0, PEOPLE // 2),
        ("all", "another"): (0.5, PEOPLE),
    }
    half = next(r for r in results if r.people == "all").top[1]
    assert 0.25 < half.low < half.mean < half.high < 0.75
    np.testing.assert_allclose(results[-1].cmc, np.arange(1, PEOPLE + 1) / PEOPLE)


def test_chance_of_people_with_several_entries():
    rows = np.arange(4)
    labels = {PERSON: np.array([0, 0, 1, 2]), IMAGE: rows}
    person, image = identify(np.eye(4), {}, [rows], labels, **NAMED)
    assert person.top[1].mean == pytest.approx((2 * 0.5 + 2 * 0.25) / 4)
    assert image.top[1].mean == pytest.approx(0.25)


def test_tables_hold_the_results(results):
    frame = identification_frame(results)
    table = identification_table("recall", frame)
    assert table.shown["interval1"].isna().tolist() == [False] * 3 + [True]
    assert "hit" not in table.headings and "people" in table.headings
    curves = cmc_table("curves", results).frame
    assert curves["k"].iloc[[0, -1]].tolist() == [1, PEOPLE]
    np.testing.assert_allclose(curves.iloc[-1, 1:].astype(float), 1.0)
    paper = beside_paper("paper", "MoFA-Test", frame).frame.set_index("method")
    assert paper.loc["the paper", ["top-1", "top-5"]].tolist() == ["87 %", "96 %"]
    assert "from memory" in paper.loc["the paper", "standing"]
    assert paper.loc["random", "top-5"] == "6 %"


def test_galleries_are_disjoint_seeded_and_whole():
    galleries = disjoint_galleries(504, 84, seed=3)
    assert [len(gallery) for gallery in galleries] == [84] * 6
    np.testing.assert_array_equal(np.sort(np.concatenate(galleries)), np.arange(504))
    again, other = disjoint_galleries(504, 84, seed=3), disjoint_galleries(504, 84, seed=4)
    np.testing.assert_array_equal(galleries, again)
    assert not np.array_equal(galleries, other)
    assert disjoint_galleries(83, 84, seed=0) == []


@pytest.mark.parametrize(
    ("people", "sizes"), [(2, [2]), (84, [84]), (85, [84, 85]), (504, [84, 504])]
)
def test_galleries_of_84_where_there_are_more_people(people, sizes):
    found = galleries_of(range(people), {}, seed=0)
    assert [len(galleries[0]) for galleries in found] == sizes


def test_galleries_of_a_split_small_first_and_those_of_one_size_together():
    sets = {"four": {"a", "c", "e", "g"}, "two": {"b", "d"}, "two more": {"h", "f"}}
    found = galleries_of("abcdefgh", sets, 0)
    assert [[list(rows) for rows in of_one_size] for of_one_size in found] == [
        [[1, 3], [5, 7]],
        [[0, 2, 4, 6]],
    ]
    with pytest.raises(InputError):
        galleries_of("abc", {"test": {"c", "d"}}, 0)


def test_each_persons_photographs_are_chosen_by_name():
    paths = ["b/2.jpg", "a/1.jpg", "b/3.jpg", "b/1.jpg"]
    people = choose_photographs(paths, ["b", "a", "b", "b"])
    assert people.names == ("a", "b")
    np.testing.assert_array_equal(people.first, [1, 3])
    np.testing.assert_array_equal(people.another, [-1, 0])


def test_people_trained_on_are_rendered_whole():
    identities = np.array([f"{person}" for person in range(40) for _ in range(3)])
    trained_on = np.repeat(np.arange(40) >= 10, 3)
    rows = photographs_to_render(identities, trained_on, seed=0, most=31)
    assert set(range(30)) <= set(rows)
    people, counts = np.unique(identities[rows[30:]], return_counts=True)
    assert len(people) == 10 and (counts == 3).all()
    assert not np.array_equal(rows, photographs_to_render(identities, trained_on, 1, most=31))


def test_the_interval_is_the_normal_one_of_many_people():
    values = np.random.default_rng(0).uniform(size=2000)
    low, high = bootstrap_interval(values, np.arange(2000), seed=1)
    half = 1.96 * values.std() / np.sqrt(2000)
    np.testing.assert_allclose([low, high], values.mean() + half * np.array([-1, 1]), atol=2e-3)


def test_probes_of_one_person_do_not_count_as_many_but_weigh_more():
    values = np.random.default_rng(0).uniform(size=100)
    alone = np.subtract(*bootstrap_interval(values, np.arange(100), seed=1))
    repeated = np.repeat(values, 25), np.repeat(np.arange(100), 25)
    np.testing.assert_allclose(np.subtract(*bootstrap_interval(*repeated, seed=1)), alone)
    values, people = np.array([1.0] * 99 + [0.0]), np.array(["a"] * 99 + ["b"])
    assert bootstrap_interval(values, people, seed=0) == (0.0, 1.0)  # one of two is sampled twice


def test_a_seed_settles_the_interval_and_equal_values_have_no_width():
    values = np.random.default_rng(3).uniform(size=50)
    first = bootstrap_interval(values, np.arange(50), seed=7)
    assert first == bootstrap_interval(values, np.arange(50), seed=7)
    assert first != bootstrap_interval(values, np.arange(50), seed=8)
    assert bootstrap_interval(np.ones(9), np.arange(9), seed=0) == (1.0, 1.0)
    assert np.isnan(bootstrap_interval(np.zeros(0), np.zeros(0), seed=0)).all()
