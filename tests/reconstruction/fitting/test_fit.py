"""Views known because the photographs were drawn by them."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests.reconstruction.fitting import toy_face
from tests.rendering.faces import FIVE_POINTS
from tf_morph.errors import InputError
from tf_morph.morphable_model import LinearBasis
from tf_morph.reconstruction.fitting import ViewFitter
from tf_morph.reconstruction.fitting.overlay import Overlay
from tf_morph.reconstruction.fitting.placement import place_by_points

NOISE_PX = 0.4  # of the five points; the eyes are 29 pixels apart


def fitted(model, fitter, photographs, points_px):
    vertices = np.repeat(model.shape.mean[np.newaxis], len(photographs), 0)
    colors = np.repeat(model.color.mean[np.newaxis], len(photographs), 0)
    return fitter.fit(vertices, colors, photographs, points_px)


def noisy_points():
    seen = toy_face.points_seen(FIVE_POINTS)
    return seen + np.random.default_rng(3).normal(size=seen.shape) * NOISE_PX


@pytest.fixture(scope="module")
def model():
    return toy_face.toy_model()


@pytest.fixture(scope="module")
def fitter(model):
    return ViewFitter(model, toy_face.toy_framing(), toy_face.SIZE)


@pytest.fixture(scope="module")
def photographs(model):
    return toy_face.photographs(model, model.shape.mean)


@pytest.fixture(scope="module")
def views(model, fitter, photographs):
    return fitted(model, fitter, photographs, noisy_points())


def degrees_off(views):
    return np.abs(np.degrees([view.yaw_pitch_roll for view in views] - toy_face.VIEWS))


def test_the_pose_is_found_from_pixels_better_than_from_points(views):
    by_points = [
        place_by_points(toy_face.toy_framing(), FIVE_POINTS, points, toy_face.SIZE).yaw_pitch_roll
        for points in noisy_points()
    ]
    off = degrees_off(views)
    assert off.mean() < 1.5  # the toy has no brows or lips to hold on to
    assert off.mean() < np.abs(np.degrees(by_points - toy_face.VIEWS)).mean()


def test_the_light_is_found(views):
    for view, key in zip(views, toy_face.KEY, strict=True):
        found = view.light_colors.mean(1) @ view.light_directions
        cosine = found @ key / np.linalg.norm(found) / np.linalg.norm(key)
        assert np.degrees(np.arccos(cosine)) < 8.0
        assert view.ambient.mean() == pytest.approx(0.35, abs=0.1)


def test_the_landmark_error_is_that_of_the_points_given(views):
    for view in views:
        assert 0.2 < view.landmark_error * 29 / 100 / NOISE_PX < 2.5


def test_something_held_before_the_face_is_given_up(model, fitter, photographs):
    hidden = photographs.copy()
    hidden[:, 52:70, 30:54] = (30, 60, 160)
    off = degrees_off(fitted(model, fitter, hidden, noisy_points()))
    assert off.max() < 3.0


def test_faces_do_not_feel_one_another(model, fitter, photographs, views):
    alone = fitted(model, fitter, photographs[1:2], noisy_points()[1:2])[0]
    np.testing.assert_allclose(alone.yaw_pitch_roll, views[1].yaw_pitch_roll, atol=2e-3)


def test_an_expression_is_found_and_leaves_the_face_alone():
    model = toy_face.toy_model(expression=True)
    smile = model.expression.evaluate([0.8]).numpy()
    pictures = toy_face.photographs(model, model.shape.mean + smile)
    fitter = ViewFitter(model, toy_face.toy_framing(), toy_face.SIZE)
    lower = np.exp(-(((FIVE_POINTS[:, 1] + 45) / 20) ** 2))
    points = FIVE_POINTS - np.outer(0.8 * 6 * lower, [0, 1, 0])
    for view in fitted(model, fitter, pictures, toy_face.points_seen(points)):
        assert view.expression == pytest.approx([0.8], abs=0.3)


@pytest.mark.parametrize("strength", [0.7, -0.7])  # what runs backwards is no unit's work
def test_named_units_are_found_between_rest_and_full_strength(strength):
    unnamed = toy_face.toy_model(expression=True)
    opens = np.repeat(unnamed.expression.basis, 2, axis=1)
    deviations = np.repeat(unnamed.expression.standard_deviations, 2)
    units = LinearBasis(unnamed.expression.mean, opens, deviations)
    names = ("jawOpen", "mouthClose")
    model = dataclasses.replace(unnamed, expression=units, expression_names=names)
    moved = model.shape.mean + unnamed.expression.evaluate([strength]).numpy()
    fitter = ViewFitter(model, toy_face.toy_framing(), toy_face.SIZE)
    lower = np.exp(-(((FIVE_POINTS[:, 1] + 45) / 20) ** 2))
    points = FIVE_POINTS - np.outer(strength * 6 * lower, [0, 1, 0])
    pictures = toy_face.photographs(model, moved)
    for view in fitted(model, fitter, pictures, toy_face.points_seen(points)):
        jaw, close = view.expression
        assert close == 0.0  # a correction of other units is not searched for
        assert jaw == pytest.approx(max(strength, 0.0), abs=0.35)


def test_the_overlay_lies_where_the_face_is(model, photographs, views):
    overlay = Overlay(model, toy_face.toy_framing(), toy_face.SIZE)
    # A photograph of which the crop is a turned, smaller part.
    crop = Image.fromarray(photographs[0]).resize((192, 192), Image.Resampling.BICUBIC)
    photograph = Image.new("RGB", (300, 260), (90, 90, 90))
    photograph.paste(crop, (60, 40))
    alignment = np.array([[0.5, 0, -30.0], [0, 0.5, -20.0]])
    colors = np.round(255 * model.color.mean).astype(np.uint8)
    laid = overlay(photograph, model.shape.mean, colors, views[0], alignment)
    before, after = (np.asarray(p, float) for p in (photograph, laid))
    changed = np.abs(after - before).max(-1) > 0
    assert laid.size == photograph.size
    assert changed.mean() > 0.1  # the face is drawn
    assert np.abs(after - before)[changed].mean() < 6.0  # and looks as what it is laid over


def test_crops_and_points_of_another_kind_are_refused(model, fitter, photographs):
    points = noisy_points()
    with pytest.raises(InputError, match="crops of shape"):
        fitted(model, fitter, photographs[:, :50], points)
    points[1, 2, 0] = np.nan
    with pytest.raises(InputError, match="five points"):
        fitted(model, fitter, photographs, points)
