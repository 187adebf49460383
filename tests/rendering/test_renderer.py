"""The whole renderer: its numeric Jacobian, and what descent through it recovers."""

import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import batched, face_mesh, face_renderer
from tests.rendering.naive import assert_gradient
from tf_morph.rendering import Renderer, Scene, default_distribution, frontal_scene, sample_scene
from tf_morph.rendering.camera import clip_coordinates, pose_vertices
from tf_morph.rendering.coverage import visible_triangles

SIZE = 40


def setting(kernels, side=6):
    """A coarse face under random light, turned a little: all the renderer's inputs by name."""
    renderer, vertices, colors = face_renderer(SIZE, side, kernels=kernels)
    scene = sample_scene(default_distribution(), 1, SIZE, SIZE, tf.constant([7, 1]))
    inputs = {"vertices": batched(vertices), "albedo": batched(colors)} | scene._asdict()
    inputs["yaw_pitch_roll"] = tf.constant([[0.15, -0.1, 0.05]])
    return renderer, inputs


def draw(renderer, inputs):
    scene = Scene(**{name: inputs[name] for name in Scene._fields})
    return renderer(inputs["vertices"], inputs["albedo"], scene).image


def inner_pixels(renderer, inputs):
    """Pixels whose neighbours show the same triangle: none changes hands under small steps."""
    posed = pose_vertices(
        renderer.framing, inputs["vertices"], inputs["yaw_pitch_roll"], inputs["translation"]
    )
    clip = clip_coordinates(renderer.framing, posed, 1.0)
    ids = visible_triangles(clip, renderer.triangles, SIZE, SIZE, True).numpy()[0]
    inner = ids >= 0
    for axis in (0, 1):
        for shift in (1, -1):
            inner &= np.roll(ids, shift, axis) == ids
    assert inner.sum() > 100
    return inner[np.newaxis, ..., np.newaxis].astype(np.float32)


@pytest.mark.parametrize(
    "name, step",
    [
        ("vertices", 0.3),
        ("albedo", 1e-2),
        ("yaw_pitch_roll", 2e-3),
        ("translation", 0.2),
        ("light_positions", 5.0),
        ("light_colors", 1e-2),
        ("ambient", 1e-2),
    ],
)
def test_numeric_jacobian(name, step, kernels):
    """Of several random sums over the inner pixels, by every entry of each input."""
    renderer, inputs = setting(kernels)
    inner = inner_pixels(renderer, inputs)
    value = inputs[name]
    entries = int(tf.size(value))
    moves = step * tf.reshape(tf.eye(entries), [entries, *value.shape[1:]])
    # All the moved inputs are drawn as one batch.
    repeated = {key: tf.repeat(one, entries, axis=0) for key, one in inputs.items()}
    upper = draw(renderer, repeated | {name: value + moves})
    lower = draw(renderer, repeated | {name: value - moves})
    for seed in range(3):
        pull = np.random.default_rng(seed).normal(size=(1, SIZE, SIZE, 3)) * inner
        with tf.GradientTape() as tape:
            tape.watch(value)
            loss = tf.reduce_sum(draw(renderer, inputs | {name: value}) * pull.astype("f4"))
        analytic = tape.gradient(loss, value).numpy().ravel()
        difference = (upper.numpy().astype(float) - lower.numpy()) / (2 * step)
        numeric = (difference * pull).sum((1, 2, 3))
        assert_gradient(analytic, numeric, 1e-2 * np.abs(numeric).max(), 2e-2)


def test_a_pose_is_recovered_by_descent(kernels):
    renderer, vertices, colors = face_renderer(48, 32, kernels=kernels)
    scene = frontal_scene(1, 48, 48)
    faces, albedo = batched(vertices), batched(colors)
    wanted = np.array([[0.20, -0.12, 0.08]], np.float32)
    target = renderer(faces, albedo, scene._replace(yaw_pitch_roll=tf.constant(wanted)))
    pose = tf.Variable(tf.zeros([1, 3]))

    @tf.function
    def gradient():
        with tf.GradientTape() as tape:
            drawn = renderer(faces, albedo, scene._replace(yaw_pitch_roll=pose))
            both = (drawn.mask * target.mask)[..., tf.newaxis]
            loss = tf.reduce_sum(both * (drawn.image - target.image) ** 2) / tf.reduce_sum(both)
        return tape.gradient(loss, pose)

    velocity, second, rate = np.zeros((1, 3)), np.zeros((1, 3)), 0.015
    for step in range(1, 121):  # Adam
        slope = gradient().numpy()
        velocity = 0.8 * velocity + 0.2 * slope
        second = 0.95 * second + 0.05 * slope**2
        change = velocity / (1 - 0.8**step) / (np.sqrt(second / (1 - 0.95**step)) + 1e-9)
        pose.assign_sub((rate * 0.98**step * change).astype(np.float32))
    np.testing.assert_allclose(pose.numpy(), wanted, atol=np.radians(0.7))


def test_a_colour_is_recovered_by_descent(kernels):
    renderer, vertices, _ = face_renderer(32, kernels=kernels)
    scene = frontal_scene(1, 32, 32)
    wanted = np.array([0.45, 0.25, 0.15], np.float32)
    faces = batched(vertices)
    target = renderer(faces, wanted + tf.zeros_like(faces), scene).image
    color = tf.Variable([0.5, 0.5, 0.5])
    for _ in range(40):
        with tf.GradientTape() as tape:
            image = renderer(faces, color + tf.zeros_like(faces), scene).image
            loss = tf.reduce_mean((image - target) ** 2)
        color.assign_sub(3.0 * tape.gradient(loss, color))
    np.testing.assert_allclose(color.numpy(), wanted, atol=2e-3)


def test_batch_size_unknown_while_tracing(kernels):
    renderer, vertices, colors = face_renderer(24, 12, surround=True, kernels=kernels)
    spec = tf.TensorSpec([None, len(vertices), 3], tf.float32)

    @tf.function(input_signature=[spec, spec])
    def gradients(vertices, albedo):
        scene = sample_scene(
            default_distribution(), tf.shape(vertices)[0], 24, 24, tf.constant([1, 1])
        )
        with tf.GradientTape() as tape:
            tape.watch([vertices, albedo])
            rendering = renderer(vertices, albedo, scene)
            loss = tf.reduce_sum(rendering.image)
        return rendering.image, *tape.gradient(loss, [vertices, albedo])

    for batch in (1, 4):
        image, *found = gradients(batched(vertices, batch), batched(colors, batch))
        assert image.shape == (batch, 24, 24, 3)
        for gradient in found:
            assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


def test_pictures_of_a_batch_do_not_touch_one_another(kernels):
    renderer, vertices, colors = face_renderer(24, 12, surround=True, kernels=kernels)
    scene = sample_scene(default_distribution(), 3, 24, 24, tf.constant([2, 2]))
    stretched = batched(vertices, 3) * tf.constant([[[1.0]], [[1.05]], [[0.9]]])
    together = renderer(stretched, batched(colors, 3), scene).image
    for i in range(3):
        alone = renderer(
            stretched[i : i + 1], batched(colors), Scene(*(field[i : i + 1] for field in scene))
        )
        np.testing.assert_allclose(alone.image[0], together[i], atol=1e-5)


@pytest.mark.parametrize("wreck", ["point", "line", "behind", "inside_out", "huge"])
def test_gradients_are_finite_for_broken_faces(wreck, kernels):
    vertices, _ = face_mesh(8)
    renderer, _, colors = face_renderer(16, 8, surround=True, kernels=kernels)
    broken = {
        "point": vertices * 0,
        "line": vertices * np.array([1, 0, 0], np.float32),
        "behind": vertices + np.array([0, 0, 3000], np.float32),
        "inside_out": vertices * np.array([-1, 1, 1], np.float32),
        "huge": vertices * np.float32(30),
    }[wreck]
    faces, albedo, scene = batched(broken), batched(colors), frontal_scene(1, 16, 16)
    pose = tf.zeros([1, 3])
    with tf.GradientTape() as tape:
        tape.watch([faces, albedo, pose])
        image = renderer(faces, albedo, scene._replace(yaw_pitch_roll=pose)).image
        loss = tf.reduce_sum(image**2)
    for value in (image, *tape.gradient(loss, [faces, albedo, pose])):
        assert np.isfinite(value).all()


def test_any_size(kernels):
    vertices, triangles = face_mesh(8)
    framing = face_renderer(16, 8)[0].framing
    for height, width in ((1, 1), (7, 31), (40, 9)):
        image, mask = Renderer(triangles, height, width, framing, kernels=kernels)(
            batched(vertices), batched(np.abs(vertices) / 200), frontal_scene(1, height, width)
        )
        assert image.shape == (1, height, width, 3) and mask.shape == (1, height, width)
        assert mask.numpy()[0, height // 2, width // 2] == 1
