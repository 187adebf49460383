"""Photographs in another light: too little, too much, from one side, of another colour."""

import numpy as np
import tensorflow as tf

from tf_morph.evaluation.stress.transformation import (
    LEFT_EYE,
    RIGHT_EYE,
    Setting,
    Transformation,
    from_light,
    to_light,
)
from tf_morph.rendering.lights import blackbody_color

_AMBIENT = 0.15  # of a side light: what reaches the far side
_FACE_WIDTH = 2.2  # of the eyes' distance
_RIM = 0.95  # of the half cylinder's radius; beyond, light is as at the rim
_DAYLIGHT_KELVIN = 6500.0


def _exposed(images: np.ndarray, stops: float, setting: Setting) -> np.ndarray:
    del setting
    return from_light(to_light(images) * 2.0**stops)


def _lit_from_the_side(images: np.ndarray, degrees: float, setting: Setting) -> np.ndarray:
    """As if the face were a half cylinder first lit from the camera, then from `degrees` beside it.

    The quotient of the two lights' shadings relights it (quotient image: Shashua and Riklin-Raviv,
    PAMI 2001, from memory). From which side is drawn for each photograph.
    """
    sides = [setting.generator(index).choice([-1.0, 1.0]) for index in range(len(images))]
    middle = setting.places[[RIGHT_EYE, LEFT_EYE], 0].mean()
    centers = (np.arange(images.shape[2]) + 0.5) / images.shape[2]
    across = (centers - middle) / (0.5 * _FACE_WIDTH * setting.eye_distance)
    across = np.clip(across, -_RIM, _RIM)
    towards, angle = np.sqrt(1.0 - across**2), np.deg2rad(degrees)
    facing = np.multiply.outer(np.sin(angle) * np.array(sides), across) + np.cos(angle) * towards
    shading = _AMBIENT + (1.0 - _AMBIENT) * np.maximum(facing, 0.0)
    quotient = shading / (_AMBIENT + (1.0 - _AMBIENT) * towards)
    return from_light(to_light(images) * quotient[:, None, :, None])


def _in_warm_light(images: np.ndarray, kelvin: float, setting: Setting) -> np.ndarray:
    del setting
    colors = blackbody_color(tf.constant([kelvin, _DAYLIGHT_KELVIN])).numpy()
    return from_light(to_light(images) * (colors[0] / colors[1]))


LIGHT = (
    Transformation(
        "underexposed", "too little light", "{} stops", (-1.0, -2.0, -3.0, -4.0), _exposed
    ),
    Transformation("overexposed", "too much light", "+{} stops", (0.5, 1.0, 1.75, 2.5), _exposed),
    Transformation(
        "side_light",
        "light from one side",
        "{} degrees",
        (30.0, 50.0, 70.0, 90.0),
        _lit_from_the_side,
    ),
    Transformation(
        "colour_cast",
        "warm light on film for daylight",
        "{} K",
        (4500.0, 3500.0, 2700.0, 2000.0),
        _in_warm_light,
    ),
)
