import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import FIVE_POINTS, TARGETS
from tf_morph.errors import InputError
from tf_morph.rendering.camera import (
    Framing,
    clip_coordinates,
    fit_framing,
    pose_vertices,
    project,
)

FRAMING = Framing((5.0, 12.0, 700.0), np.radians(20.0), (1.0, 30.0, 60.0), np.radians(4.0))


def test_a_known_camera_is_found_again():
    targets = project(FRAMING, FIVE_POINTS, (96, 128))
    depth = FIVE_POINTS[:2, 2].mean() - 60.0
    found = fit_framing(FIVE_POINTS, targets, (96, 128), 20.0, True, depth)
    np.testing.assert_allclose(project(found, FIVE_POINTS, (96, 128)), targets, atol=1e-3)
    np.testing.assert_allclose(found.pitch, FRAMING.pitch, atol=1e-3)


@pytest.mark.parametrize("degrees", [15.0, 20.0, 30.0])
def test_points_land_near_their_targets_whatever_the_field_of_view(degrees):
    framing = fit_framing(FIVE_POINTS, TARGETS * 112, 112, degrees)
    places = project(framing, FIVE_POINTS, 112)
    assert np.abs(places - TARGETS * 112).max() < 4.0
    np.testing.assert_allclose(places.mean(0), (TARGETS * 112).mean(0), atol=1.0)
    assert framing.camera_mm[2] > 300.0


def test_a_better_fit_is_not_to_be_had_nearby():
    def misfit(framing):
        return ((project(framing, FIVE_POINTS, 112) - TARGETS * 112) ** 2).sum()

    found = fit_framing(FIVE_POINTS, TARGETS * 112, 112, 20.0)
    for axis in range(3):
        for step in (-3.0, 3.0):
            camera = list(found.camera_mm)
            camera[axis] += step
            moved = Framing(tuple(camera), found.field_of_view, found.pivot_mm)
            assert misfit(moved) > misfit(found)


def test_projection_and_clip_coordinates_agree():
    pose = tf.zeros([1, 3])
    world = pose_vertices(FRAMING, tf.constant(FIVE_POINTS[np.newaxis], tf.float32), pose, pose)
    clip = clip_coordinates(FRAMING, world, 128 / 96).numpy()[0]
    x = (clip[:, 0] / clip[:, 3] + 1) / 2 * 128
    y = (1 - clip[:, 1] / clip[:, 3]) / 2 * 96
    np.testing.assert_allclose(np.stack([x, y], 1), project(FRAMING, FIVE_POINTS, (96, 128)), 1e-4)
    np.testing.assert_allclose(clip[:, 3], 700.0 - world[0, :, 2], rtol=1e-5)


@pytest.mark.parametrize(
    "pose, moves",
    [
        ((0.3, 0, 0), (1, 0, -1)),  # yaw: the nose goes to the image's right
        ((0, 0.3, 0), (0, 1, -1)),  # pitch: up
        ((0, 0, 0.3), (0, 0, 0)),  # roll: the nose, straight before the pivot, stays
    ],
)
def test_signs_of_the_pose(pose, moves):
    framing = Framing((0, 0, 700.0), 0.3, (0.0, 0.0, 60.0))
    nose = tf.constant([[[0.0, 0.0, 110.0]]])
    posed = pose_vertices(framing, nose, tf.constant([pose], tf.float32), tf.zeros([1, 3]))
    np.testing.assert_array_equal(np.sign(np.round(posed - nose, 4))[0, 0], moves)


def test_positive_roll_is_counter_clockwise_in_the_image_and_translation_comes_last():
    framing = Framing((0, 0, 700.0), 0.3, (0.0, 0.0, 60.0))
    ear = tf.constant([[[70.0, 0.0, 60.0]]])
    quarter = tf.constant([[0.0, 0.0, np.pi / 2]], tf.float32)
    posed = pose_vertices(framing, ear, quarter, tf.constant([[1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(posed[0, 0], [1.0, 72.0, 63.0], atol=1e-4)


def test_distances_are_kept_and_the_pivot_stays():
    rng = np.random.default_rng(0)
    points = tf.constant(rng.normal(scale=80, size=(2, 5, 3)), tf.float32)
    pose = tf.constant(rng.normal(size=(2, 3)), tf.float32)
    posed = pose_vertices(FRAMING, points, pose, tf.zeros([2, 3]))
    pivot = np.array(FRAMING.pivot_mm)
    for before, after in ((points, posed), (points[:, 1:] - points[:, :-1] + pivot, None)):
        if after is None:
            after = posed[:, 1:] - posed[:, :-1] + pivot
        np.testing.assert_allclose(
            np.linalg.norm(after - pivot, axis=-1), np.linalg.norm(before - pivot, axis=-1), 1e-4
        )


def test_bad_points_are_refused():
    with pytest.raises(InputError, match="shapes"):
        fit_framing(FIVE_POINTS[:4], TARGETS, 112, 20.0)
    with pytest.raises(InputError, match="not finite"):
        fit_framing(FIVE_POINTS * np.nan, TARGETS, 112, 20.0)
    with pytest.raises(InputError, match="in front"):
        fit_framing(FIVE_POINTS, 112 * (1 - TARGETS), 112, 20.0)
