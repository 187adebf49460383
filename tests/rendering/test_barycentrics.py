import numpy as np
import tensorflow as tf

from tests.rendering.naive import assert_gradient, numeric_gradient
from tf_morph.rendering.interpolation import interpolate
from tf_morph.rendering.kernels import kernels_named
from tf_morph.rendering.rasterizer import rasterize

# Two triangles that share an edge, at very different distances, filling most of the image.
VERTICES = np.array(
    [[-1.2, -1.5, 0.1, 1.3], [4.0, -5.1, 0.7, 5.2], [2.0, 2.2, 0.3, 2.1], [-2.9, 3.3, 0.5, 3.4]],
    np.float32,
)
TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def test_interpolated_positions_lie_on_the_pixel_rays_and_on_the_plane(kernels):
    """Perspective-correct: against the analytic crossing of ray and plane."""
    height, width = 7, 9
    seen = rasterize(tf.constant(VERTICES[np.newaxis]), TRIANGLES, height, width, kernels=kernels)
    points = VERTICES[:, [0, 1, 3]]  # the camera's own coordinates, up to a scale
    found = interpolate(
        tf.constant(points[np.newaxis]),
        tf.constant(VERTICES[np.newaxis]),
        TRIANGLES,
        seen.triangle_ids,
        kernels,
    ).numpy()[0]
    ids = seen.triangle_ids.numpy()[0]
    assert (ids == 0).sum() > 8 and (ids == 1).sum() > 8
    for row, column in np.argwhere(ids >= 0):
        a, b, c = points[TRIANGLES[ids[row, column]]].astype(float)
        normal = np.cross(b - a, c - a)
        ray = np.array([(column + 0.5) / width * 2 - 1, 1 - (row + 0.5) / height * 2, 1.0])
        expected = ray * (normal @ a) / (normal @ ray)
        np.testing.assert_allclose(found[row, column], expected, rtol=1e-5, atol=1e-6)


def test_zero_on_the_background_and_one_in_all_elsewhere(kernels):
    seen = rasterize(
        tf.constant(VERTICES[np.newaxis] * [0.5, 0.5, 1, 1]), TRIANGLES, 8, 8, kernels=kernels
    )
    sums = tf.reduce_sum(seen.barycentrics, -1).numpy()
    np.testing.assert_allclose(sums, seen.mask.numpy(), atol=1e-6)
    assert 0 < seen.mask.numpy().mean() < 1


def test_gradient_of_the_weights(kernels):
    height, width = 5, 6
    ids = rasterize(
        tf.constant(VERTICES[np.newaxis]), TRIANGLES, height, width, kernels=kernels
    ).triangle_ids
    pull = np.random.default_rng(0).normal(size=(1, height, width, 3)).astype(np.float32)

    def loss(vertices):
        return tf.reduce_sum(
            kernels_named(kernels).barycentrics(tf.constant(vertices), TRIANGLES, ids) * pull
        )

    clip = tf.constant(VERTICES[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(clip)
        value = loss(clip)
    numeric = numeric_gradient(loss, clip.numpy(), 2e-3)
    assert_gradient(tape.gradient(value, clip), numeric, 2e-3, 1e-3)


def test_interpolation_is_the_weighted_sum_in_value_and_gradient(kernels):
    rng = np.random.default_rng(1)
    clip = tf.constant(np.stack([VERTICES, VERTICES * 1.1 + [0.1, 0, 0, 0.2]]), tf.float32)
    ids = rasterize(clip, TRIANGLES, 6, 7, kernels=kernels).triangle_ids
    values = tf.constant(rng.normal(size=(2, 4, 5)), tf.float32)
    pull = tf.constant(rng.normal(size=(2, 6, 7, 5)), tf.float32)

    def plainly(values, clip):
        weights = kernels_named(kernels).barycentrics(clip, TRIANGLES, ids)
        corners = tf.gather(TRIANGLES, tf.maximum(ids, 0))
        gathered = tf.gather(values, corners, batch_dims=1)
        return tf.reduce_sum(gathered * weights[..., tf.newaxis], axis=3)

    results = []
    for function in (plainly, lambda v, c: interpolate(v, c, TRIANGLES, ids, kernels)):
        with tf.GradientTape() as tape:
            tape.watch([values, clip])
            pixels = function(values, clip)
            loss = tf.reduce_sum(pixels * pull)
        results.append([pixels, *tape.gradient(loss, [values, clip])])
    for expected, found in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
