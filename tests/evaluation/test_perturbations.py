"""Photographs made hard: what each transformation does and leaves alone."""

import numpy as np
import pytest
from scipy import ndimage

from tf_morph.evaluation.perturbations import PERTURBATIONS, FacePoints
from tf_morph.rendering.camera import PORTRAIT_FIVE_POINTS

BY_NAME = {transformation.name: transformation for transformation in PERTURBATIONS}
SIZE = 48


@pytest.fixture(scope="module")
def setting():
    return FacePoints(np.array(PORTRAIT_FIVE_POINTS), 5)


@pytest.fixture(scope="module")
def images():
    """Three smooth pictures in colour."""
    noise = np.random.default_rng(0).normal(size=(3, SIZE, SIZE, 3))
    smooth = ndimage.gaussian_filter(noise, (0.0, 2.0, 2.0, 0.0), mode="wrap")
    return np.clip(128 + 400 * smooth, 20, 235).astype(np.uint8)


def _apply(name, images, amount, setting):
    return BY_NAME[name].apply(images, amount, setting)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_level_is_farther_from_the_photograph(name, images, setting):
    transformation = BY_NAME[name]
    distances = []
    for amount in transformation.amounts:
        changed = transformation.apply(images, amount, setting)
        assert changed.shape == images.shape and changed.dtype == np.uint8
        again = transformation.apply(images, amount, setting)
        np.testing.assert_array_equal(changed, again)
        distances.append(np.abs(changed.astype(float) - images).mean())
    assert distances[0] > 0.0
    assert (np.diff(distances) >= 0.0).all() and distances[-1] > distances[0]
    assert len({transformation.label(amount) for amount in transformation.amounts}) == 4


@pytest.mark.parametrize("name", BY_NAME)
def test_a_photograph_does_not_depend_on_those_after_it(name, images, setting):
    amount = BY_NAME[name].amounts[1]
    alone = _apply(name, images[:1], amount, setting)
    np.testing.assert_allclose(alone[0], _apply(name, images, amount, setting)[0], atol=1)


def test_a_stop_less_halves_the_light(setting):
    grey = np.full((1, SIZE, SIZE, 3), 188, np.uint8)  # half of white's light
    np.testing.assert_array_equal(_apply("underexposed", grey, -1.0, setting), 137)  # a quarter's


def test_blur_keeps_the_light(setting):
    dot = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    dot[:, 20:28, 20:28] = 255
    for name in ("defocus", "motion"):
        spread = _apply(name, dot, 0.4, setting).astype(float) / 255
        light = np.where(spread <= 0.04045, spread / 12.92, ((spread + 0.055) / 1.055) ** 2.4)
        assert light.sum() == pytest.approx(3 * 64, rel=0.01)
        assert (spread[0, :, :, 0] > 0).sum() > 64


def test_glasses_hide_the_eyes_and_a_cloth_the_mouth(images, setting):
    eye, mouth = (np.array(PORTRAIT_FIVE_POINTS) * SIZE).astype(int)[[0, 3]]
    glasses = _apply("dark_glasses", images, 100.0, setting)
    assert (glasses[:, eye[1], eye[0]] < 20).all()
    np.testing.assert_array_equal(glasses[:, mouth[1], mouth[0]], images[:, mouth[1], mouth[0]])
    cloth = _apply("mouth_covered", images, 0.5, setting)
    np.testing.assert_array_equal(cloth[:, eye[1], eye[0]], images[:, eye[1], eye[0]])
    assert (cloth[:, mouth[1], mouth[0]] == (150, 180, 195)).all()


def test_a_side_light_darkens_the_other_side(setting):
    grey = np.full((8, SIZE, SIZE, 3), 150, np.uint8)
    lit = _apply("side_light", grey, 70.0, setting).astype(float)
    left, right = lit[:, :, : SIZE // 3].mean((1, 2, 3)), lit[:, :, -SIZE // 3 :].mean((1, 2, 3))
    assert (np.abs(left - right) > 30).all()
    assert len(set(left > right)) == 2  # from either side


def test_grey_has_no_colour_and_a_poster_few(images, setting):
    grey = _apply("greyscale", images, 100.0, setting)
    assert np.ptp(grey, axis=-1).max() == 0
    assert set(np.unique(_apply("posterised", images, 2.0, setting))) <= {0, 255}


def test_paint_leaves_flat_colours_flat(setting):
    flat = np.full((1, SIZE, SIZE, 3), 90, np.uint8)
    flat[:, :, SIZE // 2 :] = 200
    painted = _apply("painted", flat, 0.3, setting)
    np.testing.assert_array_equal(painted, flat)  # an edge stays where it is
