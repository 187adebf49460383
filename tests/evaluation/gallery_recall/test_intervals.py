"""The bootstrap over people, against what is known of means."""

import numpy as np

from tf_morph.evaluation.identification import bootstrap_interval


def test_it_is_the_normal_interval_of_many_people():
    values = np.random.default_rng(0).uniform(size=2000)
    low, high = bootstrap_interval(values, np.arange(2000), seed=1)
    half = 1.96 * values.std() / np.sqrt(2000)
    np.testing.assert_allclose([low, high], values.mean() + half * np.array([-1, 1]), atol=2e-3)


def test_photographs_of_one_person_do_not_count_as_many():
    values = np.random.default_rng(0).uniform(size=100)
    alone = np.subtract(*bootstrap_interval(values, np.arange(100), seed=1))
    repeated = np.subtract(
        *bootstrap_interval(np.repeat(values, 25), np.repeat(np.arange(100), 25), seed=1)
    )
    np.testing.assert_allclose(repeated, alone)


def test_people_with_many_photographs_weigh_more():
    values, people = np.array([1.0] * 99 + [0.0]), np.array(["a"] * 99 + ["b"])
    low, high = bootstrap_interval(values, people, seed=0)
    assert (low, high) == (0.0, 1.0)  # one of the two may be drawn twice


def test_a_seed_settles_it_and_equal_values_have_no_width():
    values = np.random.default_rng(3).uniform(size=50)
    first = bootstrap_interval(values, np.arange(50), seed=7)
    assert first == bootstrap_interval(values, np.arange(50), seed=7)
    assert first != bootstrap_interval(values, np.arange(50), seed=8)
    assert bootstrap_interval(np.ones(9), np.arange(9), seed=0) == (1.0, 1.0)
    assert np.isnan(bootstrap_interval(np.zeros(0), np.zeros(0), seed=0)).all()
