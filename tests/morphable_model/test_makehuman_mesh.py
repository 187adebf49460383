"""The open head's mesh: whole, outside out, symmetric, its texture coordinates and its eyeballs."""

import numpy as np
import pytest
import scipy.spatial

from tf_morph.morphable_model.makehuman_mesh import (
    CONTOURS,
    MM,
    PARTS,
    eyes_middle,
    fitted_sphere,
    used_vertices,
)

# The landmark on the other side of each.
MIRRORED = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1), 45, 44, 43, 42]
    + [47, 46, 39, 38, 37, 36, 41, 40, *range(54, 47, -1), *range(59, 54, -1)]
    + [64, 63, 62, 61, 60, 67, 66, 65]
)


@pytest.fixture(scope="module")
def places(head, population):
    """[V, 3] mm, the average adult's vertices."""
    average = population.average
    return head.places(average - eyes_middle(average, population._targets.files.base))


def corners_of(places, head, part=None):
    chosen = slice(None) if part is None else head.parts == PARTS.index(part)
    return places[head.triangles[chosen]]


def volume(corners):
    a, b, c = np.moveaxis(corners, 1, 0)
    return np.einsum("td,td->", a, np.cross(b, c)) / 6


def test_sizes_and_indices(head):
    count = head.matrix.shape[0]
    assert 15_000 < count < 20_000
    np.testing.assert_array_equal(np.unique(head.triangles), np.arange(count))
    np.testing.assert_array_equal(np.unique(head.uv_triangles), np.arange(len(head.uvs)))
    assert head.triangles.shape == head.uv_triangles.shape == (len(head.parts), 3)
    assert set(head.parts) == set(range(len(PARTS)))
    assert head.triangles.dtype == head.uv_triangles.dtype == head.parts.dtype == np.int32
    assert head.uvs.dtype == np.float32
    np.testing.assert_array_equal(head.of_part("eyes"), head.eyes.any(axis=0))
    assert not head.eyes.all(axis=0).any()


def test_no_triangle_is_degenerate_and_no_edge_is_of_three(head, places):
    a, b, c = np.moveaxis(corners_of(places, head), 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    assert areas.min() > 1e-5
    sides = np.stack([head.triangles, np.roll(head.triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    assert len(np.unique(sides, axis=0)) == len(sides)


def test_triangles_face_outwards(head, places):
    # An eyeball, closed over its open back, and the head, closed over the neck.
    for eye in head.eyes:
        inside = places[eye].mean(axis=0)
        of_eye = corners_of(places, head)[eye[head.triangles].all(axis=1)] - inside
        a, b, c = np.moveaxis(of_eye, 1, 0)
        outwards = np.einsum("td,td->t", np.cross(b - a, c - a), of_eye.mean(axis=1))
        assert (outwards > 0).all()
    assert 2.5e6 < volume(corners_of(places, head, "skin")) < 5e6  # mm³, less the mouth
    assert volume(corners_of(places, head, "teeth") - places.mean(axis=0)) > 0
    crown = places[:, 1] > 90
    upwards = crown[head.triangles].all(axis=1)
    a, b, c = np.moveaxis(places[head.triangles[upwards]], 1, 0)
    assert (np.cross(b - a, c - a)[:, 1] > 0).mean() > 0.99


def test_the_neck_ends_in_a_plane(head, places):
    sides = np.stack([head.triangles, np.roll(head.triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    forth = {tuple(side) for side in sides.tolist()}
    rim = np.unique([side for side in forth if side[::-1] not in forth])
    low = rim[places[rim, 1] < -100]
    assert len(low) > 50
    centred = places[low] - places[low].mean(axis=0)
    assert np.linalg.svd(centred)[1][2] < 1e-6
    assert places[low, 1].max() < places[:, 1].min() + 40


def test_it_moves_with_the_base_mesh(head, makehuman):
    """Rows sum to one: what moves, grows or shears the base mesh does so with the head."""
    base = makehuman.base.vertices
    linear = np.array([[1.1, 0.2, 0], [0, 0.9, 0.1], [-0.1, 0, 1.2]])
    moved = head.places(base @ linear.T + [1, -2, 3])
    expected = head.places(base) @ linear.T + MM * np.array([1, -2, 3])
    np.testing.assert_allclose(moved, expected, atol=1e-6)
    both = head.places(np.stack([base, 2 * base]))
    np.testing.assert_allclose(both, [head.places(base), 2 * head.places(base)], atol=1e-9)


def test_only_the_used_vertices_matter(head, makehuman):
    base = makehuman.base.vertices.copy()
    unused = np.setdiff1d(np.arange(len(base)), used_vertices(makehuman.base))
    before = head.places(base)
    base[unused] = np.nan
    np.testing.assert_array_equal(head.places(base), before)


def test_left_mirrors_right(head, places):
    tree = scipy.spatial.cKDTree(places)
    distances, _ = tree.query(places * [-1, 1, 1])
    assert distances.max() < 0.5
    np.testing.assert_allclose(
        places[head.pupils[0]] * [-1, 1, 1], places[head.pupils[1]], atol=0.05
    )


def test_landmarks_are_where_the_base_mesh_has_them(head, places, population):
    average = MM * (
        population.average - eyes_middle(population.average, population._targets.files.base)
    )
    # A step of subdivision draws a vertex in a little.
    offsets = places[head.contours] - average[list(CONTOURS)]
    assert np.linalg.norm(offsets, axis=1).max() < 1.5
    points = places[head.contours]
    # Between their ends the two brows' points are not each other's mirror images.
    compared = np.setdiff1d(np.arange(68), [18, 19, 20, 23, 24, 25])
    mirrored = points[MIRRORED] * [-1, 1, 1]
    np.testing.assert_allclose(mirrored[compared], points[compared], atol=0.6)


def test_eyeballs_are_round_and_look_ahead(head, places):
    for eye, pupil in zip(head.eyes, head.pupils, strict=True):
        center, radius = fitted_sphere(places[eye])
        np.testing.assert_allclose(np.linalg.norm(places[eye] - center, axis=1), radius, rtol=0.05)
        assert 11 < radius < 17
        gaze = (places[pupil] - center) / radius
        np.testing.assert_allclose(gaze, [0, 0, 1], atol=0.05)


def test_a_sphere_is_found_from_a_part_of_it():
    points = np.random.default_rng(0).normal(size=(30, 3))
    points[:, 2] = np.abs(points[:, 2])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    center, radius = fitted_sphere([5, -3, 100] + 12.5 * points)
    np.testing.assert_allclose(center, [5, -3, 100])
    assert radius == pytest.approx(12.5)


def test_texture_coordinates(head):
    assert head.uvs.min() >= 0
    assert head.uvs.max() <= 1
    a, b, c = np.moveaxis(head.uvs[head.uv_triangles].astype(float), 1, 0)
    first, second = b - a, c - a
    areas = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (areas > 0).all()  # no triangle is turned over
    assert 0.15 < areas.sum() < 1
    # A vertex has one place, but on the layout's seams and where several of them meet.
    pairs = np.unique(np.column_stack([head.triangles.ravel(), head.uv_triangles.ravel()]), axis=0)
    times = np.bincount(pairs[:, 0])
    assert times.max() <= 4
    assert 100 < (times > 1).sum() < 800


def test_eye_textures_run_from_the_pupil_outwards(head):
    for pupil, eye in zip(head.pupils, head.eyes, strict=True):
        corners = eye[head.triangles]
        middle = head.uvs[head.uv_triangles[head.triangles == pupil][0]]
        places = head.uvs[head.uv_triangles[corners]]
        assert np.abs(places.mean(axis=0) - middle).max() < 0.05 * np.ptp(places)
