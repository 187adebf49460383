import numpy as np
import tensorflow as tf
from tensorflow_graphics.geometry.representation.mesh import normals as reference

from tests.rendering.faces import face_mesh
from tf_morph.rendering.normals import vertex_normals


def uneven_meshes():
    vertices, triangles = face_mesh(8)
    rng = np.random.default_rng(0)
    return (vertices + rng.normal(scale=3.0, size=(2, *vertices.shape))).astype("f4"), triangles


def test_values_and_gradients_are_those_of_tensorflow_graphics(kernels):
    vertices, triangles = uneven_meshes()
    pull = np.random.default_rng(1).normal(size=vertices.shape).astype(np.float32)
    results = []
    # What the reference calls clockwise is counter-clockwise seen from where the normal points.
    for function in (
        lambda v: vertex_normals(v, triangles, kernels),
        lambda v: reference.vertex_normals(v, np.repeat(triangles[np.newaxis], 2, 0), True),
    ):
        points = tf.constant(vertices)
        with tf.GradientTape() as tape:
            tape.watch(points)
            normals = function(points)
            loss = tf.reduce_sum(normals * pull)
        results.append((normals, tape.gradient(loss, points)))
    np.testing.assert_allclose(results[0][0], results[1][0], atol=1e-5)
    np.testing.assert_allclose(results[0][1], results[1][1], atol=1e-4, rtol=1e-3)


def test_they_point_outwards(kernels):
    vertices, triangles = face_mesh()
    normals = vertex_normals(tf.constant(vertices[np.newaxis]), triangles, kernels).numpy()[0]
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-5)
    assert (normals * (vertices - [0, 15, 0])).sum(1).min() > 0


def test_no_direction_gives_zero_and_zero_gradient(kernels):
    """A triangle without area, a vertex without a triangle, two triangles back to back."""
    vertices = tf.constant(
        [[[0, 0, 0], [1, 1, 1], [2, 2, 2], [5, 5, 5], [0, 0, 9], [1, 0, 9], [0, 1, 9]]], tf.float32
    )
    triangles = np.array([[0, 1, 2], [0, 0, 0], [4, 5, 6], [4, 6, 5]], np.int32)
    with tf.GradientTape() as tape:
        tape.watch(vertices)
        normals = vertex_normals(vertices, triangles, kernels)
        loss = tf.reduce_sum(normals * normals[:, ::-1] + normals)
    np.testing.assert_array_equal(normals, np.zeros_like(vertices))
    np.testing.assert_array_equal(tape.gradient(loss, vertices), np.zeros_like(vertices))


def test_no_meshes_at_all(kernels):
    _, triangles = uneven_meshes()
    vertices = tf.zeros([0, int(triangles.max()) + 1, 3])
    with tf.GradientTape() as tape:
        tape.watch(vertices)
        normals = vertex_normals(vertices, triangles, kernels)
    assert normals.shape == vertices.shape
    assert tape.gradient(normals, vertices).shape == vertices.shape
