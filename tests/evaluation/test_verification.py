"""LFW's protocol against trying every threshold, and on folds that disagree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tf_morph.evaluation.verification import best_threshold, cross_validate

_PAIRS = st.lists(st.tuples(st.integers(-4, 4).map(lambda n: n / 4), st.booleans()), min_size=1)


def _right(similarities, same, threshold):
    return ((similarities >= threshold) == same).mean()


@given(_PAIRS)
def test_no_threshold_is_better_than_the_best(pairs):
    similarities, same = (np.array(part) for part in zip(*pairs, strict=True))
    found = _right(similarities, same, best_threshold(similarities, same))
    assert found == max(_right(similarities, same, t) for t in np.linspace(-1.1, 1.1, 89))


def test_the_threshold_lies_in_the_middle_of_a_gap():
    similarities, same = np.array([0.1, 0.2, 0.6, 0.7]), np.array([False, False, True, True])
    assert best_threshold(similarities, same) == pytest.approx(0.4)


def test_all_may_be_accepted_and_all_refused():
    similarities = np.array([0.1, 0.5, 0.5])
    for same in (True, False):
        threshold = best_threshold(similarities, np.full(3, same))
        assert _right(similarities, np.full(3, same), threshold) == 1.0


def test_a_fold_is_judged_by_the_others_alone():
    # Within a fold one person's pairs are always the more alike, but fold 7's lie lower: its own
    # threshold would judge all rightly, the others' refuses all.
    similarities = np.array([0.7, 0.5] * 6 + [0.3, 0.1] * 2)
    same = np.tile([True, False], 8)
    folds = np.array([2] * 4 + [5] * 4 + [9] * 4 + [7] * 4)
    results = cross_validate(similarities, same, folds)
    assert results.thresholds[2] == pytest.approx(0.6)  # of fold 7, the third by number
    np.testing.assert_allclose(results.accuracies, [1, 1, 0.5, 1])
    assert results.accuracy == pytest.approx(0.875)
    assert results.deviation == pytest.approx(np.sqrt(3 * 0.125**2 + 0.375**2) / np.sqrt(3))
    assert results.standard_error == pytest.approx(results.deviation / 2)


def test_leave_one_fold_out_equals_a_plain_loop():
    random = np.random.default_rng(0)
    same = random.random(400) < 0.4
    folds = random.integers(0, 10, 400)
    similarities = np.round(random.normal(size=400) + 1.5 * same, 2)
    results = cross_validate(similarities, same, folds)
    for fold, threshold, accuracy in zip(
        range(10), results.thresholds, results.accuracies, strict=True
    ):
        others, own = folds != fold, folds == fold
        tried = [_right(similarities[others], same[others], t) for t in np.arange(-5, 7, 0.005)]
        assert _right(similarities[others], same[others], threshold) == max(tried)
        assert _right(similarities[own], same[own], threshold) == accuracy
    assert results.accuracy == pytest.approx(np.mean(results.accuracies))


def test_noise_is_judged_as_by_chance():
    random = np.random.default_rng(1)
    same = np.tile([True, False], 3000)
    results = cross_validate(random.normal(size=6000), same, np.repeat(np.arange(10), 600))
    # A threshold chosen on the judged pairs themselves would come out above a half.
    assert results.accuracy == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 6000))


def test_one_fold_is_too_few():
    with pytest.raises(ValueError):
        cross_validate(np.ones(4), np.ones(4, bool), np.zeros(4))
