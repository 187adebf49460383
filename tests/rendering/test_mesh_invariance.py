"""What must not change the ids, and what no picture of a closed mesh may have: holes."""

import numba
import numpy as np
import pytest
import tensorflow as tf

from tests.rendering import soups
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.cpu_kernels.visibility import _divided_images


def ids_of(vertices, triangles, height, width, cull=False, kernels="cpu"):
    clip = tf.constant(np.asarray(vertices, np.float32)[np.newaxis])
    triangles = np.asarray(triangles, np.int32)
    return visible_triangles(clip, triangles, height, width, cull, kernels).numpy()[0]


def alone(vertices, triangles, height, width, cull, kernels):
    """How many of the triangles, each drawn by itself, own each pixel: [H, W]."""
    corners = np.asarray(vertices, np.float32)[np.asarray(triangles)]
    first = np.array([[0, 1, 2]], np.int32)
    ids = visible_triangles(tf.constant(corners), first, height, width, cull, kernels)
    return (ids.numpy() >= 0).sum(0)


def sphere(rings=9, around=14, seed=0):
    """A closed ellipsoid before the camera, turned at random: clip coordinates and triangles."""
    rng = np.random.default_rng(seed)
    polar, azimuth = np.meshgrid(np.arange(1, rings) / rings, np.arange(around) / around)
    polar, azimuth = polar.T.ravel() * np.pi, azimuth.T.ravel() * 2 * np.pi
    points = np.stack(
        [np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], 1
    )
    points = np.concatenate([points, [[0, 0, 1], [0, 0, -1]]])
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    points = points @ turn.T * [1, 0.8, 0.9]
    index = np.arange((rings - 1) * around).reshape(rings - 1, around)
    beside = np.roll(index, -1, 1)
    quads = [(index[:-1], index[1:], beside[1:]), (index[:-1], beside[1:], beside[:-1])]
    top, bottom = np.full(around, len(points) - 2), np.full(around, len(points) - 1)
    caps = [(top, index[0], beside[0]), (bottom, beside[-1], index[-1])]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in (*quads, *caps)])
    distance = 3 - points[:, 2]
    return np.stack([2 * points[:, 0], 2 * points[:, 1], distance - 2.5, distance], 1), triangles


@pytest.mark.parametrize("seed", range(2))
def test_a_closed_mesh_has_no_holes_and_one_owner_a_pixel(seed, kernels):
    vertices, triangles = sphere(seed=seed)
    mask = ids_of(vertices, triangles, 33, 41, kernels=kernels) >= 0
    assert 0.2 < mask.mean() < 0.8
    for line in (*mask, *mask.T):  # convex: no gap in any row or column
        assert (np.diff(line.astype(int)) != 0).sum() <= 2
    fronts = alone(vertices, triangles, 33, 41, True, kernels)
    np.testing.assert_array_equal(fronts, mask)
    # Behind each front lies a back, and along the outline, too, both have the pixel or neither.
    np.testing.assert_array_equal(alone(vertices, triangles, 33, 41, False, kernels), 2 * mask)


@pytest.mark.parametrize("seed", range(2))
def test_culling_leaves_a_closed_mesh_as_it_is(seed, kernels):
    vertices, triangles = sphere(seed=seed)
    drawn = [ids_of(vertices, triangles, 33, 41, cull, kernels) for cull in (False, True)]
    np.testing.assert_array_equal(*drawn)


def test_a_grid_through_pixel_centres_is_watertight(kernels):
    """Corners in any order, so that front and back faces share edges; borders have one owner."""
    rng = np.random.default_rng(0)
    places = (np.arange(9) - 4) / 4
    x, y = np.meshgrid(places * 1.5, places * 1.25)
    w = 2.0 ** rng.integers(-3, 4, x.shape)
    vertices = np.stack([x * w, y * w, 0 * w, w], -1).reshape(-1, 4)
    index = np.arange(81).reshape(9, 9)
    a, b, c, d = (index[i : i + 8, j : j + 8].ravel() for i, j in ((0, 0), (0, 1), (1, 1), (1, 0)))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    triangles = rng.permuted(triangles, axis=1)
    for size in (8, 16):
        owners = alone(vertices, triangles, size, size, False, kernels)
        np.testing.assert_array_equal(owners, 1)


def test_the_order_of_triangles_and_of_their_corners_does_not_show(kernels):
    vertices, triangles = soups.generic_mesh(0)
    ids = ids_of(vertices, triangles, 19, 23, kernels=kernels)
    order = np.random.default_rng(1).permutation(len(triangles))
    permuted = ids_of(vertices, triangles[order], 19, 23, kernels=kernels)
    np.testing.assert_array_equal(np.append(order, -1)[permuted], ids)
    turned = ids_of(vertices, np.roll(triangles, 1, 1), 19, 23, kernels=kernels)
    np.testing.assert_array_equal(turned, ids)
    assert len(np.unique(ids)) > 10


def test_homogeneous_scale_does_not_show(kernels):
    """Each corner's own positive factor leaves its place as it was; powers of two do not round."""
    vertices, triangles = soups.generic_mesh(1)
    vertices[:6] *= [1, 1, 1, -1]  # some of it behind the camera
    ids = ids_of(vertices, triangles, 19, 23, kernels=kernels)
    exponents = np.random.default_rng(2).integers(-12, 13, (len(vertices), 1))
    for factor in (2.0**-20, 2.0**20, 2.0**exponents, 600.0):
        scaled = ids_of(vertices * factor, triangles, 19, 23, kernels=kernels)
        np.testing.assert_array_equal(scaled, ids)


def test_tiles_make_up_the_picture(kernels):
    vertices, triangles = soups.generic_mesh(2)
    vertices = np.round(vertices * 256) / 256  # what follows is exact
    x, y, z, w = vertices.T
    tile = [
        ids_of(np.stack([2 * x - u * w, 2 * y - v * w, z, w], 1), triangles, 8, 8, False, kernels)
        for v in (1, -1)
        for u in (-1, 1)
    ]
    whole = ids_of(vertices, triangles, 16, 16, kernels=kernels)
    np.testing.assert_array_equal(np.block([tile[:2], tile[2:]]), whole)


def test_a_batch_is_its_images(kernels):
    meshes = [soups.generic_mesh(seed)[0] for seed in range(5)]
    triangles = soups.generic_mesh(0)[1]
    together = visible_triangles(tf.constant(np.stack(meshes)), triangles, 19, 23, True, kernels)
    each = [ids_of(vertices, triangles, 19, 23, True, kernels) for vertices in meshes]
    np.testing.assert_array_equal(together, each)


def test_the_number_of_threads_does_not_show():
    meshes = np.stack([soups.generic_mesh(seed)[0] for seed in range(3)])
    triangles = soups.generic_mesh(0)[1]
    threads = numba.get_num_threads()
    try:
        drawn = []
        for count in (1, threads):
            numba.set_num_threads(count)
            drawn.append(visible_triangles(tf.constant(meshes), triangles, 19, 23, False, "cpu"))
    finally:
        numba.set_num_threads(threads)
    np.testing.assert_array_equal(*drawn)
    for parts in (1, 2, 7, 30):  # more than a machine's threads, than rows, than triangles
        for count in (len(triangles), 5):
            ids = np.empty((3, 19, 23), np.int32)
            _divided_images(meshes, triangles[:count], parts, False, ids)
            whole = [ids_of(vertices, triangles[:count], 19, 23) for vertices in meshes]
            np.testing.assert_array_equal(ids, whole)
