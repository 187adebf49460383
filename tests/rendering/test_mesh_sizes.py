"""Sub-pixel and screen-filling triangles, against the rule applied densely in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tests.rendering import rule, soups
from tests.rendering.faces import FIVE_POINTS, TARGETS, face_mesh
from tf_morph.rendering import fit_framing
from tf_morph.rendering.camera import clip_coordinates, pose_vertices
from tf_morph.rendering.rasterizer import rasterize


def posed_face(side, size):
    """Clip coordinates [V, 4] of a turned face, about half of it facing away, and triangles."""
    vertices, triangles = face_mesh(side)
    framing = fit_framing(FIVE_POINTS, TARGETS * size, size, 20.0)
    pose = tf.constant([[1.2, 0.1, 0.2]])
    posed = pose_vertices(framing, tf.constant(vertices[np.newaxis]), pose, tf.zeros([1, 3]))
    return clip_coordinates(framing, posed, 1.0)[0].numpy(), triangles


def assert_is_by_the_rule(vertices, triangles, height, width, cull, kernels):
    expected = rule.visible_triangles(vertices, triangles, height, width, cull)
    seen = rasterize(tf.constant(vertices[np.newaxis]), triangles, height, width, cull, kernels)
    np.testing.assert_array_equal(seen.triangle_ids.numpy()[0], expected)
    weights = rule.barycentrics(vertices, triangles, expected)
    np.testing.assert_allclose(seen.barycentrics.numpy()[0], weights, atol=1e-5)
    return expected


@pytest.mark.parametrize("cull", [False, True])
def test_a_face_of_106_000_triangles_at_64_pixels(cull, kernels):
    vertices, triangles = posed_face(231, 64)
    assert len(triangles) > 105_000
    expected = assert_is_by_the_rule(vertices, triangles, 64, 64, cull, kernels)
    assert len(np.unique(expected)) > 900


def test_triangles_that_fill_the_screen_at_512_pixels(kernels):
    vertices, triangles = soups.generic_mesh(3, corners=12, triangles=30)
    vertices[:, :2] *= 3
    vertices[0, 3] *= -1
    expected = assert_is_by_the_rule(vertices, triangles, 512, 512, False, kernels)
    assert (expected >= 0).mean() > 0.9 and len(np.unique(expected)) >= 5


def test_a_slim_front_face_with_a_corner_far_away_is_not_culled(kernels):
    """Its edge runs through the middle pixel's centre; in pixels its turn is lost in rounding."""
    vertices = np.array(
        [
            [558080.0, -782336.0, 0.0, 1.0636497735977173],
            [4.3428372009657323e-11, 3.097966327914037e-11, 0.0, 1.9422495365142822],
            [-0.5322265625, 0.74609375, 0.0, 1.9422495365142822],
        ],
        np.float32,
    )
    triangles = np.array([[0, 1, 2]], np.int32)
    expected = assert_is_by_the_rule(vertices, triangles, 7, 7, True, kernels)
    assert expected[3, 3] == 0
