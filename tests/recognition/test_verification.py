"""The ROC curve against counting, threshold by threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tf_morph.recognition.verification import roc

# Few values, so that ties within and between the kinds are common.
_SIMILARITIES = st.lists(st.integers(-3, 3).map(lambda n: n / 3), min_size=1, max_size=12)


@given(_SIMILARITIES, _SIMILARITIES)
def test_the_curve_equals_counting(same, different):
    same, different = np.array(same), np.array(different)
    curve = roc(same, different)
    assert curve.thresholds[0] == np.inf and np.all(np.diff(curve.thresholds) < 0)
    np.testing.assert_array_equal(curve.far, [(different >= t).mean() for t in curve.thresholds])
    np.testing.assert_array_equal(curve.tar, [(same >= t).mean() for t in curve.thresholds])
    above = same[:, None] - different
    assert curve.auc == pytest.approx(((above > 0) + (above == 0) / 2).mean())


@given(_SIMILARITIES, _SIMILARITIES)
def test_the_equal_error_rate_lies_on_the_curve_where_the_errors_are_equal(same, different):
    curve = roc(np.array(same), np.array(different))
    length = np.arange(len(curve.far))
    at = np.linspace(0, length[-1], 20001)
    far, tar = np.interp(at, length, curve.far), np.interp(at, length, curve.tar)
    nearest = np.argmin(np.abs(far - (1 - tar)))
    assert curve.eer == pytest.approx(far[nearest], abs=2e-3)
    assert 0 <= curve.eer <= 1


@given(_SIMILARITIES, _SIMILARITIES, st.sampled_from([0.0, 1e-3, 0.1, 0.25, 1 / 3, 0.5, 1.0]))
def test_tar_is_the_best_that_the_far_allows(same, different, far):
    same, different = np.array(same), np.array(different)
    thresholds = [*same, *different, np.inf]
    allowed = [(same >= t).mean() for t in thresholds if (different >= t).mean() <= far]
    assert roc(same, different).tar_at(far) == max(allowed)


def test_a_far_that_is_a_whole_number_of_pairs_is_reached():
    for pairs in (100, 300, 700, 3000, 7000):
        different = np.arange(pairs) / pairs
        accepted = pairs // 100
        # As alike as the last one that may be accepted, and as the first that may not.
        assert roc(different[[-accepted]], different).tar_at(0.01) == 1.0
        assert roc(different[[-accepted - 1]], different).tar_at(0.01) == 0.0


def test_ends():
    apart, alike = roc(np.array([0.9, 0.8]), np.array([0.1, 0.2])), roc(np.ones(4), np.ones(3))
    assert (apart.auc, apart.eer, apart.tar_at(0.0)) == (1.0, 0.0, 1.0)
    assert (alike.auc, alike.eer, alike.tar_at(0.5), alike.tar_at(1.0)) == (0.5, 0.5, 0.0, 1.0)
    backwards = roc(np.array([0.1, 0.2]), np.array([0.9, 0.8]))
    assert (backwards.auc, backwards.eer, backwards.tar_at(0.1)) == (0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="same and of different"):
        roc(np.zeros(0), np.ones(3))
