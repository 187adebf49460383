"""The colour basis: what it keeps of the people painted, and that they look as people do."""

import numpy as np
import pytest

from tf_morph.morphable_model.color_basis import (
    color_basis,
    paint_people,
    plain_color_basis,
    principal_modes,
    with_fixed_colors,
)
from tf_morph.morphable_model.makehuman import head_layout
from tf_morph.morphable_model.makehuman_files import MakeHumanFiles
from tf_morph.morphable_model.makehuman_mesh import eyes_middle, head_mesh
from tf_morph.morphable_model.makehuman_population import HeadPopulation
from tf_morph.morphable_model.skin_tones import melanin_of_lightness, skin_color
from tf_morph.morphable_model.traits import draw_traits

PEOPLE = 100


@pytest.fixture(scope="module")
def layout():
    """The open head's."""
    files = MakeHumanFiles()
    average = HeadPopulation(files).average
    mesh = head_mesh(files.base, average)
    return head_layout(files, mesh, mesh.places(average - eyes_middle(average, files.base)))


@pytest.fixture(scope="module")
def painted(layout):
    return paint_people(layout, PEOPLE, seed=3)


def _near(layout, x, y, radius):
    """Vertices of the skin within `radius` of canonical (x, y), from the front: bool [V]."""
    offsets = layout.points[:, :2] - [x, y]
    front = layout.points[:, 2] > -60
    return (np.linalg.norm(offsets, axis=1) < radius) & front & ~layout.eyeball


def test_the_landmarks_are_at_their_canonical_heights(layout):
    features = layout.features
    right, left = layout.canonical_points(layout.pupils)
    np.testing.assert_allclose(left - right, [64, 0, 0], atol=1e-9)
    # The warp bends at eyes and lips, so that their contours' mean heights are kept nearly only.
    np.testing.assert_allclose(features[36:48, 1].mean(), 0, atol=1.5)
    np.testing.assert_allclose(features[8, 1], -111)
    np.testing.assert_allclose(features[33, 1], -47)
    np.testing.assert_allclose(features[[62, 66], 1].mean(), -69, atol=0.5)
    heights = np.sort(layout.vertices[:, 1])
    points = np.zeros((len(heights), 3))
    points[:, 1] = heights
    assert np.all(np.diff(layout.canonical_points(points)[:, 1]) >= 0)


def test_the_same_seed_paints_the_same_people_and_another_others(layout):
    first, again, other = (paint_people(layout, 3, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.01


def test_colours_are_in_range_and_eyes_brows_and_lips_stand_out(layout, painted):
    assert painted.min() >= 0
    assert painted.max() <= 1
    cheek = painted[:, _near(layout, 38, -32, 12)].mean(axis=1)
    assert np.all(cheek[:, 0] > cheek[:, 1])
    assert np.all(cheek[:, 1] > cheek[:, 2] - 0.02)
    lips = painted[:, _near(layout, 0, -76, 2.5)].mean(axis=1)
    redness = lips[:, 0] / lips[:, 1] - cheek[:, 0] / cheek[:, 1]
    assert np.mean(redness > 0) > 0.9
    brow = np.median(layout.features[17:27, 1])
    brows = painted[:, _near(layout, 32, brow - 2, 3)].mean(axis=(1, 2))
    forehead = painted[:, _near(layout, 0, 42, 9)].mean(axis=(1, 2))
    assert np.mean(brows < forehead) > 0.85


def test_eyes_have_a_dark_pupil_a_coloured_iris_and_a_white(layout, painted):
    pupils = layout.canonical_points(layout.pupils)
    for eye, pupil in zip(layout.eyes, pupils, strict=True):
        offsets = layout.points - pupil
        distance = np.linalg.norm(offsets[:, :2], axis=1)
        front = eye & (offsets[:, 2] > -8)
        dark = painted[:, front & (distance < 1.2)].mean(axis=(1, 2))
        level = np.abs(offsets[:, 1]) < 2
        white = painted[:, front & level & (distance > 7.5) & (distance < 9.5)].mean(axis=(1, 2))
        assert np.all(dark < 0.3)
        assert np.all(white > 0.42)  # in the shade of the lids
        iris = painted[:, front & (distance > 3.2) & (distance < 4.5)].mean(axis=1)
        assert np.mean((iris.mean(axis=1) > dark) & (iris.mean(axis=1) < white)) > 0.95
        assert np.ptp(iris[:, 2] - iris[:, 0]) > 0.15  # from brown to blue


def test_people_differ_most_in_skin_and_are_about_symmetric(layout, painted):
    right, left = (painted[:, _near(layout, side * 38, -32, 12)].mean(axis=1) for side in (-1, 1))
    assert right.std(axis=0).min() > 0.06
    assert np.abs(right - left).mean() < 0.2 * right.std()


def test_a_basis_keeps_the_samples_variance_and_is_standard_normal(layout):
    linear = color_basis(layout, components=12, seed=3, people=60)
    assert linear.num_components == 12
    np.testing.assert_allclose(linear.basis.T @ linear.basis, np.eye(12), atol=1e-5)
    samples = paint_people(layout, 60, seed=3)
    deviations = (samples - samples.mean(axis=0)).reshape(60, -1)
    np.testing.assert_allclose(linear.mean, samples.mean(axis=0), atol=1e-6)
    kept = np.sum(linear.standard_deviations.astype(np.float64) ** 2)
    total = np.sum(deviations.astype(np.float64) ** 2) / 60
    assert 0.85 < kept / total < 1
    np.testing.assert_allclose(linear.noise_variance * deviations.shape[1], total - kept, rtol=0.02)


def test_principal_modes_of_samples_with_known_modes():
    rng = np.random.default_rng(0)
    modes = np.linalg.qr(rng.standard_normal((60, 3)))[0].T.reshape(3, 20, 3) * [
        [[9]],
        [[4]],
        [[1]],
    ]
    scores = np.linalg.qr(rng.standard_normal((50, 3)))[0] * np.sqrt(50)
    samples = np.tensordot(scores, modes, axes=1).astype(np.float32)
    found, left_out = principal_modes(samples, np.ones(20), components=2)
    for mode, expected in zip(found, modes, strict=False):
        overlap = np.sum(mode * expected) / np.sum(expected**2)
        np.testing.assert_allclose(np.abs(overlap), 1, atol=1e-4)
    np.testing.assert_allclose(left_out, 1 / 60, rtol=1e-3)


def test_a_vertex_of_no_weight_steers_nothing_but_keeps_its_part():
    rng = np.random.default_rng(0)
    samples = np.zeros((40, 2, 3), np.float32)
    samples[:, 0, 0] = rng.standard_normal(40)
    samples[:, 1] = 100 * rng.standard_normal((40, 3)) + 50 * samples[:, :1, 0]
    samples -= samples.mean(axis=0)
    modes, _ = principal_modes(samples, np.array([1.0, 0.0]), components=1)
    np.testing.assert_allclose(np.abs(modes[0, 0, 0]), samples[:, 0, 0].std(), rtol=1e-4)
    regression = samples[:, 0, 0] @ samples[:, 1] / np.sum(samples[:, 0, 0] ** 2)
    np.testing.assert_allclose(modes[0, 1] / modes[0, 0, 0], regression, rtol=1e-3)


def test_plain_skin_is_drawn_peoples():
    basis = plain_color_basis(7, seed=1, people=400)
    traits = draw_traits(400, np.random.default_rng([1]))
    skin = skin_color(melanin_of_lightness(traits.lightness), traits.blood)[:, 0]
    scaled = (basis.basis * basis.standard_deviations).reshape(7, 3, 3)
    np.testing.assert_array_equal(scaled, np.broadcast_to(scaled[:1], scaled.shape))
    np.testing.assert_allclose(basis.mean, np.tile(skin.mean(axis=0), (7, 1)), rtol=1e-5)
    covariance = scaled[0] @ scaled[0].T
    np.testing.assert_allclose(covariance, np.cov(skin.T, bias=True), rtol=1e-3, atol=1e-6)


def test_fixed_colours_are_everybodys_and_leave_the_others_alone(layout):
    basis = color_basis(layout, 5, seed=0, people=20)
    some, few = np.arange(len(basis.mean)) < 9, np.arange(len(basis.mean)) == 3
    fixed = with_fixed_colors(basis, [(some, (0.1, 0.2, 0.3)), (few, (1, 1, 1))])
    people = fixed.evaluate(np.random.default_rng(0).standard_normal((6, 5))).numpy()
    np.testing.assert_allclose(people[:, 3], 1, atol=1e-5)
    np.testing.assert_allclose(people[:, 8], np.tile([0.1, 0.2, 0.3], (6, 1)), atol=1e-5)
    rest = np.repeat(~some, 3)
    before, after = (part.basis * part.standard_deviations for part in (basis, fixed))
    probe = np.random.default_rng(1).standard_normal((rest.sum(), 3))
    np.testing.assert_allclose(
        after[rest] @ (after[rest].T @ probe),
        before[rest] @ (before[rest].T @ probe),
        rtol=1e-3,
        atol=1e-4,
    )
