"""Pairs, cosines and the earth mover's distance between their distributions."""

import numpy as np
import pytest

from tf_morph.evaluation.similarity import (
    SIMILARITY_COLUMNS,
    Similarities,
    different_person_pairs,
    earth_movers_distance,
    emd_interval,
    pair_cosines,
    row_cosines,
    same_person_pairs,
    similarity_rows,
)
from tf_morph.recognition.recall import joined


def test_same_person_pairs_equal_a_naive_loop():
    identities = list("abacabcd")
    expected = {(i, j) for i in range(8) for j in range(i + 1, 8) if identities[i] == identities[j]}
    pairs = same_person_pairs(identities)
    assert {tuple(pair) for pair in pairs.tolist()} == expected and len(pairs) == len(expected)
    assert same_person_pairs(["a", "b"]).shape == (0, 2)


def test_different_person_pairs_are_all_of_them():
    pairs = {tuple(pair) for pair in different_person_pairs(5, seed=0).tolist()}
    assert pairs == {(i, j) for i in range(5) for j in range(i + 1, 5)}


def test_too_many_different_person_pairs_are_drawn_with_the_seed():
    pairs = different_person_pairs(1000, seed=1, most=5000)
    assert pairs.shape == (5000, 2) and pairs.min() >= 0 and pairs.max() < 1000
    assert np.all(pairs[:, 0] != pairs[:, 1])
    np.testing.assert_array_equal(pairs, different_person_pairs(1000, seed=1, most=5000))
    assert not np.array_equal(pairs, different_person_pairs(1000, seed=2, most=5000))
    # Uniform over the indices: each is expected ten times.
    assert np.bincount(pairs.ravel(), minlength=1000).max() < 30


def test_cosines():
    features = np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0], [0.0, 0.0]])
    pairs = np.array([[0, 0], [0, 1], [0, 2], [0, 3]])
    expected = [1.0, 0.0, np.sqrt(0.5), 0.0]
    np.testing.assert_allclose(pair_cosines(features, pairs), expected, atol=1e-12)
    np.testing.assert_allclose(row_cosines(features[:1], -features[:1]), [-1.0])


def test_cosine_of_joined_outputs_is_the_mean_of_their_cosines():
    random = np.random.default_rng(0)
    first = {"a": random.normal(size=(7, 3)), "b": 100 * random.normal(size=(7, 9))}
    second = {"a": random.normal(size=(7, 3)), "b": random.normal(size=(7, 9))}
    expected = np.mean([row_cosines(first[name], second[name]) for name in "ab"], axis=0)
    found = row_cosines(joined(first, "ab"), joined(second, "ab"))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_earth_movers_distance_of_a_shift_is_the_shift():
    scores = np.random.default_rng(1).normal(size=500)
    assert earth_movers_distance(scores, scores + 0.16) == pytest.approx(0.16)
    assert earth_movers_distance(scores, scores - 0.3) == pytest.approx(0.3)
    assert earth_movers_distance(scores, np.repeat(scores, 3)) == pytest.approx(0.0, abs=1e-12)


def test_earth_movers_distance_of_a_scaling():
    # Uniform on [0, 1] against uniform on [0, 2]: the mean of |2 u - u| is 1/2.
    scores = (np.arange(1000) + 0.5) / 1000
    assert earth_movers_distance(scores, 2 * scores) == pytest.approx(0.5)
    assert np.isnan(earth_movers_distance(scores, np.zeros(0)))


def test_similarity_rows():
    same, different = np.array([0.6, 0.8]), np.array([-0.1, 0.1, 0.0])
    similarities = Similarities(same, different, ours=same - 0.2, mean_face=different)
    ours, mean_face, another = similarity_rows(similarities, "net", "held_out")
    assert tuple(ours) == SIMILARITY_COLUMNS
    assert ours["emd_to_same"] == pytest.approx(0.2)
    assert ours["emd_to_different"] == pytest.approx(0.5)
    assert (ours["mean"], ours["mean_same"]) == (pytest.approx(0.5), pytest.approx(0.7))
    assert (ours["pairs"], ours["same_pairs"], ours["different_pairs"]) == (2, 2, 3)
    assert mean_face["emd_to_different"] == 0.0
    assert another["emd_to_same"] == 0.0 and another["emd_to_different"] == pytest.approx(0.7)


def test_without_two_photographs_of_anybody_there_is_no_distance():
    nothing, some = np.zeros(0), np.array([0.1, 0.2])
    ours = similarity_rows(Similarities(nothing, some, some, some), "net", "held_out")[0]
    assert np.isnan(ours["emd_to_same"]) and np.isnan(ours["mean_same"])
    assert ours["emd_to_different"] == 0.0


def test_similarities_of_features(make_features):
    people, identities, features = make_features(30, noise=0.0)
    similarities = features.similarities(people, identities, seed=0)
    np.testing.assert_allclose(similarities.ours, 1.0)
    assert len(similarities.same) == 10 and similarities.same.min() > 0.8
    assert len(similarities.different) == 30 * 29 // 2
    assert abs(similarities.different.mean()) < 0.1


def test_the_interval_of_a_distance_holds_it_and_counts_people():
    random = np.random.default_rng(0)
    first, second = random.normal(0.5, 0.1, 400), random.normal(0.2, 0.1, 300)
    people = np.arange(400), np.arange(300)
    low, high = emd_interval(first, people[0], second, people[1], seed=0)
    assert low < earth_movers_distance(first, second) < high
    assert 0.3 - 0.05 < low < high < 0.3 + 0.05
    # As many cosines of fewer people say less.
    alike = np.repeat(first[::40], 40), np.repeat(second[::30], 30)
    wide = emd_interval(alike[0], people[0] // 40, alike[1], people[1] // 30, seed=0)
    assert wide[1] - wide[0] > 3 * (high - low)
    assert np.isnan(emd_interval(first[:0], people[0][:0], second, people[1], seed=0)).all()


def test_the_interval_of_one_weighting_is_the_distance():
    first, second = np.array([0.1, 0.4, 0.9]), np.array([0.3, 0.35])
    ends = emd_interval(first, np.zeros(3), second, np.zeros(2), seed=0)  # one person: no choice
    np.testing.assert_allclose(ends, earth_movers_distance(first, second))
