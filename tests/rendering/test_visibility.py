import numpy as np
import pytest
import tensorflow as tf

from tests.rendering import naive
from tf_morph.errors import InputError
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.rasterizer import rasterize


@pytest.fixture
def ids_of(kernels):
    """The ids [H, W] of one mesh."""

    def draw(vertices, triangles, height, width, cull=False):
        clip = tf.constant(np.asarray(vertices, np.float32)[np.newaxis])
        triangles = np.asarray(triangles, np.int32)
        return visible_triangles(clip, triangles, height, width, cull, kernels).numpy()[0]

    return draw


@pytest.mark.parametrize("cull", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_naive_rasterizer(seed, cull, kernels):
    rng = np.random.default_rng(seed)
    vertices, triangles = naive.random_mesh(rng)
    triangles[0] = triangles[0, 0]  # degenerate
    height, width = int(rng.integers(9, 16)), int(rng.integers(9, 16))
    expected, weights, margins = naive.rasterize(vertices, triangles, height, width, cull)
    found = rasterize(
        tf.constant(vertices[np.newaxis]), triangles, height, width, cull, kernels=kernels
    )
    clear = margins > 1e-5
    assert clear.mean() > 0.6 and (expected >= 0).any()
    np.testing.assert_array_equal(found.triangle_ids.numpy()[0][clear], expected[clear])
    np.testing.assert_allclose(found.barycentrics.numpy()[0][clear], weights[clear], atol=2e-4)
    np.testing.assert_array_equal(found.mask.numpy()[0], found.triangle_ids.numpy()[0] >= 0)


def test_pixels_on_shared_edges_belong_to_exactly_one_triangle(ids_of):
    """Every edge and corner runs through pixel centres; each triangle is drawn by itself."""
    size = 8
    rng = np.random.default_rng(0)
    corner = (np.arange(0, size, 2) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(corner, corner)
    w = rng.uniform(0.5, 2.0, x.shape)
    vertices = np.stack([x * w, y * w, 0 * w, w], -1).reshape(-1, 4)
    index = np.arange(16).reshape(4, 4)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = np.stack([a, b, c, d], -1).reshape(-1, 4)
    triangles = []
    for quad in quads:
        turn = rng.integers(4)
        p, q, r, s = np.roll(quad, turn)
        triangles += [[p, q, r], [r, s, p] if rng.random() < 0.5 else [p, s, r]]
    owners = sum((ids_of(vertices, [t], size, size) >= 0).astype(int) for t in triangles)
    inside = np.zeros((size, size), bool)
    inside[2:7, 1:6] = True  # strictly inside the grid's outline, rows counted from the top
    assert (owners[inside] == 1).all(), owners
    assert owners.max() == 1, owners


def test_random_fans_have_neither_holes_nor_double_pixels(ids_of):
    rng = np.random.default_rng(3)
    for _ in range(20):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        if np.diff(np.append(angles, angles[0] + 2 * np.pi)).max() > 3.0:
            continue
        w = rng.uniform(0.5, 3.0, 10)
        x = np.append(3 * np.cos(angles), rng.uniform(-0.4, 0.4))
        y = np.append(3 * np.sin(angles), rng.uniform(-0.4, 0.4))
        vertices = np.stack([x * w, y * w, 0 * w, w], -1)
        fan = [[9, i, (i + 1) % 9] for i in range(9)]
        owners = sum((ids_of(vertices, [t], 17, 13) >= 0).astype(int) for t in fan)
        hull = np.array([[np.cos(a), np.sin(a)] for a in angles]) * 3
        assert np.linalg.norm((hull + np.roll(hull, 1, 0)) / 2, axis=1).min() > 0.1
        # The fan covers its hull: pixels near the middle are all inside it.
        assert owners.max() == 1
        assert (owners[5:12, 4:9] == 1).all()


def test_of_equally_near_triangles_the_first_wins(ids_of):
    vertices = [[-1, -1, 0, 1], [1, -1, 0, 1], [0, 1, 0, 1]]
    ids = ids_of(vertices, [[0, 1, 2], [1, 2, 0], [2, 0, 1]], 8, 8)
    assert set(np.unique(ids)) == {-1, 0}


def test_the_nearer_triangle_wins_whatever_the_order(ids_of):
    near = [[-1, -1, -0.5, 1], [1, -1, -0.5, 1], [0, 1, -0.5, 1]]
    far = [[-1, -1, 0.5, 1], [1, -1, 0.5, 1], [0, 1, 0.5, 1]]
    assert (ids_of(near + far, [[3, 4, 5], [0, 1, 2]], 8, 8) != 0).all()
    assert (ids_of(near + far, [[0, 1, 2], [3, 4, 5]], 8, 8) != 1).all()


def test_near_and_far_planes_cut_pixel_by_pixel(ids_of):
    vertices = [[-1, -1, -3, 1], [1, -1, 3, 1], [1, 1, 3, 1], [-1, 1, -3, 1]]
    ids = ids_of(vertices, [[0, 1, 2], [0, 2, 3]], 6, 12)
    depths = 3 * ((np.arange(12) + 0.5) / 6 - 1)
    np.testing.assert_array_equal((ids >= 0).all(0), np.abs(depths) <= 1)
    np.testing.assert_array_equal((ids >= 0).any(0), np.abs(depths) <= 1)


def test_row_zero_is_the_top_and_columns_run_to_the_right(ids_of):
    top_right = [[0.5, 0.5, 0, 1], [1, 0.5, 0, 1], [1, 1, 0, 1], [0.5, 1, 0, 1]]
    ids = ids_of(top_right, [[0, 1, 2], [0, 2, 3]], 4, 8)
    rows, columns = np.nonzero(ids >= 0)
    assert set(rows) == {0} and set(columns) == {6, 7}


def test_back_faces_are_culled_only_where_asked(ids_of):
    front = [[-1, -1, 0, 1], [1, -1, 0, 1], [0, 1, 0, 1]]
    assert (ids_of(front, [[0, 1, 2]], 8, 8, True) >= 0).any()
    assert (ids_of(front, [[0, 2, 1]], 8, 8, True) < 0).all()
    assert (ids_of(front, [[0, 2, 1]], 8, 8, False) >= 0).any()


@pytest.mark.parametrize(
    "vertices",
    [
        [[-1, -1, 0, -1], [1, -1, 0, -1], [0, 1, 0, -1]],  # behind the camera
        [[2, -1, 0, 1], [4, -1, 0, 1], [3, 1, 0, 1]],  # out of the image
        [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]],  # a point
        [[-1, -1, 0, 1], [0, 0, 0, 1], [1, 1, 0, 1]],  # a line
        [[np.nan, -1, 0, 1], [1, -1, 0, 1], [0, 1, 0, 1]],
        [[np.inf, -1, 0, 1], [1, -1, 0, 1], [0, 1, 0, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
    ],
)
def test_what_cannot_be_seen_leaves_the_background(vertices, ids_of):
    assert (ids_of(vertices, [[0, 1, 2]], 8, 8) == -1).all()


def test_a_mesh_without_triangles(ids_of):
    ids = ids_of([[0, 0, 0, 1]], np.zeros((0, 3)), 4, 4)
    assert (ids == -1).all()


def test_bands_do_not_show(ids_of):
    """One image is split into bands between the cores; a full batch is not."""
    vertices, triangles = naive.random_mesh(np.random.default_rng(5), 60, 80)
    alone = ids_of(vertices, triangles, 130, 31)
    clip = tf.constant(np.repeat(vertices[np.newaxis], 64, 0))
    together = visible_triangles(clip, triangles, 130, 31).numpy()
    np.testing.assert_array_equal(together, np.broadcast_to(alone, together.shape))


def test_batch_size_unknown_while_tracing(ids_of, kernels):
    vertices, triangles = naive.random_mesh(np.random.default_rng(1))

    @tf.function(input_signature=[tf.TensorSpec([None, 12, 4], tf.float32)])
    def traced(clip):
        seen = rasterize(clip, triangles, 9, 11, kernels=kernels)
        assert seen.triangle_ids.shape.as_list() == [None, 9, 11]
        return seen

    for batch in (0, 1, 3):
        clip = np.repeat(vertices[np.newaxis], batch, 0)
        seen = traced(tf.constant(clip))
        assert seen.barycentrics.shape == (batch, 9, 11, 3)
        for ids in seen.triangle_ids.numpy():
            np.testing.assert_array_equal(ids, ids_of(vertices, triangles, 9, 11))


def test_an_index_out_of_range_is_named():
    clip = tf.zeros([1, 3, 4])
    with pytest.raises(InputError, match="index 3.*3 vertices"):
        rasterize(clip, np.array([[0, 1, 3]]), 4, 4)
    with pytest.raises(InputError, match="-1"):
        rasterize(clip, np.array([[0, 1, -1]]), 4, 4)
    with pytest.raises(InputError, match="shape"):
        rasterize(clip, np.array([0, 1, 2]), 4, 4)


def test_vertices_of_another_shape_are_named(kernels):
    triangles = np.array([[0, 1, 2]])
    with pytest.raises(InputError, match=r"clip_vertices.*\(1, 3, 3\)"):
        rasterize(tf.ones([1, 3, 3]), triangles, 4, 4, kernels=kernels)
    with pytest.raises(InputError, match=r"clip_vertices.*\(3, 4\)"):
        rasterize(tf.ones([3, 4]), triangles, 4, 4, kernels=kernels)


def test_too_few_vertices_are_found_out_when_they_are_there(kernels):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 4])])
    def traced(clip):
        return rasterize(clip, np.array([[0, 1, 3]]), 4, 4, kernels=kernels).mask

    assert traced(tf.ones([1, 4, 4])).shape == (1, 4, 4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="vertex index 3"):
        traced(tf.ones([1, 3, 4]))
