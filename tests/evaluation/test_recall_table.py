"""The recall table: its columns, its galleries, its references."""

import numpy as np
import pandas as pd
import pytest

from tf_morph.errors import InputError
from tf_morph.evaluation.identification import (
    COLUMNS,
    Queries,
    disjoint_galleries,
    drawn_galleries,
    fixed_galleries,
    recall_rows,
    recall_table,
)
from tf_morph.evaluation.identification import test_people as choose_photographs


def _table(features, people, galleries):
    rows = recall_rows(
        features.network,
        features.role,
        features.gallery(people),
        features.queries(people),
        galleries,
    )
    return recall_table(rows).set_index("method")


def test_columns_and_methods(make_features):
    people, _, features = make_features(60, noise=0.5)
    table = _table(features, people, [np.arange(60)]).reset_index()
    assert tuple(table.columns) == COLUMNS
    assert COLUMNS[:6] == ("method", "network", "role", "gallery", "top1", "top5")
    assert list(table["method"]) == [
        "ours",
        "ours_from_another_photograph",
        "another_photograph",
        "mean_face",
        "random_face",
        "somebody_else",
        "chance",
    ]
    assert set(table["network"]) == {"a_network"} and set(table["role"]) == {"judge"}


def test_perfect_renderings_are_always_found(make_features):
    people, _, features = make_features(200, noise=0.0)
    table = _table(features, people, disjoint_galleries(200, 84, seed=0))
    assert table.loc["ours", ["top1", "top5"]].tolist() == [1.0, 1.0]
    assert table.loc["ours", "gallery"] == 84
    assert table.loc["ours", ["queries", "galleries"]].tolist() == [168, 2]
    assert table.loc["ours", "top1_deviation"] == 0.0


def test_noise_is_at_chance_and_chance_is_exact(make_features):
    people, _, features = make_features(600, noise=1e6)
    table = _table(features, people, [np.arange(600)])
    assert table.loc["chance", ["top1", "top5"]].tolist() == [1 / 600, 5 / 600]
    # Six standard deviations of a binomial count.
    assert table.loc["ours", "top5"] < 5 / 600 + 6 * np.sqrt(5 / 600 / 600)
    assert table.loc["mean_face", "top1"] == pytest.approx(1 / 600)
    assert table.loc["mean_face", "top5"] == pytest.approx(5 / 600)


def test_only_people_with_another_photograph_are_asked_by_it(make_features):
    people, _, features = make_features(60, noise=0.1)
    table = _table(features, people, [np.arange(60)])
    assert table.loc["another_photograph", "queries"] == 20
    assert table.loc["ours_from_another_photograph", "queries"] == 20
    assert table.loc["ours", "queries"] == 60


def test_recall_over_galleries_is_that_of_all_queries():
    gallery = np.eye(4)
    found = Queries(gallery[[0, 1, 2]], np.array([0, 1, 2]))
    missed = Queries(gallery[[1, 1, 3]], np.array([0, 1, 2]))
    galleries = [np.array([0, 1]), np.array([2, 3])]
    rows = recall_table(
        recall_rows("n", "judge", gallery, {"found": found, "missed": missed}, galleries)
    ).set_index("method")
    assert rows.loc["found", "top1"] == 1.0
    assert rows.loc["missed", "top1"] == pytest.approx(1 / 3)
    # The galleries' own recalls are 1/2 and 0.
    assert rows.loc["missed", "top1_deviation"] == pytest.approx(np.std([0.5, 0.0], ddof=1))
    assert rows.loc["missed", "top5"] == 1.0


def test_a_method_without_queries_has_no_recall():
    nobody = Queries(np.zeros((0, 2)), np.zeros(0, int))
    rows = recall_table(recall_rows("n", "judge", np.eye(2), {"x": nobody}, [np.arange(2)]))
    assert rows.loc[0, "queries"] == 0 and pd.isna(rows.loc[0, "top1"])


def test_galleries_are_disjoint_seeded_and_whole():
    galleries = disjoint_galleries(504, 84, seed=3)
    assert [len(gallery) for gallery in galleries] == [84] * 6
    np.testing.assert_array_equal(np.sort(np.concatenate(galleries)), np.arange(504))
    again, other = disjoint_galleries(504, 84, seed=3), disjoint_galleries(504, 84, seed=4)
    np.testing.assert_array_equal(galleries, again)
    assert not np.array_equal(galleries, other)
    assert len(disjoint_galleries(510, 84, seed=0)) == 6
    assert disjoint_galleries(83, 84, seed=0) == []


@pytest.mark.parametrize(
    ("people", "sizes"), [(2, [2]), (84, [84]), (85, [84, 85]), (504, [84, 504])]
)
def test_galleries_of_84_where_there_are_more_people(people, sizes):
    found = drawn_galleries(people, seed=0)
    assert [len(galleries[0]) for galleries in found] == sizes


def test_floors_are_at_chance_though_renderings_are_perfect(make_features):
    people, _, features = make_features(600, noise=0.0)
    table = _table(features, people, [np.arange(600)])
    # Six standard deviations of a binomial count.
    assert table.loc["random_face", "top5"] < 5 / 600 + 6 * np.sqrt(5 / 600 / 600)
    # The one it was predicted for stands in the same gallery, and is found.
    assert table.loc["somebody_else", "top1"] == 0.0
    assert table.loc["somebody_else", "top5"] < 5 / 600 + 6 * np.sqrt(5 / 600 / 600)
    assert 250 < table.loc["somebody_else", "median_rank"] < 350


def test_somebody_else_is_never_oneself_and_everybody_is_asked_for(make_features):
    people, _, features = make_features(5, noise=0.0)
    queries = features.queries(people)
    np.testing.assert_array_equal(queries["somebody_else"].people, np.arange(5))
    asked, ours = queries["somebody_else"].features, queries["ours"].features
    np.testing.assert_array_equal(asked[1:], ours[:-1])
    np.testing.assert_array_equal(asked[0], ours[-1])


def test_galleries_of_a_split_small_first_and_those_of_one_size_together():
    sets = {"four": {"a", "c", "e", "g"}, "two": {"b", "d"}, "two more": {"h", "f"}}
    found = fixed_galleries("abcdefgh", sets)
    assert [[list(rows) for rows in of_one_size] for of_one_size in found] == [
        [[1, 3], [5, 7]],
        [[0, 2, 4, 6]],
    ]


def test_a_gallery_of_which_too_few_photographs_can_be_read():
    with pytest.raises(InputError, match="of 1 people of the set 'test'"):
        fixed_galleries("abc", {"test": {"c", "d"}})


def test_each_persons_photographs_are_chosen_by_name():
    paths = ["b/2.jpg", "a/1.jpg", "b/3.jpg", "b/1.jpg"]
    people = choose_photographs(paths, ["b", "a", "b", "b"])
    assert people.names == ("a", "b")
    np.testing.assert_array_equal(people.first, [1, 3])
    np.testing.assert_array_equal(people.another, [-1, 0])
    np.testing.assert_array_equal(people.with_another, [1])
