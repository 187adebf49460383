"""Glasses: they lie about the eyes, clear ones are looked through, dark ones hide them."""

import numpy as np
import pytest

from tf_morph.embedded.glasses import put_on, random_glasses
from tf_morph.embedded.occluders import Lights

SIZE = 128
PLACES = np.array([[0.36, 0.36], [0.64, 0.36], [0.5, 0.53], [0.38, 0.67], [0.62, 0.67]])
LIGHTS = Lights(np.array([[0.6, 0.0, 0.8], [0.0, 0.0, 1.0]]), np.full((2, 3), 0.3), np.full(3, 0.4))
GREY = np.full((SIZE, SIZE, 3), 0.5, np.float32)


def _worn(seed, dark=False, places=PLACES):
    glasses = random_glasses(np.random.default_rng(seed), dark)
    return put_on(GREY, glasses._replace(shine=0.0), places, LIGHTS)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_changes_but_about_the_eyes(seed):
    rows, columns = np.nonzero((_worn(seed) != 0.5).any(axis=-1))
    assert rows.min() > 0.2 * SIZE and rows.max() < 0.56 * SIZE
    assert columns.min() > 0.1 * SIZE and columns.max() < 0.9 * SIZE


def _at_eyes(picture):
    rows, columns = (PLACES[:2, ::-1] * SIZE).astype(int).T
    return picture[rows + 4, columns]


def test_eyes_are_seen_through_clear_lenses_and_hardly_through_dark_ones():
    clear, dark = (np.stack([_at_eyes(_worn(i, dark)) for i in range(20)]) for dark in (0, 1))
    assert clear.min() > 0.4 and dark.mean() < 0.1


def test_they_are_even_and_turn_with_the_eyes():
    worn = _worn(3)
    np.testing.assert_allclose(worn, worn[:, ::-1], atol=1e-3)
    centre = PLACES[:2].mean(axis=0)
    upright = (PLACES - centre) @ np.array([[0, 1], [-1, 0]]) + 0.5
    turned = _worn(3, places=upright)
    level = _worn(3, places=PLACES - centre + 0.5)
    np.testing.assert_allclose(turned, np.rot90(level, -1), atol=0.05)


def test_pairs_differ_and_the_same_generator_gives_the_same():
    first, again, other = _worn(1), _worn(1), _worn(2)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1
