"""What hides part of a face: it covers some of it, not most, and is lit by the scene."""

import numpy as np
import pytest

from tf_morph.embedded import occluders
from tf_morph.embedded.occluders import Lights, Stroke, cover, random_occluder

PLACES = np.array([[0.34, 0.39], [0.66, 0.39], [0.5, 0.57], [0.37, 0.75], [0.63, 0.75]])
LIGHTS = Lights(np.array([[0.6, 0.0, 0.8], [0.0, 0.0, 1.0]]), np.full((2, 3), 0.3), np.full(3, 0.4))
GREY = np.full((64, 64, 3), 0.5, np.float32)


def _face(size=64):
    """A face's oval: from the brows to the chin."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    return ((x - 0.5) / 0.36) ** 2 + ((y - 0.58) / 0.42) ** 2 < 1


def _hidden_share(strokes):
    black = [stroke._replace(albedo=np.zeros(3)) for stroke in strokes]
    return 1 - cover(GREY, black, LIGHTS)[_face()].mean() / 0.5


def test_occluders_hide_part_of_a_face_and_never_most_of_it():
    shares = np.array(
        [_hidden_share(random_occluder(PLACES, np.random.default_rng(i))) for i in range(300)]
    )
    assert (shares > 0.01).mean() > 0.95
    assert 0.05 < shares.mean() < 0.2
    assert shares.max() < 0.35


@pytest.mark.parametrize("kind", ["_hand", "_microphone", "_scarf", "_strand", "_object"])
def test_every_kind_covers(kind):
    shares = [
        _hidden_share(getattr(occluders, kind)(PLACES, np.random.default_rng(i))) for i in range(20)
    ]
    assert np.quantile(shares, 0.1) > 0.005


def test_a_stroke_lies_where_it_says_and_nowhere_else():
    stroke = Stroke(np.array([0.25, 0.5]), np.array([0.75, 0.5]), (0.1, 0.1), np.zeros(3))
    covered = cover(GREY, [stroke], LIGHTS)[..., 0] < 0.25
    rows, columns = np.nonzero(covered)
    assert (rows.min(), rows.max()) == (26, 37)
    # Its ends are round.
    assert columns.min() in (9, 10) and columns.max() in (53, 54)
    assert not covered[26, columns.min()]


def test_its_edge_is_smooth():
    stroke = Stroke(np.array([0.2, 0.3]), np.array([0.8, 0.7]), (0.1, 0.1), np.zeros(3))
    values = np.unique(cover(GREY, [stroke], LIGHTS))
    assert ((values > 0.05) & (values < 0.45)).sum() > 10


def test_it_is_lighter_towards_the_light():
    stroke = Stroke(np.array([0.5, 0.2]), np.array([0.5, 0.8]), (0.2, 0.2), np.full(3, 0.5))
    middle = cover(GREY, [stroke], LIGHTS)[32, :, 0]
    assert middle[42] > middle[22] + 0.05
