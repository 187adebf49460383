"""NumPy's projection is the renderer's."""

import numpy as np
import tensorflow as tf

from tests.reconstruction.fitting.toy_face import SIZE, toy_framing
from tests.rendering.faces import FIVE_POINTS
from tf_morph.reconstruction.fitting.projection import posed_places
from tf_morph.reconstruction.fitting.wider_crop import (
    wider_alignment,
    wider_framing,
    wider_pixels,
)
from tf_morph.rendering.camera import image_places

VIEW, SHIFT, DISTANCE = np.array([0.4, -0.2, 0.1]), np.array([3.0, -4.0, 25.0]), 1.7


def test_points_lie_where_the_renderer_has_them():
    framing = toy_framing()
    expected = image_places(
        framing, FIVE_POINTS, *(tf.constant(x[np.newaxis], tf.float32) for x in (VIEW, SHIFT)),
        tf.constant([DISTANCE]),
    )  # fmt: skip
    places = posed_places(framing, FIVE_POINTS, VIEW, SHIFT, DISTANCE, SIZE)
    np.testing.assert_allclose(places, SIZE * expected[0], atol=1e-3)


def test_the_wider_crop_shows_the_same_elsewhere():
    alignment = np.array([[0.3, -0.1, 5.0], [0.1, 0.3, -7.0]])
    side = 200
    crop = posed_places(toy_framing(), FIVE_POINTS, VIEW, SHIFT, DISTANCE, SIZE)
    wider = posed_places(wider_framing(toy_framing()), FIVE_POINTS, VIEW, SHIFT, DISTANCE, side)
    into = wider_alignment(alignment, SIZE, side)
    photograph = np.linalg.solve(alignment[:, :2], (crop - alignment[:, 2]).T).T
    np.testing.assert_allclose(photograph @ into[:, :2].T + into[:, 2], wider, atol=1e-3)
    np.testing.assert_allclose(wider_pixels(alignment, SIZE), 2 * SIZE / np.sqrt(0.1))
