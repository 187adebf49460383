"""Distances to curves and outlines against naive ones; random fields' statistics."""

import numpy as np

from tf_morph.morphable_model import color_fields


def test_curve_distance_against_dense_sampling():
    rng = np.random.default_rng(0)
    curve, points = rng.uniform(-5, 5, (6, 2)), rng.uniform(-8, 8, (50, 2))
    distance, along = color_fields.curve_distance(points, curve)
    steps = np.linspace(0, 1, 4001)[:, None]
    dense = np.concatenate([a + (b - a) * steps for a, b in zip(curve, curve[1:], strict=False)])
    expected = np.linalg.norm(points[:, None] - dense, axis=-1).min(axis=1)
    np.testing.assert_allclose(distance, expected, atol=2e-3)
    piece = np.minimum((along * 5).astype(int), 4)
    at = curve[piece] + (curve[piece + 1] - curve[piece]) * (along * 5 - piece)[:, None]
    np.testing.assert_allclose(np.linalg.norm(points - at, axis=1), distance, atol=1e-9)


def test_inside_distance_of_a_square():
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    points = np.array([[0, 0], [0.5, 0], [0, -0.9], [2, 0], [4, 5], [-1, 0.3]])
    expected = [1, 0.5, 0.1, -1, -5, 0]
    np.testing.assert_allclose(color_fields.inside_distance(points, square), expected, atol=1e-9)


def test_a_smooth_curve_passes_its_points_and_closes():
    corners = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    closed = color_fields.smooth_curve(corners, 40, closed=True)
    np.testing.assert_allclose(closed[::10], corners, atol=1e-9)
    gaps = np.linalg.norm(np.diff(np.concatenate([closed, closed[:1]]), axis=0), axis=1)
    assert gaps.max() < 2.5 * gaps.min()


def test_random_fields_are_standard_smooth_and_mostly_symmetric():
    rng = np.random.default_rng(1)
    points = rng.uniform(-60, 60, (300, 3))
    points = np.concatenate([points, points * [-1, 1, 1], points + [0.1, 0, 0]])
    fields = color_fields.RandomFields(points, 15.0, rng, asymmetry=0.3).draw(4000, rng)
    np.testing.assert_allclose(fields.mean(axis=0), 0, atol=0.08)
    np.testing.assert_allclose(fields.var(axis=0), 1, atol=0.12)
    here, there, beside = np.split(fields, 3, axis=1)
    far = np.abs(points[:300, 0]) > 30
    assert 0.78 < np.mean((here * there)[:, far]) < 0.86  # 1 - 2 * 0.3**2
    assert np.mean((here - beside) ** 2) < 1e-3
