"""Random expressions: moderate, mostly of both sides alike, the same for the same generator."""

import numpy as np
import pytest

from tf_morph.embedded.expressions import random_expression

PAIRS = (
    *("eyeBlink", "eyeSquint", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeLookDown"),
    *("mouthSmile", "mouthUpperUp", "mouthLowerDown", "cheekSquint", "mouthStretch", "noseSneer"),
)
NAMES = tuple(f"{pair}{side}" for pair in PAIRS for side in ("Left", "Right")) + (
    *("jawOpen", "browInnerUp", "mouthFunnel", "mouthPucker", "mouthClose", "tongueOut"),
)


@pytest.fixture(scope="module")
def drawn():
    """[2000, M]."""
    return np.stack([random_expression(NAMES, np.random.default_rng(i)) for i in range(2000)])


def _of(drawn, name):
    return drawn[:, NAMES.index(name)]


def test_strengths_are_those_of_units_from_rest_to_full(drawn):
    assert drawn.dtype == np.float32 and drawn.min() >= 0 and drawn.max() <= 1
    assert (drawn > 0.1).sum(axis=1).max() <= 16


def test_some_rest_many_smile_and_few_blink(drawn):
    resting = (drawn[:, [not name.startswith("eyeLook") for name in NAMES]] == 0).all(axis=1)
    assert 0.2 < resting.mean() < 0.4
    assert 0.2 < (_of(drawn, "mouthSmileLeft") > 0.2).mean() < 0.5
    assert 0.01 < (_of(drawn, "eyeBlinkLeft") > 0.3).mean() < 0.06
    assert not _of(drawn, "tongueOut").any() and not _of(drawn, "mouthClose").any()


def test_both_sides_do_nearly_the_same(drawn):
    right, left = _of(drawn, "mouthSmileRight"), _of(drawn, "mouthSmileLeft")
    assert ((right > 0) == (left > 0)).all()
    assert 0 < np.abs(right - left).mean() < 0.15 * left[left > 0].mean()


def test_eyes_look_the_same_way(drawn):
    assert ((_of(drawn, "eyeLookInRight") > 0) == (_of(drawn, "eyeLookOutLeft") > 0)).all()
    assert not (_of(drawn, "eyeLookInRight") * _of(drawn, "eyeLookInLeft")).any()


def test_the_same_generator_gives_the_same_and_a_face_without_units_none():
    first, again = (random_expression(NAMES, np.random.default_rng([3, 4])) for _ in "ab")
    np.testing.assert_array_equal(first, again)
    assert random_expression((), np.random.default_rng(0)).shape == (0,)
