"""Soft silhouettes: what their gradient is worth, and that nothing else of the picture changes."""

import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import batched, face_mesh, face_renderer
from tf_morph.rendering import Renderer, frontal_scene, rasterize
from tf_morph.rendering.silhouette import soften_edges

HEIGHT, WIDTH = 32, 40
QUAD = np.array([[0, 1, 2], [0, 2, 3]])
FAN = np.array([[0, 1 + i, 1 + (i + 1) % 48] for i in range(48)])
DISC = np.array([[0, 0]] + [[np.cos(a), -np.sin(a)] for a in np.arange(48) * np.pi / 24])


def clip(places, distance=1.0):
    """Clip vertices [B, V, 4] of places [B, V, 2] in pixels at a distance."""
    places = tf.cast(places, tf.float32)
    x = (places[..., :1] / WIDTH * 2 - 1) * distance
    y = (1 - places[..., 1:] / HEIGHT * 2) * distance
    return tf.concat([x, y, 0 * x + 0.5 * distance - 0.5, 0 * x + distance], axis=-1)


def coverage(places, triangles, kernels):
    """Soft masks [B, H, W] of flat shapes."""
    vertices = clip(places)
    ids = rasterize(vertices, triangles, HEIGHT, WIDTH, kernels=kernels).triangle_ids
    colors = tf.cast(ids >= 0, tf.float32)[..., tf.newaxis]
    return soften_edges(colors, 0 * colors, vertices, triangles, ids, 0.1, kernels)[..., 0]


@pytest.mark.parametrize("tilt", [0.0, 0.3, -0.8])
def test_a_straight_edge_covers_as_much_more_as_it_sweeps_over(kernels, tilt):
    """Exactly: its height for each pixel to the right; and it hides the area it hid before."""
    middle = 19.3
    top, bottom = middle + tilt * (HEIGHT / 2 + 9), middle - tilt * (HEIGHT / 2 + 9)
    corners = np.array([[[-90, -9], [-90, HEIGHT + 9], [bottom, HEIGHT + 9], [top, -9]]])
    right = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(right)
        mask = coverage(corners + tf.stack([right, 0.0]), QUAD, kernels)
        area = tf.reduce_sum(mask)
    hard = rasterize(clip(corners), QUAD, HEIGHT, WIDTH, kernels=kernels).mask
    np.testing.assert_allclose(area, tf.reduce_sum(hard), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(area, right), HEIGHT, rtol=1e-4)


@pytest.mark.parametrize("change", ["right", "down", "larger"])
def test_the_gradient_along_a_path_adds_up_to_what_changed(kernels, change):
    """Of a disc's coverage, weighted by a wavy field, while it moves or grows by four pixels."""
    steps = np.linspace(-2, 2, 65, dtype=np.float32)[:, np.newaxis, np.newaxis]
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    field = (0.1 * x + 0.07 * y + np.sin(0.3 * x) * np.cos(0.3 * y)).astype(np.float32)
    radius, place = 9.7, np.array([19.2, 15.6])
    step = tf.constant(steps)
    with tf.GradientTape() as tape:
        tape.watch(step)
        zero = 0 * step
        moved = {
            "right": radius * DISC + place + tf.concat([step, zero], -1),
            "down": radius * DISC + place + tf.concat([zero, step], -1),
            "larger": (radius + step) * DISC + place,
        }[change]
        measure = tf.reduce_sum(field * coverage(moved, FAN, kernels), axis=(1, 2))
    slope = tape.gradient(measure, step).numpy().mean()
    assert abs(slope) > 10
    np.testing.assert_allclose(slope, (measure[-1] - measure[0]) / 4, rtol=0.08)


def black(renderer, faces, **changes):
    """Faces that reflect nothing, before a plain background."""
    dark = tf.zeros_like(faces)
    scene = frontal_scene(faces.shape[0], renderer.height, renderer.width)
    return renderer(faces, dark, scene._replace(**changes))


def pair(size, side=24, surround=False, kernels="cpu"):
    """The plain and the soft renderer of a face, and its vertices and colours."""
    plain, vertices, colors = face_renderer(size, side, surround)
    parts = plain.triangles, size, size, plain.framing, plain.surround
    plain, soft = (
        Renderer(*parts, kernels=kernels, soft_silhouette=chosen) for chosen in (False, True)
    )
    return plain, soft, vertices, colors


def test_place_and_size_are_recovered_from_a_flat_silhouette(kernels):
    plain, soft, vertices, _ = pair(48, 16, kernels=kernels)
    faces, unlit = batched(vertices), {"light_colors": tf.zeros([1, 2, 3])}

    def gradient_through(renderer):
        wanted = tf.constant([[14.0, -9.0, 0.0]])
        target = black(renderer, faces * 1.13, translation=wanted, **unlit).image

        @tf.function
        def gradient(parameters):
            """To the right and up, each by 10 mm, and larger, by a tenth."""
            with tf.GradientTape() as tape:
                tape.watch(parameters)
                move = tf.concat([10 * parameters[:2], [0.0]], 0)[tf.newaxis]
                scaled = faces * (1 + 0.1 * parameters[2])
                image = black(renderer, scaled, translation=move, **unlit).image
                loss = tf.reduce_mean((image - target) ** 2)
            return loss, tape.gradient(loss, parameters)

        return gradient

    parameters = tf.zeros(3)
    loss, slope = gradient_through(plain)(parameters)
    assert loss > 1e-3 and not np.any(slope)
    velocity, gradient = tf.zeros(3), gradient_through(soft)
    for step in range(80):
        _, slope = gradient(parameters)
        velocity = 0.7 * velocity + slope / tf.norm(slope)
        parameters -= 0.06 * 0.95**step * velocity
    np.testing.assert_allclose(parameters, [1.4, -0.9, 1.3], atol=0.12)  # a quarter of a pixel


def test_an_inner_edge_moves_with_the_surface_in_front(kernels):
    front = np.array([[14.0, 10], [14, 20], [25, 20], [25, 10]])
    behind = np.array([[-9.0, -9], [-9, 60], [60, 60], [60, -9]])
    triangles = np.concatenate([QUAD, QUAD + 4])
    vertices = tf.concat([clip(front[None], 2.0), clip(behind[None], 3.0)], axis=1)
    ids = rasterize(vertices, triangles, HEIGHT, WIDTH, kernels=kernels).triangle_ids
    colors = tf.cast(ids < 2, tf.float32)[..., tf.newaxis]  # white before black before red
    right = tf.range(WIDTH, dtype=tf.float32)[:, tf.newaxis]
    with tf.GradientTape() as tape:
        tape.watch(vertices)
        image = soften_edges(colors, colors + 9, vertices, triangles, ids, 0.4, kernels)
        loss = tf.reduce_sum(right * image)
    pull = tape.gradient(loss, vertices).numpy()[0]
    # A move of all corners in clip space by 2 w / WIDTH moves the square's 110 pixels by one.
    np.testing.assert_allclose(pull[:4, 0].sum() * 2 * 2.0 / WIDTH, 110, rtol=1e-4)
    assert not pull[4:].any()
    np.testing.assert_allclose(image[0, 15, 12:16, 0], [0, 1 / 8, 7 / 8, 1], atol=1e-6)
    flat = soften_edges(colors, colors + 9, vertices, triangles, ids, 0.6, kernels)
    np.testing.assert_array_equal(flat, colors)


def around(values, reduce):
    """Of each pixel and the eight around it, [B, H, W, C]."""
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = values.shape[1:3]
    moved = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    return reduce(moved, axis=0)


def test_only_pixels_at_edges_change_and_only_towards_their_neighbours(kernels):
    plain, soft, vertices, colors = pair(64, kernels=kernels)
    scene = frontal_scene(1, 64, 64)
    flat = batched(vertices * np.array([1, 1, 0.3], np.float32))  # no slope is taken for an edge
    sharp, softened = (draw(flat, batched(colors), scene) for draw in (plain, soft))
    mask, image = sharp.mask.numpy()[..., None], sharp.image.numpy()
    edge = (around(mask, np.max) != around(mask, np.min))[..., 0]
    soft_image = softened.image.numpy()
    changed = (soft_image != image).any(-1)
    assert changed.mean() > 0.02 and not (changed & ~edge).any()
    assert (soft_image >= around(image, np.min) - 1e-6).all()
    assert (soft_image <= around(image, np.max) + 1e-6).all()
    np.testing.assert_allclose(tf.reduce_sum(softened.mask), mask.sum(), rtol=0.01)


def test_the_background_shows_by_what_the_mask_leaves(kernels):
    _, soft, vertices, colors = pair(40, kernels=kernels)
    scene = frontal_scene(1, 40, 40)
    behind = tf.random.stateless_uniform(scene.background.shape, [1, 2])
    with tf.GradientTape() as tape:
        tape.watch(behind)
        drawn = soft(batched(vertices), batched(colors), scene._replace(background=behind))
        total = tf.reduce_sum(drawn.image)
    left = tf.repeat(1 - drawn.mask[..., tf.newaxis], 3, axis=-1)
    np.testing.assert_allclose(tape.gradient(total, behind), left, atol=1e-6)
    assert 0 < np.sum((left > 0) & (left < 1)) < 0.2 * np.size(left)


@pytest.mark.parametrize("wreck", ["point", "line", "behind", "inside_out", "huge"])
def test_gradients_are_finite_for_broken_faces(kernels, wreck):
    _, soft, vertices, colors = pair(16, 8, surround=wreck == "line", kernels=kernels)
    broken = {
        "point": vertices * 0,
        "line": vertices * np.array([1, 0, 0], np.float32),
        "behind": vertices + np.array([0, 0, 3000], np.float32),
        "inside_out": vertices * np.array([-1, 1, 1], np.float32),
        "huge": vertices * np.float32(8),
    }[wreck]
    faces, albedo = batched(broken), batched(colors)
    with tf.GradientTape() as tape:
        tape.watch([faces, albedo])
        drawn = soft(faces, albedo, frontal_scene(1, 16, 16))
        loss = tf.reduce_sum(drawn.image**2) + tf.reduce_sum(drawn.mask)
    for value in (*drawn, *tape.gradient(loss, [faces, albedo])):
        assert np.isfinite(value).all()
    if wreck in ("point", "behind"):
        assert not drawn.mask.numpy().any()


def test_the_picture_s_border_is_no_edge(kernels):
    _, soft, vertices, colors = pair(16, 8, kernels=kernels)
    near, albedo = batched(vertices * np.array([4, 4, 1], np.float32)), batched(colors)
    with tf.GradientTape() as tape:
        tape.watch(near)
        mask = soft(near, albedo, frontal_scene(1, 16, 16)).mask
    assert (mask.numpy() == 1).all() and not np.any(tape.gradient(mask, near))


def test_a_batch_of_unknown_size_is_drawn_as_each_alone(kernels):
    _, soft, _, colors = pair(24, 12, kernels=kernels)
    vertices = face_mesh(12)[0]
    spec = tf.TensorSpec([None, len(vertices), 3], tf.float32)

    @tf.function(input_signature=[spec])
    def gradient(faces):
        scene = frontal_scene(tf.shape(faces)[0], 24, 24)
        with tf.GradientTape() as tape:
            tape.watch(faces)
            drawn = soft(faces, batched(colors) + 0 * faces, scene)
            loss = tf.reduce_sum(drawn.mask)
        return drawn.image, tape.gradient(loss, faces)

    faces = batched(vertices, 3) * tf.constant([[[1.0]], [[1.05]], [[0.9]]])
    together = gradient(faces)
    assert np.abs(together[1]).max() > 0
    for index in range(3):
        alone = gradient(faces[index : index + 1])
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], all_of_them[index], atol=1e-5)
