"""Gradients of barycentrics, interpolation and shading: finite whatever is drawn, and right."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering import soups
from tests.rendering.naive import assert_gradient
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.interpolation import interpolate
from tf_morph.rendering.kernels import kernels_named
from tf_morph.rendering.rasterizer import rasterize
from tf_morph.rendering.shading import Light, Mesh, shade

# In an image of 7 x 7 pixels, whose middle one's centre is nought.
DEGENERATE = {
    "edge-on, above": [[-1, 0, 0, 1], [1, 0, 0, 1], [0, 1e-12, 0, 1]],
    "edge-on, below": [[-1, 0, 0, 1], [1, 0, 0, 1], [0, -1e-12, 0, 1]],
    "edge-on, aslant": [[-1, -1, 0, 1], [1, 1 + 2**-22, 0, 1], [0, -(2**-40), 0, 1]],
    "two corners at w = 0": [[0, 0.5, 0, 0.5], [-1, -2, 0, 0], [1, -2, 0, 0]],
    "a corner at the camera": [[-1, -1, 0, 1], [1, -1, 0, 1], [0.5, 1, 0, 0]],
    "a corner behind": [[-0.5, 0, 0, 1], [0.5, 0, 0, 1], [0, 0.5, 0, -1]],
    "tiny": [[-1e-6, -1e-6, 0, 1], [1e-6, -1e-6, 0, 1], [0, 1e-6, 0, 1]],
    "tiny and slim": [[-1e-6, 0, 0, 1], [1e-6, 0, 0, 1], [0, 1e-12, 0, 1]],
    "a corner in the middle": [[0, 0, 0, 1], [1e-3, 0, 0, 1], [0, 1e-3, 0, 1]],
    "huge": [[-1e6, -1e6, 0, 1], [1e6, -1e6, 0, 1], [0, 1e6, 0, 1]],
}
OWNS_NOTHING = {"edge-on, below", "tiny and slim"}  # whose edge is not its own; left out at all


def gradients_of(clip, triangles, ids, kernels):
    """Of sums of squares of weights, interpolated values and shades: values, then gradients."""
    rng = np.random.default_rng(0)
    count = clip.shape[0]
    clip = tf.constant(clip[np.newaxis])
    surface = [tf.constant(rng.normal(size=(1, count, 3)), tf.float32) for _ in range(3)]
    light = Light(tf.fill([1, 1, 3], 99.0), tf.ones([1, 1, 3]), tf.ones([1, 3]))
    background, gloss = tf.zeros([*ids.shape, 3]), np.ones(len(triangles))
    eye, pivot = np.array([0.0, 0, 600]), np.zeros(3)
    with tf.GradientTape() as tape:
        tape.watch([clip, *surface])
        drawn = [
            kernels_named(kernels).barycentrics(clip, triangles, ids),
            interpolate(surface[0], clip, triangles, ids, kernels),
            shade(
                Mesh(clip, *surface), triangles, ids, gloss, light, background, eye, pivot, kernels
            ),
        ]
        loss = tf.add_n([tf.reduce_sum(values**2) for values in drawn])
    return drawn, tape.gradient(loss, [clip, *surface])


@pytest.mark.parametrize("name", DEGENERATE)
def test_finite_at_degenerate_triangles(name, kernels):
    clip = np.array(DEGENERATE[name], np.float32)
    triangles = np.array([[0, 1, 2]], np.int32)
    ids = visible_triangles(tf.constant(clip[np.newaxis]), triangles, 7, 7, kernels=kernels)
    assert (ids.numpy() >= 0).any() == (name not in OWNS_NOTHING)
    values, gradients = gradients_of(clip, triangles, ids, kernels)
    for tensor in (*values, *gradients):
        assert np.isfinite(tensor).all()


@settings(soups.steady, max_examples=12)
@given(st.one_of(soups.general_meshes(), soups.snapped_meshes()))
def test_finite_and_alike_on_random_meshes(mesh):
    clip, triangles = mesh
    ids = visible_triangles(tf.constant(clip[np.newaxis]), triangles, 8, 8)
    drawn = [gradients_of(clip, triangles, ids, kernels) for kernels in ("cpu", "tensorflow")]
    for ours, theirs in zip(*[[*values, *gradients] for values, gradients in drawn], strict=True):
        assert np.isfinite(ours).all() and np.isfinite(theirs).all()
        size = max(np.abs(ours).max(), 1)  # sums of large terms may cancel
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * size)


def test_jacobians_of_interpolation(kernels):
    """Entry by entry, with a corner behind the camera."""
    clip = np.array(
        [[-1.2, -1.5, 0.1, 1.3], [4, -5.1, 0.7, 5.2], [0.4, 2.2, 0.3, -0.5], [-2, 1, -1.0, 2]],
        np.float32,
    )
    triangles = np.array([[0, 1, 2], [0, 1, 3]], np.int32)
    values = np.random.default_rng(0).normal(size=(1, 4, 2)).astype(np.float32)
    seen = rasterize(tf.constant(clip[np.newaxis]), triangles, 3, 4, kernels=kernels)
    ids = seen.triangle_ids
    assert {0, 1} <= set(ids.numpy().ravel())
    inputs = [tf.constant(values), tf.constant(clip[np.newaxis])]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        pixels = tf.unstack(tf.reshape(interpolate(*inputs, triangles, ids, kernels), [-1]))
    seldom = np.flatnonzero((ids.numpy() >= 0).repeat(2))[::3]
    analytic = [[tape.gradient(pixels[p], x).numpy().ravel() for p in seldom] for x in inputs]
    for which, step in ((0, 1e-1), (1, 1e-2)):

        def pixels_at(moved, which=which):
            changed = [tf.constant(moved) if i == which else x for i, x in enumerate(inputs)]
            drawn = interpolate(*changed, triangles, ids, kernels)
            return drawn.numpy().ravel()[seldom].astype(float)

        numeric = numeric_jacobian(pixels_at, inputs[which].numpy(), step)
        assert_gradient(analytic[which], numeric, 1e-3, 1e-2)


def numeric_jacobian(function, value, step):
    """Central differences of [P] by every entry of `value`: [P, entries]."""
    columns = []
    for entry in range(value.size):
        moved = np.stack([value.ravel()] * 2)
        moved[:, entry] += [step, -step]
        above, below = (function(point.reshape(value.shape)) for point in moved)
        columns.append((above - below) / float(moved[0, entry] - moved[1, entry]))
    return np.stack(columns, 1)
