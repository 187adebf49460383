import numpy as np
import pytest
import tensorflow as tf

from tf_morph.rendering.color import linear_to_srgb, srgb_to_linear
from tf_morph.rendering.lights import blackbody_color


def test_there_and_back():
    values = np.linspace(-0.5, 2.0, 501).astype(np.float32)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(values)), values, atol=2e-6)
    np.testing.assert_allclose(srgb_to_linear(linear_to_srgb(values)), values, atol=2e-6)


def test_known_values():
    # 18 % grey is coded as 118 of 255; the middle code shows 21.4 %.
    np.testing.assert_allclose(linear_to_srgb(tf.constant([0.0, 0.18, 1.0])), [0, 0.4614, 1], 1e-3)
    np.testing.assert_allclose(srgb_to_linear(tf.constant([0.0, 0.5, 1.0])), [0, 0.2140, 1], 1e-3)


@pytest.mark.parametrize("function", [linear_to_srgb, srgb_to_linear])
def test_gradients_are_finite_and_numerically_right(function):
    values = tf.constant([-3.0, -1e-8, 0.0, 1e-8, 0.0031308, 0.04045, 0.3, 1.0, 50.0])
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(function(values))
    gradient = tape.gradient(total, values).numpy()
    assert np.isfinite(gradient).all() and (gradient > 0).all()
    smooth = np.array([0, 6, 7, 8])
    step = 1e-2
    numeric = (function(values + step) - function(values - step)).numpy() / (2 * step)
    np.testing.assert_allclose(gradient[smooth], numeric[smooth], rtol=5e-3)


def chromaticity(kelvin):
    rgb = blackbody_color(tf.constant([kelvin])).numpy()[0]
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = matrix @ rgb
    return xyz[:2] / xyz.sum(), xyz[1]


@pytest.mark.parametrize(
    "kelvin, x, y",
    [(2855.5, 0.4476, 0.4074), (4000.0, 0.3805, 0.3768), (6500.0, 0.3135, 0.3237)],
)
def test_black_body_light_lies_on_the_planckian_locus(kelvin, x, y):
    found, luminance = chromaticity(kelvin)
    np.testing.assert_allclose(found, [x, y], atol=2e-3)
    np.testing.assert_allclose(luminance, 1.0, atol=1e-3)


def test_warm_light_is_red_and_cold_light_is_blue():
    warm, cold = blackbody_color(tf.constant([2000.0, 15000.0])).numpy()
    assert warm[0] > 2 * warm[2] and cold[2] > 1.2 * cold[0]
    assert warm.min() >= 0
