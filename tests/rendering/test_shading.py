import numpy as np
import pytest
import tensorflow as tf
from tensorflow_graphics.rendering.reflectance import lambertian, phong

from tests.rendering.naive import assert_gradient, numeric_gradient
from tf_morph.rendering.reflection import SHININESS, SPECULAR
from tf_morph.rendering.shading import Light, Mesh, shade

EYE = np.array([0.0, 0.0, 600.0])
PIVOT = np.array([0.0, 0.0, 60.0])
GLOSS = np.array([1.0, 0.3, 0.0, 2.0])


def scene(seed=0, batch=2, height=2, width=3):
    rng = np.random.default_rng(seed)
    size = (batch, height, width)
    surface = np.concatenate(
        [
            rng.normal(scale=40, size=(*size, 3)),
            rng.normal(scale=0.25, size=(*size, 3)) + [0, 0, 1.5],
            rng.uniform(0.1, 0.8, (*size, 3)),
        ],
        axis=-1,
    )
    lights = rng.normal(scale=300, size=(batch, 2, 3)) + [0, 0, 900]
    colors = rng.uniform(0.1, 0.8, (batch, 2, 3))
    ambient = rng.uniform(0.1, 0.5, (batch, 3))
    background = rng.uniform(size=(*size, 3))
    values = [surface, lights, colors, ambient, background]
    ids = np.repeat(rng.integers(0, len(GLOSS), (1, height, width), np.int32), batch, axis=0)
    ids[:, 0, 0] = -1
    return [tf.constant(value, tf.float32) for value in values], tf.constant(ids)


def shaded(inputs, ids, kernels, gloss=GLOSS):
    """The picture of a mesh that has just the surface wanted in each pixel."""
    surface, lights, colors, ambient, background = inputs
    return shade(
        *one_triangle_a_pixel(surface, ids, gloss),
        Light(lights, colors, ambient),
        background,
        EYE,
        PIVOT,
        kernels,
    )


def one_triangle_a_pixel(surface, ids, gloss):
    """Each pixel's own triangle fills the picture and is alike in all its corners.

    Gives mesh, triangles, ids and gloss; the gloss of a pixel is that of its triangle in `ids`.
    """
    batch, pixels = ids.shape[0], ids.shape[1] * ids.shape[2]
    everywhere = tf.constant([[-1.0, -1, 0, 1], [3, -1, 0, 1], [-1, 3, 0, 1]])
    clip = tf.tile(everywhere[tf.newaxis], [batch, pixels, 1])
    corners = tf.repeat(tf.reshape(surface, [batch, pixels, 9]), 3, axis=1)
    own = np.arange(pixels, dtype=np.int32).reshape(ids.shape[1:])
    return (
        Mesh(clip, *tf.split(corners, 3, axis=-1)),
        np.arange(3 * pixels, dtype=np.int32).reshape(-1, 3),
        tf.where(ids >= 0, own, -1),
        np.asarray(gloss)[np.maximum(ids[0], 0)].ravel(),
    )


def test_values_are_those_of_tensorflow_graphics(kernels):
    (surface, lights, colors, ambient, background), ids = scene()
    position, albedo, gloss = (
        surface[..., :3],
        surface[..., 6:],
        tf.gather(GLOSS.astype("f4"), tf.maximum(ids, 0))[..., None],
    )
    normal = tf.math.l2_normalize(surface[..., 3:6], -1)
    outgoing = tf.math.l2_normalize(EYE.astype("f4") - position, -1)
    expected = albedo * ambient[:, None, None]
    for light in range(2):
        place = lights[:, light][:, None, None]
        towards = place - position
        incoming = tf.math.l2_normalize(towards, -1)
        reflectance = lambertian.brdf(-incoming, outgoing, normal, albedo) + phong.brdf(
            -incoming,
            outgoing,
            normal,
            tf.fill(gloss.shape, float(SHININESS)),
            SPECULAR * gloss * tf.ones([3]),
        )
        reference = tf.reduce_sum((place - PIVOT.astype("f4")) ** 2, -1, keepdims=True)
        arriving = reference / tf.reduce_sum(towards**2, -1, keepdims=True)
        cosine = tf.nn.relu(tf.reduce_sum(normal * incoming, -1, keepdims=True))
        # Light colours are what a white surface shows, radiance is a pi-th of it.
        expected += np.pi * reflectance * arriving * cosine * colors[:, light][:, None, None]
    expected = tf.where((ids < 0)[..., None], background, expected)
    found = shaded([surface, lights, colors, ambient, background], ids, kernels)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("which, step", [(0, 1e-2), (1, 2.0), (2, 1e-2), (3, 1e-2), (4, 1e-2)])
def test_gradient(which, step, kernels):
    inputs, ids = scene(seed=1)
    pull = np.random.default_rng(2).normal(size=(2, 2, 3, 3)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(shaded(inputs, ids, kernels) * pull)
    analytic = tape.gradient(loss, inputs)[which]

    def moved(value):
        others = [tf.constant(value) if i == which else x for i, x in enumerate(inputs)]
        return tf.reduce_sum(shaded(others, ids, kernels) * pull)

    numeric = numeric_gradient(moved, inputs[which], step)
    assert_gradient(analytic, numeric, 1e-4 if which != 1 else 2e-6, 2e-2)


def test_light_from_behind_gives_neither_light_nor_gradient(kernels):
    (surface, lights, colors, ambient, background), ids = scene()
    lights = lights * [1.0, 1.0, -1.0]
    with tf.GradientTape() as tape:
        tape.watch([lights, colors])
        image = shaded([surface, lights, colors, ambient, background], ids, kernels)
        loss = tf.reduce_sum(image)
    expected = tf.where((ids < 0)[..., None], background, surface[..., 6:] * ambient[:, None, None])
    np.testing.assert_allclose(image, expected, rtol=1e-5)
    for gradient in tape.gradient(loss, [lights, colors]):
        np.testing.assert_array_equal(gradient, np.zeros_like(gradient))


def test_a_highlight_lies_where_light_is_mirrored_into_the_eye(kernels):
    positions = np.zeros((1, 1, 201, 3), np.float32)
    positions[..., 0] = np.linspace(-300, 300, 201)
    normals = np.broadcast_to([0, 0, 1], positions.shape)
    black = np.zeros_like(positions)
    surface = np.concatenate([positions, normals, black], -1)
    light = np.array([[[300.0, 0.0, 600.0]]])
    inputs = [
        tf.constant(surface, tf.float32),
        tf.constant(light, tf.float32),
        tf.ones([1, 1, 3]),
        tf.zeros([1, 3]),
        tf.zeros([1, 1, 201, 3]),
    ]
    image = shaded(inputs, tf.zeros([1, 1, 201], tf.int32), kernels, np.ones(1)).numpy()
    # Half way between eye and light, a little towards the light, which is brighter there.
    assert abs(positions[0, 0, image[0, 0, :, 0].argmax(), 0] - 150) < 40
    assert image.max() > 0.1


def test_finite_where_nothing_has_a_direction(kernels):
    """No normal, and a light and an eye in the surface itself."""
    surface = tf.zeros([1, 1, 2, 9]) + tf.constant([[0.0] * 9, [*EYE, 0, 0, 1, 0.5, 0.5, 0.5]])
    inputs = [
        surface,
        tf.zeros([1, 2, 3]),
        tf.ones([1, 2, 3]),
        tf.ones([1, 3]),
        tf.ones([1, 1, 2, 3]),
    ]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        image = shaded(inputs, tf.zeros([1, 1, 2], tf.int32), kernels)
        loss = tf.reduce_sum(image)
    for value in (image, *tape.gradient(loss, inputs)):
        assert np.isfinite(value).all()
