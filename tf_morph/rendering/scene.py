"""What surrounds a face in its picture: pose, lights, colours, background; random or canonical."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from tf_morph.hairstyles import STYLE_WEIGHTS, STYLES, USUAL_STYLE, style_index
from tf_morph.rendering.backgrounds import random_background
from tf_morph.rendering.color import srgb_to_linear
from tf_morph.rendering.lights import blackbody_color


class Scene(NamedTuple):
    """B scenes; float32 but for the style, world frame (see docs/conventions.md).

    Attributes:
      yaw_pitch_roll: [B, 3] radians; positive: to the image's right, upwards, counter-clockwise.
      translation: [B, 3] mm, the face's displacement; z changes its size.
      light_positions: [B, 2, 3] mm.
      light_colors: [B, 2, 3] linear RGB, what a white surface at the face that faces the light
        shows.
      ambient: [B, 3] linear RGB, what a white surface shows without the lights.
      hair_style: [B] int32, indices into `hairstyles.STYLES`.
      hair_color, clothes_color: [B, 3] linear RGB albedo.
      background: [B, H, W, 3] linear RGB.
    """

    yaw_pitch_roll: tf.Tensor
    translation: tf.Tensor
    light_positions: tf.Tensor
    light_colors: tf.Tensor
    ambient: tf.Tensor
    hair_style: tf.Tensor
    hair_color: tf.Tensor
    clothes_color: tf.Tensor
    background: tf.Tensor


def default_distribution() -> dict:
    """The fields `sample_scene` reads, with values for portraits in press photographs (ours)."""
    return {
        # Standard deviations of normal distributions, cut at two of them.
        "yaw_degrees": 14.0,
        "pitch_degrees": 6.0,
        "roll_degrees": 3.0,
        "translation_mm": 3.0,  # sideways and up or down
        "translation_depth_mm": 20.0,
        # Uniform ranges. Exposure is what a white surface facing the camera shows in all.
        "exposure": (0.7, 1.1),
        "ambient_share": (0.3, 0.65),  # of the exposure
        "fill_share": (0.1, 0.45),  # of what is not ambient; the key light gives the rest
        "key_angle_degrees": (5.0, 65.0),  # between light and camera, seen from the origin
        "fill_angle_degrees": (10.0, 70.0),
        "light_distance_mm": (800.0, 2500.0),
        "temperature_kelvin": (4000.0, 6800.0),
        "background_contrast": (0.0, 0.15),  # of sRGB-coded values
        "hair_style_weights": dict(STYLE_WEIGHTS),  # how often each is drawn
    }


# Hair as it is found, sRGB-coded, black to fair and grey (ours); pairs are interpolated.
_HAIR = (
    (0.07, 0.06, 0.06),
    (0.13, 0.10, 0.08),
    (0.24, 0.17, 0.12),
    (0.36, 0.25, 0.16),
    (0.55, 0.42, 0.28),
    (0.55, 0.53, 0.51),
)
_HAIR_WEIGHTS = (0.25, 0.25, 0.2, 0.12, 0.08, 0.1)
_FRONTAL_LIGHTS_MM = ((-600.0, 500.0, 1300.0), (700.0, 200.0, 1300.0))
_FRONTAL_LIGHT_COLORS = (0.31, 0.21)
_FRONTAL_AMBIENT = 0.46
_FRONTAL_BACKGROUND = 0.5  # sRGB-coded, as the two below
_FRONTAL_HAIR = (0.16, 0.12, 0.10)
_FRONTAL_CLOTHES = (0.25, 0.27, 0.32)


def sample_scene(
    distribution: Mapping,
    batch: int | tf.Tensor,
    height: int,
    width: int,
    seed: tf.Tensor,
    rows: tf.Tensor | None = None,
) -> Scene:
    """Random scenes; the same seed gives the same scenes.

    Args:
      distribution: the fields of `default_distribution`.
      batch: how many, B.
      height, width: of the background, in pixels.
      seed: [2] int32, stateless.
      rows: [b] int32, of the B scenes the ones wanted; None: all. Backgrounds of others are not
        drawn.

    Returns:
      B scenes, or b.
    """
    seeds = iter([tf.random.experimental.stateless_fold_in(seed, i) for i in range(32)])
    style_seed = tf.random.experimental.stateless_fold_in(seed, 32)

    def normal(deviations):
        draws = tf.random.stateless_truncated_normal([batch, len(deviations)], next(seeds))
        return draws * tf.constant(deviations, tf.float32)

    def uniform(field):
        low, high = distribution[field]
        return tf.random.stateless_uniform([batch], next(seeds), low, high)

    degrees = [distribution[f"{angle}_degrees"] for angle in ("yaw", "pitch", "roll")]
    sideways, depth = distribution["translation_mm"], distribution["translation_depth_mm"]
    yaw_pitch_roll = normal([math.radians(angle) for angle in degrees])
    translation = normal([sideways, sideways, depth])
    exposure, ambient_share = uniform("exposure"), uniform("ambient_share")
    fill_share = uniform("fill_share")
    shares = tf.stack([1.0 - fill_share, fill_share], axis=1)
    angles = tf.stack([uniform("key_angle_degrees"), uniform("fill_angle_degrees")], axis=1)
    distances = tf.stack([uniform("light_distance_mm"), uniform("light_distance_mm")], axis=1)
    kelvin = tf.stack([uniform("temperature_kelvin") for _ in range(3)], axis=1)
    directions = _light_directions(angles * (math.pi / 180.0), next(seeds))
    strength = (exposure * (1.0 - ambient_share))[:, tf.newaxis] * shares
    colors = blackbody_color(kelvin)
    parameters = (
        yaw_pitch_roll,
        translation,
        directions * distances[:, :, tf.newaxis],
        (strength / _frontal_cosine(directions))[:, :, tf.newaxis] * colors[:, :2],
        (exposure * ambient_share)[:, tf.newaxis] * colors[:, 2],
        _random_styles(distribution["hair_style_weights"], batch, style_seed),
        _hair_colors(batch, next(seeds)),
        _clothes_colors(batch, next(seeds)),
    )
    if rows is not None:
        parameters = [tf.gather(values, rows) for values in parameters]
    seed_of_background, contrast = next(seeds), uniform("background_contrast")
    background = random_background(batch, height, width, seed_of_background, contrast, rows)
    return Scene(*parameters, background)


def frontal_scene(batch: int | tf.Tensor, height: int, width: int) -> Scene:
    """The evaluation's scene, `batch` times: frontal, softly lit, plain grey background."""

    def repeated(values):
        values = tf.constant(values, tf.float32)
        return tf.tile(values[tf.newaxis], tf.concat([[batch], tf.ones_like(values.shape)], 0))

    def coded(color):
        return srgb_to_linear(repeated(color))

    return Scene(
        repeated([0.0] * 3),
        repeated([0.0] * 3),
        repeated(_FRONTAL_LIGHTS_MM),
        repeated([[strength] * 3 for strength in _FRONTAL_LIGHT_COLORS]),
        repeated([_FRONTAL_AMBIENT] * 3),
        tf.fill([batch], style_index(USUAL_STYLE)),
        coded(_FRONTAL_HAIR),
        coded(_FRONTAL_CLOTHES),
        srgb_to_linear(tf.fill([batch, height, width, 3], _FRONTAL_BACKGROUND)),
    )


def _light_directions(angles: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Unit vectors [B, 2, 3] at `angles` [B, 2] radians from +Z, on opposite sides of the face.

    Light seldom comes from below, so what would is turned up.
    """
    side = tf.random.stateless_uniform([tf.shape(angles)[0]], seed, 0.0, 2.0 * math.pi)
    around = tf.stack([side, side + math.pi], axis=1)
    x, y = tf.cos(around), tf.maximum(tf.sin(around), 0.5 * tf.abs(tf.sin(around)))
    length = tf.maximum(tf.sqrt(x * x + y * y), 1e-3)
    return tf.stack(
        [tf.sin(angles) * x / length, tf.sin(angles) * y / length, tf.cos(angles)], axis=-1
    )


def _frontal_cosine(directions: tf.Tensor) -> tf.Tensor:
    """So that a light from the side exposes the face like one from the front, within reason."""
    return tf.maximum(directions[..., 2], 0.5)


def _random_styles(weights: Mapping[str, float], batch, seed: tf.Tensor) -> tf.Tensor:
    """Styles int32 [batch] as often as `weights` say, by name; names left out never.

    Args:
      weights: 0 or more each, one above 0; their sum does not matter.
      batch: how many.
      seed: [2] int32, stateless.
    """
    shares = tf.constant([[float(weights.get(name, 0.0)) for name in STYLES]])
    draws = tf.random.stateless_categorical(tf.math.log(shares), batch, seed, tf.int32)
    return draws[0]


def _hair_colors(batch, seed: tf.Tensor) -> tf.Tensor:
    seeds = [tf.random.experimental.stateless_fold_in(seed, i) for i in range(2)]
    weights = tf.math.log([_HAIR_WEIGHTS])
    kinds = tf.random.stateless_categorical(weights, batch, seeds[0])[0]
    shade = tf.random.stateless_uniform([batch, 1], seeds[1], 0.7, 1.3)
    return srgb_to_linear(tf.gather(tf.constant(_HAIR), kinds) * shade)


def _clothes_colors(batch, seed: tf.Tensor) -> tf.Tensor:
    """Greys, often dark or white, some with a hue."""
    seeds = [tf.random.experimental.stateless_fold_in(seed, i) for i in range(2)]
    grey = tf.random.stateless_uniform([batch, 1], seeds[0], 0.08, 0.85)
    tint = tf.random.stateless_normal([batch, 3], seeds[1], stddev=0.1)
    return srgb_to_linear(tf.clip_by_value(grey + tint, 0.03, 0.9))
