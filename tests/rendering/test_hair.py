"""Hairstyles: where each has hair and where none, and that a face stays free."""

import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import FIVE_POINTS, batched, whole_head
from tf_morph.errors import InputError
from tf_morph.hairstyles import STYLES, style_index
from tf_morph.rendering import Renderer, build_surround, fit_framing, frontal_scene
from tf_morph.rendering.hairline import hairline_depth
from tf_morph.rendering.surround import HAIR
from tf_morph.rendering.surround_shapes import measure_head

SIZE = 96
SKIN, PAINT = np.float32([0.5, 0.3, 0.2]), np.float32([0.1, 0.06, 0.03])
HAIRY = ("short", "curly", "chin_length", "long")
TARGETS = np.array([[0.42, 0.45], [0.58, 0.45], [0.5, 0.53], [0.43, 0.61], [0.57, 0.61]])


@pytest.fixture(scope="module")
def vertices():
    return whole_head()[0]


@pytest.fixture(scope="module")
def depth(vertices):
    return hairline_depth(measure_head(FIVE_POINTS), vertices)


@pytest.fixture(scope="module")
def painted(depth):
    return np.where(depth[:, None] > 0, PAINT, SKIN)


@pytest.fixture(scope="module")
def renderer():
    vertices, triangles = whole_head()
    framing = fit_framing(FIVE_POINTS, TARGETS * SIZE, SIZE, 20.0)
    surround = build_surround(vertices, triangles, FIVE_POINTS, hair_from_scalp=True)
    return Renderer(triangles, SIZE, SIZE, framing, surround)


def scene_of(styles, yaw=0.0):
    scene = frontal_scene(len(styles), SIZE, SIZE)
    pose = tf.constant([[yaw, 0.0, 0.0]] * len(styles))
    styles = tf.constant([style_index(style) for style in styles])
    return scene._replace(hair_style=styles, yaw_pitch_roll=pose)


def seen(renderer, vertices, style, yaw=0.0):
    """[SIZE, SIZE] names' first letters: the face mesh's triangle, hair, other, background."""
    ids = renderer.visible_triangles(batched(vertices), scene_of([style], yaw)).numpy()[0]
    around = renderer.surround
    material = around.palette_weights.max(0).argmax(-1)[around.triangles[:, 0]]
    kinds = np.array(
        ["f"] * len(renderer.triangles) + ["h" if m == HAIR else "o" for m in material]
    )
    return np.where(ids < 0, "b", kinds[ids])


@pytest.mark.parametrize("style", STYLES)
def test_each_style_has_hair_where_it_should(renderer, vertices, style):
    bare = Renderer(renderer.triangles, SIZE, SIZE, renderer.framing)
    mesh = bare.visible_triangles(batched(vertices), scene_of([style], np.pi)).numpy()[0] >= 0
    back, front = seen(renderer, vertices, style, np.pi), seen(renderer, vertices, style)
    head = mesh & (np.arange(SIZE)[:, None] < 0.4 * SIZE)
    if style in ("bald", "shaved"):
        assert not (back == "h").any() and not (front == "h").any()
    else:
        assert (back[head] == "h").mean() > 0.995
    rows = np.flatnonzero(front[:, SIZE // 2] == "f")
    forehead = rows.min()  # the uppermost row where the face is seen
    assert forehead < (0.31 if style in ("bald", "shaved", "receding") else 0.38) * SIZE
    assert (front[forehead - 2, SIZE // 2] == "h") == (style not in ("bald", "shaved"))


def test_long_hair_hangs_lower(renderer, vertices):
    lowest = [np.flatnonzero((seen(renderer, vertices, s, np.pi) == "h").any(1)).max()
              for s in ("short", "chin_length", "long")]  # fmt: skip
    assert lowest[0] + 8 < lowest[1] and lowest[1] + 8 < lowest[2]


@pytest.mark.parametrize("yaw", [-30.0, -15.0, 0.0, 15.0, 30.0])
@pytest.mark.parametrize("style", STYLES)
def test_eyes_nose_and_mouth_stay_free(renderer, vertices, style, yaw):
    bare = Renderer(renderer.triangles, SIZE, SIZE, renderer.framing)
    scene = scene_of([style], float(np.radians(yaw)))
    alone = bare.visible_triangles(batched(vertices), scene).numpy()[0]
    whole = renderer.visible_triangles(batched(vertices), scene).numpy()[0]
    middles = vertices[renderer.triangles].mean(axis=1)
    flat = np.linalg.norm((middles[:, None] - FIVE_POINTS)[..., :2], axis=-1).min(axis=1)
    features = (flat < 14.0) & (middles[:, 2] > 30.0)
    at = (alone >= 0) & features[alone]
    assert at.sum() > 60
    np.testing.assert_array_equal(whole[at], alone[at])


@pytest.mark.parametrize("wider", [(1.12, 1.0, 1.0), (1.0, 1.0, 1.08), (0.92, 1.06, 0.95)])
@pytest.mark.parametrize("style", ["short", "curly", "chin_length", "long"])
def test_no_skin_comes_through_on_other_heads(renderer, vertices, depth, style, wider):
    own = vertices * np.float32(wider)
    bare = Renderer(renderer.triangles, SIZE, SIZE, renderer.framing)
    scene = scene_of([style], np.pi)
    alone = bare.visible_triangles(batched(own), scene).numpy()[0]
    deep = (alone >= 0) & (depth[renderer.triangles].min(axis=1) > 12.0)[alone]
    assert (seen(renderer, own, style, np.pi)[deep] == "h").mean() > 0.995


def test_a_batch_may_have_every_style(renderer, vertices, painted):
    together = renderer(
        batched(vertices, len(STYLES)), batched(painted, len(STYLES)), scene_of(STYLES)
    )
    for row, style in enumerate(STYLES):
        alone = renderer(batched(vertices), batched(painted), scene_of([style])).image
        np.testing.assert_allclose(together.image[row], alone[0], atol=1e-5)


def test_a_bald_head_has_the_skin_of_the_forehead(renderer, painted, depth):
    def shown(style):
        scalp = renderer.surround.scalp
        return scalp.repaint(batched(painted), tf.constant([style_index(style)])).numpy()[0]

    np.testing.assert_allclose(shown("bald"), np.broadcast_to(SKIN, painted.shape), atol=1e-6)
    for style in ("shaved", *HAIRY):
        np.testing.assert_array_equal(shown(style), painted)
    receding = shown("receding")
    changed = (receding != painted).any(axis=1)
    assert 20 < changed.sum() < 0.5 * (depth > 0).sum()
    np.testing.assert_allclose(receding[depth > 90.0], painted[depth > 90.0])


def test_hair_has_the_scalps_colour_and_hands_its_gradient_on(renderer, vertices, painted, depth):
    albedo = batched(painted)
    with tf.GradientTape() as tape:
        tape.watch(albedo)
        _, around = renderer.surround.attach(batched(vertices), albedo, scene_of(["long"]))
        hair = renderer.surround.palette_weights[style_index("long"), :, HAIR]
        total = tf.reduce_sum(around[0] * hair[:, None])
    np.testing.assert_allclose(around[0].numpy()[hair > 0] / hair[hair > 0, None], PAINT[None]
                               + 0 * around[0].numpy()[hair > 0], rtol=1e-4)  # fmt: skip
    gradient = tape.gradient(total, albedo).numpy()[0].any(axis=-1)
    assert gradient.sum() > 50 and depth[gradient].min() > 0


def test_a_mesh_without_a_scalp_is_covered_by_every_style(vertices):
    triangles = whole_head()[1]
    front = triangles[(vertices[triangles][..., 2] > 10.0).all(axis=1)]
    surround = build_surround(vertices, front, FIVE_POINTS, hair_from_scalp=True)
    for style in STYLES:
        assert surround.is_drawn(style), style


def test_unknown_styles_are_refused():
    with pytest.raises(InputError, match=r"mohawk.*bald, shaved, short"):
        style_index("mohawk")
