import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import FIVE_POINTS, TARGETS, face_colors, face_mesh
from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.regression.coarse_drawing import coarse_drawer
from tf_morph.regression.drawing import Drawer
from tf_morph.rendering import Renderer, build_surround, default_distribution, fit_framing

SIZE = 48


@pytest.fixture(scope="module")
def fine():
    """A face of 2,000 vertices that varies smoothly, with hair of its scalp's colour."""
    vertices, triangles = face_mesh(45)
    waves = np.sin(np.outer(vertices.ravel() / 40.0, np.arange(1, 5)))
    basis = np.linalg.qr(waves)[0]
    model = MorphableModel(
        LinearBasis(vertices, basis, np.full(4, 60.0)),
        LinearBasis(face_colors(vertices), basis, np.full(4, 3.0)),
        triangles,
        expression=LinearBasis(vertices / 50, np.zeros((vertices.size, 0)), np.zeros(0)),
    )
    surround = build_surround(vertices, triangles, FIVE_POINTS, hair_from_scalp=True)
    framing = fit_framing(FIVE_POINTS, TARGETS * SIZE, SIZE, 20.0)
    renderer = Renderer(triangles, SIZE, SIZE, framing, surround)
    return Drawer(model, renderer, default_distribution())


@pytest.fixture(scope="module")
def coarse(fine):
    return coarse_drawer(fine, 4000)


def coefficients(count):
    return [tf.random.stateless_normal([count, 4], [0, seed]) for seed in (1, 2)]


def test_about_as_many_triangles_as_asked_for(fine, coarse):
    def count(drawer):
        return len(drawer.renderer.triangles) + len(drawer.renderer.surround.triangles)

    assert count(fine) > 9000
    assert 3000 < count(coarse) < 4200
    assert len(coarse.model.triangles) == len(coarse.renderer.triangles)


def test_its_vertices_are_the_fine_mesh_s_own(fine, coarse):
    shape, texture = coefficients(3)
    places, colors = fine.model.vertices(shape).numpy(), fine.model.albedo(texture).numpy()
    fewer, fewer_colors = coarse.model.vertices(shape), coarse.model.albedo(texture)
    both = np.concatenate([places, colors], axis=2)
    where = {tuple(row): index for index, row in enumerate(both[0].round(3))}
    kept = [where[tuple(row)] for row in np.concatenate([fewer[0], fewer_colors[0]], 1).round(3)]
    np.testing.assert_allclose(fewer, places[:, kept], atol=1e-4)
    np.testing.assert_allclose(fewer_colors, colors[:, kept], atol=1e-5)


def test_what_hangs_on_the_face_hangs_on_the_same_places(fine, coarse):
    shape, texture = coefficients(2)
    scene = fine.random_scene(2, tf.constant([0, 7]))
    rows = []
    for drawer in (fine, coarse):
        face = drawer.model.vertices(shape), drawer.model.albedo(texture)
        around = drawer.renderer.surround.attach(*face, scene)
        rows.append({tuple(row) for row in np.concatenate(around, axis=2)[0].round(3)})
    assert rows[1] < rows[0]


def test_pictures_are_nearly_the_same(fine, coarse):
    shape, texture = coefficients(6)
    scene = fine.random_scene(6, tf.constant([0, 7]))
    expected, images = fine(shape, texture, scene), coarse(shape, texture, scene)
    difference = np.abs(images - expected)
    assert difference.mean() < 0.01
    plain = fine(0 * shape, 0 * texture, scene)
    assert difference.mean() < 0.2 * np.abs(plain - expected).mean()
    interior = difference[:, 20:36, 16:32]
    assert interior.mean() < 0.01


def test_gradients_point_the_same_way(fine, coarse):
    shape, texture = coefficients(4)
    scene = fine.random_scene(4, tf.constant([0, 7]))

    def gradient(drawer):
        with tf.GradientTape() as tape:
            tape.watch([shape, texture])
            blurred = tf.nn.avg_pool2d(drawer(shape, texture, scene), 4, 4, "VALID")
            total = tf.reduce_sum(blurred**2)
        return np.concatenate([g.numpy().ravel() for g in tape.gradient(total, [shape, texture])])

    first, second = gradient(fine), gradient(coarse)
    assert first @ second > 0.9 * np.linalg.norm(first) * np.linalg.norm(second)


def test_a_mesh_of_no_more_triangles_is_drawn_as_it_is(fine):
    assert coarse_drawer(fine, 20_000) is fine
