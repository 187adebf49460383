"""Catmull-Clark's step against a plain loop over vertices, edges and quads."""

import numpy as np
import pytest

from tf_morph.morphable_model.subdivision import catmull_clark, split_quads

CUBE = np.array(
    [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
)
CUBE_CORNERS = np.array(
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]]
)


def sheet_with_holes(seed: int):
    """Quads of a grid, some of them missing, and random places of its vertices, [V, 3]."""
    rng = np.random.default_rng(seed)
    index = np.arange(42).reshape(6, 7)
    corners = [index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]]
    quads = np.stack(corners, axis=-1).reshape(-1, 4)
    quads = quads[rng.uniform(size=len(quads)) > 0.2]
    used, quads = np.unique(quads, return_inverse=True)
    turned = [np.roll(quad, rng.integers(4)) for quad in quads.reshape(-1, 4)]
    return np.array(turned), rng.normal(0, 10, (len(used), 3))


def naive_step(quads, places):
    """The published rules, one vertex after another: old vertices' new places, those of edges by
    their two ends, and of quads."""
    faces = [places[quad].mean(axis=0) for quad in quads]
    beside = {}
    for number, quad in enumerate(quads):
        for a, b in zip(quad, np.roll(quad, -1), strict=True):
            beside.setdefault(frozenset((int(a), int(b))), []).append(number)
    edges = {}
    for edge, numbers in beside.items():
        ends = [places[v] for v in edge]
        points = ends + [faces[n] for n in numbers] if len(numbers) == 2 else ends
        edges[edge] = np.mean(points, axis=0)
    vertices = []
    for vertex, place in enumerate(places):
        around = [edge for edge in beside if vertex in edge]
        middles = {edge: np.mean([places[v] for v in edge], axis=0) for edge in around}
        rim = [middles[edge] for edge in around if len(beside[edge]) == 1]
        if rim:
            vertices.append((place + np.mean(rim, axis=0)) / 2)
            continue
        n = len(around)
        quads_here = [faces[i] for i, quad in enumerate(quads) if vertex in quad]
        both = np.mean(quads_here, axis=0) + 2 * np.mean(list(middles.values()), axis=0)
        vertices.append((both + (n - 3) * place) / n)
    return np.array(vertices), edges, np.array(faces)


@pytest.mark.parametrize("seed", range(6))
def test_a_step_against_the_plain_loop(seed):
    quads, places = sheet_with_holes(seed)
    vertices, edges, faces = naive_step(quads, places)
    step = catmull_clark(quads, len(places))
    new = step.matrix @ places
    assert len(new) == len(vertices) + len(edges) + len(faces)
    np.testing.assert_allclose(new[: len(places)], vertices, atol=1e-12)
    np.testing.assert_allclose(new[len(new) - len(faces) :], faces, atol=1e-12)
    # Each quad's four: corner, the edge that leaves it, the middle, the edge that comes in.
    for number, quad in enumerate(quads):
        for corner in range(4):
            old, out, middle, into = step.quads[4 * number + corner]
            assert old == quad[corner]
            after, before = quad[(corner + 1) % 4], quad[corner - 1]
            np.testing.assert_allclose(new[out], edges[frozenset((int(old), int(after)))])
            np.testing.assert_allclose(new[into], edges[frozenset((int(old), int(before)))])
            np.testing.assert_allclose(new[middle], faces[number])


@pytest.mark.parametrize("smooth", [True, False])
def test_weights_sum_to_one_and_planes_stay_planes(smooth):
    quads, places = sheet_with_holes(11)
    matrix = catmull_clark(quads, len(places), smooth).matrix
    np.testing.assert_allclose(np.asarray(matrix.sum(axis=1)).ravel(), 1, atol=1e-12)
    places[:, 2] = 2 * places[:, 0] - places[:, 1] + 3
    new = matrix @ places
    np.testing.assert_allclose(new[:, 2], 2 * new[:, 0] - new[:, 1] + 3, atol=1e-9)


def test_without_smoothing_nothing_moves():
    quads, places = sheet_with_holes(5)
    new = catmull_clark(quads, len(places), smooth=False).matrix @ places
    np.testing.assert_array_equal(new[: len(places)], places)
    ends = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    middles = places[np.unique(ends, axis=0)].mean(axis=1)
    np.testing.assert_allclose(new[len(places) : len(places) + len(middles)], middles)


def test_a_cube_stays_closed_and_outside_out():
    quads, places = CUBE, CUBE_CORNERS
    volumes = []
    for _ in range(3):
        step = catmull_clark(quads, len(places))
        quads, places = step.quads, step.matrix @ places
        sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
        forth = {tuple(side) for side in sides.tolist()}
        assert len(forth) == len(sides)
        assert {(b, a) for a, b in forth} == forth
        assert len(places) - len(sides) // 2 + len(quads) == 2
        a, b, c = np.moveaxis(places[split_quads(quads)], 1, 0)
        volumes.append(np.einsum("td,td->", a, np.cross(b, c)) / 6)
    assert 1 > volumes[0] > volumes[1] > volumes[2] > 0.2
    # The limit is symmetric, and near a sphere.
    radii = np.linalg.norm(places - 0.5, axis=1)
    assert np.ptp(radii) < 0.1 * radii.mean()


def test_quads_are_split_where_they_lie():
    quads, places = sheet_with_holes(2)
    triangles = split_quads(quads)
    assert triangles.dtype == np.int32
    np.testing.assert_array_equal(triangles[::2], quads[:, [0, 1, 2]])
    np.testing.assert_array_equal(triangles[1::2], quads[:, [0, 2, 3]])
