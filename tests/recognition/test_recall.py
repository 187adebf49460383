"""Recall against a naive reference, with ties, duplicates and features that say nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tf_morph.recognition import cosine_blocks
from tf_morph.recognition.recall import (
    TIE_TOLERANCE,
    Placing,
    chance,
    match_curve,
    normalise,
    place,
    top_matches,
)


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


def _small_blocks(monkeypatch):
    monkeypatch.setattr(cosine_blocks, "ENTRIES", 16)
    monkeypatch.setattr(cosine_blocks, "_SCORES", 16 * 5)
    monkeypatch.setattr(cosine_blocks, "_NUMBERS", 64)


def _nearly_tied(random, rows, length=64):
    """Directions that differ by about the tolerance, where float32 products are off as much."""
    base = random.normal(size=(3, length))[random.integers(3, size=rows)]
    return (
        base + 10.0 ** random.uniform(-8, -2, (rows, 1)) * random.normal(size=base.shape)
    ).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_near_ties_are_counted_in_full_precision(monkeypatch, seed):
    _small_blocks(monkeypatch)
    random = np.random.default_rng(seed)
    gallery, queries = _nearly_tied(random, 80), _nearly_tied(random, 23)
    people = random.integers(30, size=80)
    asked = random.choice(people, 23)
    placing = place(queries, asked, gallery, people)
    scores = normalise(queries) @ normalise(gallery).T
    right = asked[:, None] == people
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    equal = np.abs(scores - best) <= TIE_TOLERANCE
    higher = (scores > best + TIE_TOLERANCE) & ~right
    # Of what lies at the tolerance itself the last bit of float64 decides, and may differ.
    unsure = (np.abs(np.abs(scores - best) - TIE_TOLERANCE) < 1e-14).any(axis=1)
    assert unsure.sum() < 3
    assert equal.sum() > 23 + 10  # there are ties to be counted
    for found, expected in (
        (placing.higher, higher), (placing.tied, equal & ~right), (placing.matches, equal & right)
    ):  # fmt: skip
        np.testing.assert_array_equal(found[~unsure], expected.sum(axis=1)[~unsure])


@pytest.mark.parametrize("k", [1, 5, 200])
def test_top_matches_equal_a_sort(monkeypatch, k):
    _small_blocks(monkeypatch)
    random = np.random.default_rng(k)
    gallery, queries = _nearly_tied(random, 90), _nearly_tied(random, 17)
    gallery[40:50] = gallery[3]  # the same photograph ten times
    found = top_matches(queries, gallery, k)
    scores = normalise(queries) @ normalise(gallery).T
    kept = min(k, 90)
    np.testing.assert_allclose(found.scores, -np.sort(-scores, axis=1)[:, :kept], atol=1e-14)
    for entries in found.entries:
        assert len(set(entries)) == kept
    np.testing.assert_allclose(
        np.take_along_axis(scores, found.entries, axis=1), found.scores, atol=1e-14
    )


def test_of_equally_good_entries_the_first_is_named():
    gallery = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    assert top_matches(np.array([[1.0, 0.0]]), gallery, 2).entries.tolist() == [[1, 2]]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=8
    )
)
def test_the_whole_curve_equals_the_hits_at_every_place(queries):
    placing = Placing(*np.array(queries).T)
    curve = match_curve(placing, 12)
    expected = [placing.hits(k).mean() for k in range(1, 13)]
    np.testing.assert_allclose(curve, expected, atol=1e-12)


def test_no_queries_have_no_curve():
    with pytest.raises(ValueError, match="no queries"):
        match_curve(Placing(*np.zeros((3, 0), int)), 5)
