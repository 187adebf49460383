"""A camera that steps back and zooms in: the same as one placed there, with the longer lens."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tf_morph.rendering.camera import (
    Framing,
    clip_coordinates,
    image_places,
    pose_vertices,
    project,
    seen_from,
)

FRAMING = Framing((3.0, -20.0, 560.0), np.radians(20.0), (0.0, 1.0, -30.0))
POINTS = np.random.default_rng(0).uniform(-90, 90, (20, 3))
STILL = tf.zeros([1, 3])


def _stepped_back(factor):
    """The framing from `factor` times as far from the pivot's plane, which stays as large."""
    plane = FRAMING.pivot_mm[2]
    x, y, z = FRAMING.camera_mm
    half = np.arctan(np.tan(FRAMING.field_of_view / 2) / factor)
    camera = (x, y, plane + factor * (z - plane))
    return dataclasses.replace(FRAMING, camera_mm=camera, field_of_view=2 * half)


@pytest.mark.parametrize("factor", [0.7, 1.0, 2.5])
def test_it_sees_what_a_camera_there_sees(factor):
    expected = project(_stepped_back(factor), POINTS, 1)
    world = tf.constant(POINTS[None], tf.float32)
    clip = clip_coordinates(FRAMING, seen_from(FRAMING, world, tf.constant([factor])), 1.0)
    found = 0.5 + 0.5 * (clip[..., :2] / clip[..., 3:]).numpy()[0] * [1, -1]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    places = image_places(FRAMING, POINTS, STILL, STILL, tf.constant([factor]))
    np.testing.assert_allclose(places[0], expected, atol=1e-5)


def test_distance_flattens_and_keeps_the_face_as_large():
    near, far = (project(_stepped_back(factor), POINTS, 1) for factor in (0.7, 2.5))
    assert np.abs(near - far).max() > 0.02
    in_plane = POINTS * [1, 1, 0] + [0, 0, FRAMING.pivot_mm[2]]
    flat = [project(_stepped_back(factor), in_plane, 1) for factor in (0.7, 2.5)]
    np.testing.assert_allclose(*flat, atol=1e-6)


def test_places_follow_the_pose():
    pose, moved = tf.constant([[0.3, -0.1, 0.05]]), tf.constant([[5.0, -4.0, 20.0]])
    world = pose_vertices(FRAMING, tf.constant(POINTS[None], tf.float32), pose, moved)
    expected = project(FRAMING, world.numpy()[0], 1)
    places = image_places(FRAMING, POINTS, pose, moved, tf.ones([1]))
    np.testing.assert_allclose(places[0], expected, atol=1e-5)
