"""Skin colours: plausible, ordered by melanin and blood, invertible in lightness."""

import numpy as np

from tf_morph.morphable_model.skin_tones import melanin_of_lightness, skin_color
from tf_morph.morphable_model.srgb import linear_to_srgb


def test_more_melanin_is_darker_and_more_blood_redder():
    depths = np.linspace(0, 3, 40)
    colors = skin_color(depths, np.full(40, 0.3))
    assert np.all(np.diff(colors, axis=0) < 0)
    redness = skin_color(np.full(40, 0.2), np.linspace(0, 1, 40))
    assert np.all(np.diff(redness[:, 0] - redness[:, 1]) > 0)


def test_every_tone_is_a_skin_tone():
    lightness = np.linspace(0.24, 0.77, 30)
    colors = skin_color(melanin_of_lightness(lightness), np.full(30, 0.3))
    np.testing.assert_allclose(colors[:, 1], lightness, atol=2e-3)
    assert np.all(colors[:, 0] > colors[:, 1])
    assert np.all(colors[:, 1] > colors[:, 2])
    assert np.all(colors < 1)
    # Between the palest and the darkest of any palette of skin: R/G in sRGB from 1.05 to 1.9.
    assert np.all((colors[:, 0] / colors[:, 1] > 1.05) & (colors[:, 0] / colors[:, 1] < 1.9))


def test_negative_depths_count_as_none():
    np.testing.assert_array_equal(
        skin_color(np.array(-1.0), np.array(-2.0)), skin_color(np.array(0.0), np.array(0.0))
    )


def test_srgb_at_the_standards_points():
    np.testing.assert_allclose(
        linear_to_srgb(np.array([-1.0, 0.0, 0.0031308, 0.2140411, 1.0])),
        [0, 0, 0.04045, 0.5, 1],
        atol=1e-5,
    )
