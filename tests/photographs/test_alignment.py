"""Similarity transforms are recovered exactly; warps agree with a naive one and alias nothing."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tf_morph.photographs.alignment import similarity_transform, warp
from tf_morph.photographs.crop_rules import CROP_RULES

TEMPLATE = np.array(CROP_RULES["aligned"].template) * 112


def _similarity(scale, degrees, shift):
    c, s = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[c, -s, shift[0]], [s, c, shift[1]]])


def _apply(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


def _smooth(height, width, seed=0, softness=3.0):
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    smooth = scipy.ndimage.gaussian_filter(noise, (softness, softness, 0), mode="reflect")
    return np.uint8(np.clip(127 + 50 * smooth / smooth.std(), 0, 255))


@given(
    st.floats(1e-3, 1e3),
    st.floats(-180, 180),
    st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
)
def test_a_similarity_is_recovered(scale, degrees, shift):
    matrix = _similarity(scale, degrees, shift)
    found = similarity_transform(TEMPLATE, _apply(matrix, TEMPLATE))
    np.testing.assert_allclose(found, matrix, rtol=1e-9, atol=1e-9 * (scale + np.abs(shift).max()))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_least_squares(seed):
    random = np.random.default_rng(seed)
    source = random.normal(size=(5, 2)) * 30 + 60
    target = _apply(_similarity(1.7, 40, (5, -9)), source) + random.normal(size=(5, 2)) * 10

    def residuals(parameters):
        a, b, x, y = parameters
        return (_apply(np.array([[a, -b, x], [b, a, y]]), source) - target).ravel()

    a, b, x, y = scipy.optimize.least_squares(residuals, np.zeros(4), xtol=1e-15).x
    found = similarity_transform(source, target)
    np.testing.assert_allclose(found, [[a, -b, x], [b, a, y]], atol=1e-4)


def test_mirrored_points_are_not_reflected():
    found = similarity_transform(TEMPLATE, TEMPLATE * (-1, 1))
    assert np.linalg.det(found[:, :2]) > 0


@pytest.mark.parametrize("which", ["source", "target"])
def test_points_in_one_place_are_refused(which):
    heap = np.full((5, 2), 7.0)
    with pytest.raises(ValueError, match="one place"):
        similarity_transform(*((heap, TEMPLATE) if which == "source" else (TEMPLATE, heap)))


def test_identity_shift_and_quarter_turn_are_exact():
    picture = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    photograph = Image.fromarray(picture)
    np.testing.assert_array_equal(warp(photograph, _similarity(1, 0, (0, 0)), 20), picture)
    shifted = warp(photograph, _similarity(1, 0, (3, -4)), 20)
    np.testing.assert_array_equal(shifted[:16, 3:], picture[4:, :17])
    assert (shifted[16:] == 0).all() and (shifted[:, :3] == 0).all()
    turned = warp(photograph, np.array([[0.0, 1, 0], [-1, 0, 20]]), 20)
    np.testing.assert_array_equal(turned, np.rot90(picture))


def test_a_point_lands_where_the_matrix_says():
    picture = np.zeros((90, 120, 3), np.uint8)
    picture[40, 70] = 255  # the pixel whose centre is (70.5, 40.5)
    matrix = _similarity(2.0, 25, (-60, -95))
    image = warp(Image.fromarray(picture), matrix, 64)[..., 0].astype(float)
    rows, columns = np.indices(image.shape) + 0.5
    centre = np.array([(columns * image).sum(), (rows * image).sum()]) / image.sum()
    np.testing.assert_allclose(centre, _apply(matrix, np.array([[70.5, 40.5]]))[0], atol=0.05)


def test_halving_is_the_mean_of_four():
    picture = np.random.default_rng(1).integers(0, 256, (20, 20, 3), np.uint8)
    image = warp(Image.fromarray(picture), _similarity(0.5, 0, (0, 0)), 10)
    mean = picture.reshape(10, 2, 10, 2, 3).mean((1, 3))
    np.testing.assert_allclose(image, mean, atol=0.51)


@pytest.mark.parametrize("scale", [3.0, 1.0, 0.8, 0.55, 0.3, 0.11, 0.04])
@pytest.mark.parametrize("degrees", [0, 17, -100])
def test_warp_equals_the_naive_one(scale, degrees):
    size = 24
    picture = _smooth(230, 310, softness=max(3.0, 1.5 / scale))
    centre = _apply(_similarity(scale, degrees, (0, 0)), np.array([[155, 115]]))[0]
    matrix = _similarity(scale, degrees, size / 2 - centre)
    expected, covered = _naive_warp(picture, matrix, size)
    image = warp(Image.fromarray(picture), matrix, size).astype(float)
    difference = np.abs(image - expected)[covered == 1]
    assert difference.mean() < 1.5 and difference.max() < 8
    assert (image[covered == 0] == 0).all()


def _naive_warp(picture, matrix, size, samples=24):
    """[size, size, 3]: each pixel's mean over many bilinear samples; the share of them inside."""
    at = (np.arange(size * samples) + 0.5) / samples
    places = np.stack(np.meshgrid(at, at), -1).reshape(-1, 2)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    x, y = _apply(back, places).T
    height, width = picture.shape[:2]
    inside = (x > 0) & (x < width) & (y > 0) & (y < height)
    channels = [
        scipy.ndimage.map_coordinates(
            picture[..., c].astype(float), [y - 0.5, x - 0.5], order=1, mode="nearest"
        )
        * inside
        for c in range(3)
    ]
    blocks = np.stack([*channels, inside], -1).reshape(size, samples, size, samples, 4).mean((1, 3))
    return blocks[..., :3], blocks[..., 3]


@pytest.mark.parametrize("scale", [0.6, 0.3, 0.07])
def test_stripes_of_a_pixel_do_not_alias(scale):
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    centre = _apply(_similarity(scale, 10, (0, 0)), np.array([[200, 200]]))[0]
    image = warp(Image.fromarray(stripes), _similarity(scale, 10, 12 - centre), 24)[3:-3, 3:-3]
    assert np.abs(image.astype(int) - 127).max() < 45


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_an_image_outside_the_photograph_is_black(scale):
    photograph = Image.new("RGB", (50, 50), (255, 255, 255))
    assert (warp(photograph, _similarity(scale, 30, (500, 500)), 16) == 0).all()
