"""How far coefficients move, in distances between people."""

import numpy as np
import pytest

from tf_morph.evaluation.robustness import self_consistency
from tf_morph.regression.ground_truth_faces import Coefficients


def _people(count, seed):
    random = np.random.default_rng(seed)
    return Coefficients(random.normal(size=(count, 30)), 3 * random.normal(size=(count, 20)))


def test_unmoved_is_zero_and_somebody_else_is_one():
    people, others = _people(200, 0), _people(200, 1)
    for share in self_consistency(people, people, 0).values():
        assert share == (0.0, 0.0, 0.0)
    for share in self_consistency(people, others, 0).values():
        assert share.mean == pytest.approx(1.0, abs=0.03)
        assert share.low < share.mean < share.high


def test_kinds_are_measured_apart():
    people = Coefficients(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0], [2.0]]))
    moved = Coefficients(people.shape + [0.0, 1.0], people.texture)
    shares = self_consistency(people, moved, 0)
    assert shares["shape"].mean == pytest.approx(1 / 5)
    assert shares["texture"].mean == 0.0
    assert shares["both"].mean == pytest.approx(1 / np.sqrt(29))
