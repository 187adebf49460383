import numpy as np
import tensorflow as tf

from tests.rendering.faces import FIVE_POINTS, batched, face_mesh, face_renderer
from tf_morph.hairstyles import style_index
from tf_morph.rendering import build_surround, frontal_scene
from tf_morph.rendering.camera import clip_coordinates, pose_vertices, project
from tf_morph.rendering.rasterizer import rasterize

SHORT = style_index("short")


def colored_scene(hair=(0.0, 0.0, 0.0), clothes=(0.0, 0.0, 0.0), count=1):
    scene = frontal_scene(count, 1, 1)
    return scene._replace(
        hair_color=tf.constant([hair] * count), clothes_color=tf.constant([clothes] * count)
    )


def seen_ids(renderer, vertices, yaw=0.0):
    around, _ = renderer.surround.attach(batched(vertices), batched(vertices), colored_scene())
    whole = tf.concat([batched(vertices), around], 1)
    pose = tf.constant([[yaw, 0.0, 0.0]])
    clip = clip_coordinates(
        renderer.framing, pose_vertices(renderer.framing, whole, pose, tf.zeros([1, 3])), 1.0
    )
    triangles = np.concatenate(
        [renderer.triangles, renderer.surround.triangles + np.int32(len(vertices))]
    )
    return rasterize(clip, triangles, renderer.height, renderer.width, True).triangle_ids.numpy()[0]


def test_it_frames_the_features_and_hides_none():
    renderer, vertices, _ = face_renderer(64, surround=True)
    ids = seen_ids(renderer, vertices)
    faces = len(renderer.triangles)
    for x, y in project(renderer.framing, FIVE_POINTS, 64):
        assert 0 <= ids[int(y), int(x)] < faces
    assert (ids[1, 28:36] >= faces).all(), "no hair above the forehead"
    assert ids[-1, 32] >= faces, "no neck or clothes below the chin"
    assert (ids[:, 0] == -1).any() and (ids[:, -1] == -1).any(), "nothing of the background is left"


def test_from_behind_the_head_is_closed():
    renderer, vertices, _ = face_renderer(64, surround=True)
    ids = seen_ids(renderer, vertices, np.pi)
    assert (ids[10:30, 26:38] >= len(renderer.triangles)).all()


def test_it_follows_the_faces_outline():
    vertices, triangles = face_mesh()
    surround = build_surround(vertices, triangles, FIVE_POINTS)
    wide = np.stack([vertices, vertices * np.array([1.15, 1.0, 1.0], np.float32)])
    around, _ = surround.attach(tf.constant(wide), tf.constant(wide), colored_scene(count=2))
    mean = surround.vertices[SHORT]
    np.testing.assert_allclose(around[0], mean, atol=1e-3)
    temples = (np.abs(mean[:, 0]) > 60) & (mean[:, 2] > 10) & (mean[:, 1] > 20)
    assert temples.sum() > 10
    growth = np.abs(around[1, :, 0].numpy()[temples]) - np.abs(mean[temples, 0])
    assert 5.0 < growth.mean() < 13.0


def test_colours_are_those_of_scene_and_skin():
    vertices, triangles = face_mesh()
    surround = build_surround(vertices, triangles, FIVE_POINTS)
    skin = tf.fill([1, len(vertices), 3], 0.31)
    scene = colored_scene(hair=(0.5, 0.0, 0.0), clothes=(0.0, 0.5, 0.0))
    _, albedo = surround.attach(batched(vertices), skin, scene)
    kinds = surround.palette_weights[SHORT] > 0
    albedo = albedo.numpy()[0]
    assert (albedo[kinds[:, 0], 0] > 0.05).all() and (albedo[kinds[:, 0], 1:] == 0).all()
    np.testing.assert_allclose(albedo[kinds[:, 1]][:, 1], 0.5, rtol=1e-5)
    np.testing.assert_allclose(albedo[kinds[:, 2]], 0.31, rtol=1e-5)


def test_it_passes_no_gradient_on_to_the_face():
    vertices, triangles = face_mesh()
    surround = build_surround(vertices, triangles, FIVE_POINTS)
    face, color, hair = batched(vertices), batched(vertices), tf.ones([1, 3])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([face, color, hair])
        scene = colored_scene()._replace(hair_color=hair, clothes_color=hair)
        around, albedo = surround.attach(face, color, scene)
        total = tf.reduce_sum(around) + tf.reduce_sum(albedo)
    assert tape.gradient(total, face) is None and tape.gradient(total, color) is None
    assert (tape.gradient(total, hair).numpy() > 0).all()


def test_its_scale_is_the_faces():
    vertices, triangles = face_mesh()
    surround = build_surround(vertices, triangles, FIVE_POINTS)
    double = build_surround(2 * vertices, triangles, 2 * FIVE_POINTS)
    assert len(double.triangles) == len(surround.triangles)
    np.testing.assert_allclose(double.vertices, 2 * surround.vertices, atol=1e-2)


def test_the_canonical_picture_is_the_same_every_time():
    renderer, vertices, colors = face_renderer(32, surround=True)
    first, second = (
        renderer(batched(vertices, n), batched(colors, n), frontal_scene(n, 32, 32)).image[0]
        for n in (1, 3)
    )
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_ears_are_added_only_where_the_face_has_none():
    vertices, triangles = face_mesh()
    plain = build_surround(vertices, triangles, FIVE_POINTS)
    # The same face with two knobs where ears are.
    beside = (np.abs(vertices[:, 0]) > 70) & (np.abs(vertices[:, 1]) < 25)
    knobs = vertices + np.where(beside, np.sign(vertices[:, 0]) * 20, 0)[:, np.newaxis] * [1, 0, 0]
    eared = build_surround(knobs.astype(np.float32), triangles, FIVE_POINTS)
    assert beside.sum() > 4
    skins = [one.palette_weights[SHORT, :, 2] > 0 for one in (plain, eared)]
    skin, skin_eared = (skin.sum() for skin in skins)
    assert skin_eared < skin
    ears = plain.vertices[SHORT][skins[0]][skin_eared:]
    assert (np.abs(ears[:, 0]) > 60).all() and np.abs(ears[:, 0].sum()) < 1e-2


def test_hair_may_take_the_colour_of_the_scalp():
    vertices, triangles = face_mesh()
    surround = build_surround(vertices, triangles, FIVE_POINTS, hair_from_scalp=True)
    scalp = surround.scalp.hair
    assert len(scalp) > 5 and vertices[scalp, 1].min() > 50
    colors = np.full((1, *vertices.shape), 0.3, np.float32)
    colors[:, scalp] = [0.2, 0.1, 0.05]
    albedo = tf.constant(colors)
    with tf.GradientTape() as tape:
        tape.watch(albedo)
        _, around = surround.attach(batched(vertices), albedo, colored_scene((1.0,) * 3))
        hair = surround.palette_weights[SHORT, :, 0]
        total = tf.reduce_sum(around[0] * (hair > 0).astype(np.float32)[:, np.newaxis])
    np.testing.assert_allclose(around.numpy()[0, hair > 0, 0], 0.2 * hair[hair > 0], rtol=1e-5)
    gradient = tape.gradient(total, albedo).numpy()[0]
    assert (gradient[scalp] > 0).all()
    assert np.count_nonzero(gradient.any(-1)) == len(scalp)
