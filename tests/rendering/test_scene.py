import ml_collections
import numpy as np
import pytest
import tensorflow as tf

from tests.rendering.faces import batched, face_renderer
from tf_morph.hairstyles import STYLES
from tf_morph.rendering import linear_to_srgb
from tf_morph.rendering.scene import default_distribution, frontal_scene, sample_scene


def sampled(seed=(3, 4), batch=256, **changes):
    return sample_scene(default_distribution() | changes, batch, 6, 8, tf.constant(seed))


def test_the_same_seed_gives_the_same_scenes_and_another_gives_others():
    first, again, other = sampled(), sampled(), sampled(seed=(3, 5))
    for name in first._fields:
        a, b, c = (getattr(scene, name).numpy() for scene in (first, again, other))
        np.testing.assert_array_equal(a, b)
        assert np.isfinite(a).all()
        assert (a != c).any(), name


def test_shapes_with_a_batch_size_known_only_later():
    traced = tf.function(
        lambda batch, seed: sample_scene(default_distribution(), batch, 6, 8, seed),
        input_signature=[tf.TensorSpec([], tf.int32), tf.TensorSpec([2], tf.int32)],
    )
    scene = traced(5, (1, 2))
    for expected, found in zip(sampled((1, 2), 5), scene, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert scene.light_positions.shape == (5, 2, 3)
    assert scene.background.shape == (5, 6, 8, 3)


def test_angles_and_places_follow_the_distribution():
    scene = sampled(batch=4000, yaw_degrees=20.0, roll_degrees=0.0, translation_mm=5.0)
    yaw, _, roll = np.degrees(scene.yaw_pitch_roll.numpy()).T
    assert abs(yaw.mean()) < 1.5 and np.abs(yaw).max() <= 40.001
    # A normal distribution cut at two standard deviations has 0.88 of its own.
    np.testing.assert_allclose(yaw.std(), 0.88 * 20.0, rtol=0.05)
    assert (roll == 0).all()
    np.testing.assert_allclose(scene.translation.numpy()[:, :2].std(), 0.88 * 5.0, rtol=0.05)


def test_lights_stand_in_front_and_far_enough():
    scene = sampled(light_distance_mm=(900.0, 1000.0), key_angle_degrees=(0.0, 80.0))
    lights = scene.light_positions.numpy()
    distances = np.linalg.norm(lights, axis=-1)
    assert distances.min() > 899 and distances.max() < 1001
    assert lights[..., 2].min() > 0
    assert (scene.light_colors.numpy() >= 0).all()
    # From opposite sides, mostly from above.
    assert np.corrcoef(lights[:, 0, 0], lights[:, 1, 0])[0, 1] < -0.5


def test_colours_are_colours():
    scene = sampled()
    for colors in (scene.hair_color, scene.clothes_color, scene.background):
        assert colors.numpy().min() >= 0 and colors.numpy().max() <= 1
    assert sampled(background_contrast=(0.0, 0.0)).background.numpy().std((1, 2)).max() < 1e-6
    assert sampled(background_contrast=(0.2, 0.2)).background.numpy().std((1, 2)).mean() > 0.05


def test_a_config_dict_is_a_distribution():
    config = ml_collections.ConfigDict(default_distribution())
    scene = sample_scene(config, 4, 6, 8, tf.constant([3, 4]))
    np.testing.assert_array_equal(scene.ambient, sampled(batch=4).ambient)


@pytest.mark.parametrize("kind", ["random", "frontal"])
def test_faces_are_exposed_as_in_photographs(kind):
    renderer, vertices, colors = face_renderer(32)
    batch = 48
    scene = frontal_scene(batch, 32, 32)
    if kind == "random":
        scene = sample_scene(default_distribution(), batch, 32, 32, tf.constant([0, 0]))
    image, mask = renderer(batched(vertices, batch), batched(colors, batch), scene)
    shown = linear_to_srgb(image).numpy()
    medians = [np.median(one[seen > 0].mean(-1)) for one, seen in zip(shown, mask, strict=True)]
    assert 0.45 < np.median(medians) < 0.68
    assert 0.25 < min(medians) and max(medians) < 0.85


def test_hairstyles_are_drawn_as_often_as_their_weights_say():
    weights = {"long": 3.0, "bald": 1.0, "short": 0.0}
    styles = sampled(batch=4000, hair_style_weights=weights).hair_style.numpy()
    shares = np.bincount(styles, minlength=len(STYLES)) / 4000
    np.testing.assert_allclose(shares[STYLES.index("long")], 0.75, atol=0.03)
    np.testing.assert_allclose(shares[STYLES.index("bald")], 0.25, atol=0.03)
    assert shares.sum() == shares[STYLES.index("long")] + shares[STYLES.index("bald")]
    usual = sampled(batch=4000).hair_style.numpy()
    assert len(np.unique(usual)) == len(STYLES)
    assert (frontal_scene(3, 4, 4).hair_style.numpy() == STYLES.index("short")).all()
