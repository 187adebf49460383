"""Recall against a naive reference, with ties, duplicates and features that say nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tf_morph.recognition import cosine_blocks
from tf_morph.recognition.recall import Placing, chance, normalise, place, wilson_interval


def _naive_hit(query, person, gallery, people, k):
    """The same by its definition: the mean over every order of the entries that are tied."""
    unit = [row / np.linalg.norm(row) if np.linalg.norm(row) else row for row in gallery]
    length = np.linalg.norm(query)
    scores = [round(float(row @ query) / length if length else 0.0, 6) for row in unit]
    best = max(score for score, whose in zip(scores, people, strict=True) if whose == person)
    ahead = sum(score > best for score in scores)
    tied = [whose == person for score, whose in zip(scores, people, strict=True) if score == best]
    orders = list(itertools.permutations(tied))
    return np.mean([any(order[: max(k - ahead, 0)]) for order in orders])


@given(st.data())
def test_hits_equal_a_naive_reference(data):
    # Small whole numbers, so that ties, duplicates and zero vectors are common.
    entries = data.draw(st.integers(1, 6))
    vectors = st.lists(st.integers(-1, 1), min_size=2, max_size=2)
    gallery = np.array(data.draw(st.lists(vectors, min_size=entries, max_size=entries)), float)
    people = np.array(data.draw(st.lists(st.integers(0, 3), min_size=entries, max_size=entries)))
    asked = data.draw(st.lists(st.sampled_from(sorted(set(people))), min_size=1, max_size=4))
    queries = np.array([data.draw(vectors) for _ in asked], float)
    placing = place(queries, np.array(asked), gallery, people)
    for k in (1, 2, 5):
        expected = [
            _naive_hit(query, person, gallery, people, k)
            for query, person in zip(queries, asked, strict=True)
        ]
        np.testing.assert_allclose(placing.hits(k), expected, atol=1e-12)


def test_random_features_equal_a_sort():
    random = np.random.default_rng(0)
    gallery, queries = random.normal(size=(300, 8)), random.normal(size=(300, 8))
    placing = place(queries, np.arange(300), gallery, np.arange(300))
    order = np.argsort(-(normalise(queries) @ normalise(gallery).T), axis=1)
    ranks = 1 + np.argmax(order == np.arange(300)[:, None], axis=1)
    np.testing.assert_array_equal(placing.ranks, ranks)
    for k in (1, 5, 50):
        np.testing.assert_array_equal(placing.hits(k), ranks <= k)


def test_blocks_make_no_difference(monkeypatch):
    random = np.random.default_rng(1)
    gallery, queries = random.normal(size=(40, 4)), random.normal(size=(33, 4))
    whole = place(queries, np.arange(33), gallery, np.arange(40))
    monkeypatch.setattr(cosine_blocks, "ENTRIES", 7)
    monkeypatch.setattr(cosine_blocks, "_SCORES", 21)
    blocks = place(queries, np.arange(33), gallery, np.arange(40))
    np.testing.assert_array_equal(whole.higher, blocks.higher)


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_constant_features_come_out_at_chance(constant):
    features = np.full((84, 512), constant)
    # As a network would give them: the last bits depend on the place in the batch.
    features *= 1 + np.random.default_rng(2).uniform(-1e-7, 1e-7, size=features.shape)
    placing = place(features, np.arange(84), features, np.arange(84))
    for k in (1, 5):
        np.testing.assert_allclose(placing.hits(k), chance(k, 84), rtol=1e-12)
    np.testing.assert_allclose(placing.ranks, (84 + 1) / 2)


def test_the_same_query_for_everybody_comes_out_at_chance():
    gallery = np.random.default_rng(3).normal(size=(84, 16))
    queries = np.tile(gallery.mean(axis=0), (84, 1))
    placing = place(queries, np.arange(84), gallery, np.arange(84))
    assert np.mean(placing.hits(1)) == pytest.approx(1 / 84)
    assert np.mean(placing.hits(5)) == pytest.approx(5 / 84)


def test_any_photograph_of_the_person_counts():
    gallery = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    placing = place(np.array([[0.1, 1.0]]), ["a"], gallery, ["a", "a", "b"])
    assert placing.ranks == [1.0]
    placing = place(np.array([[1.0, 0.0]]), ["b"], gallery, ["a", "a", "b"])
    assert placing.ranks == [3.0]


def test_length_of_features_makes_no_difference():
    random = np.random.default_rng(4)
    gallery, queries = random.normal(size=(30, 6)), random.normal(size=(30, 6))
    scaled = place(queries * 1e3, np.arange(30), gallery * 1e-4, np.arange(30))
    plain = place(queries, np.arange(30), gallery, np.arange(30))
    np.testing.assert_array_equal(scaled.higher, plain.higher)


def test_more_places_than_entries_always_hit():
    placing = Placing(np.array([2, 0]), np.array([0, 2]), np.array([1, 1]))
    np.testing.assert_array_equal(placing.hits(5), [1.0, 1.0])
    assert chance(5, 3) == 1.0


def test_features_that_are_not_finite_are_refused():
    gallery = np.ones((2, 3))
    with pytest.raises(ValueError, match="queries: .*not finite"):
        place(np.array([[1.0, np.nan, 0.0]]), [0], gallery, [0, 1])
    with pytest.raises(ValueError, match="gallery: .*not finite"):
        place(gallery, [0, 1], gallery * np.inf, [0, 1])


def test_a_person_not_in_the_gallery_is_refused():
    with pytest.raises(ValueError, match="not in the gallery"):
        place(np.ones((1, 2)), ["c"], np.ones((2, 2)), ["a", "b"])


def test_no_queries_place_nobody():
    placing = place(np.zeros((0, 2)), np.zeros(0, int), np.ones((2, 2)), np.arange(2))
    assert placing.hits(1).shape == (0,)


@pytest.mark.parametrize(("hits", "count"), [(20, 84), (0, 84), (84, 84), (1, 2), (250, 504)])
def test_wilson_interval_is_scipys(hits, count):
    expected = binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson_interval(hits / count, count) == pytest.approx(tuple(expected), abs=1e-6)


def test_nothing_asked_nothing_known():
    assert wilson_interval(0.0, 0) == (0.0, 1.0)
