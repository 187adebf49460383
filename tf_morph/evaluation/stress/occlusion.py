"""Something flat before the face: bars, dark glasses, a mask over the mouth, a hidden corner."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tf_morph.evaluation.stress.transformation import (
    LEFT_EYE,
    LEFT_MOUTH,
    RIGHT_EYE,
    RIGHT_MOUTH,
    Setting,
    Transformation,
)

_FINENESS = 8  # a mask's pixels to a picture's, for smooth edges
_BLACK, _GREY, _CLOTH = (12, 12, 14), (128, 128, 128), (150, 180, 195)  # sRGB-coded
_BARS = 5


def _barred(images: np.ndarray, percent: float, setting: Setting) -> np.ndarray:
    """Level black bars that hide so much of the picture."""
    del setting

    def draw(pen, side):
        step = side / _BARS
        for bar in range(_BARS):
            top = (bar + 0.5) * step - 0.005 * percent * step
            pen.rectangle((0, top, side, top + 0.01 * percent * step - 1), fill=255)

    return _covered(images, _mask(images.shape[1], draw), _BLACK)


def _behind_dark_glasses(images: np.ndarray, percent: float, setting: Setting) -> np.ndarray:
    """Lenses that let through all but so much."""
    eyes, distance = setting.places[[RIGHT_EYE, LEFT_EYE]], setting.eye_distance
    half = np.array([0.4, 0.3]) * distance

    def draw(pen, side):
        for eye in eyes:
            centre = eye + [0.0, 0.08 * distance]
            pen.ellipse(tuple(np.concatenate([centre - half, centre + half]) * side), fill=255)
        ends = [eyes[0] - [0.9 * distance, 0.0], eyes[1] + [0.9 * distance, 0.0]]
        pen.line([tuple(end * side) for end in ends], fill=255, width=round(0.07 * distance * side))

    return _covered(images, 0.01 * percent * _mask(images.shape[1], draw), _BLACK)


def _masked(images: np.ndarray, share: float, setting: Setting) -> np.ndarray:
    """A cloth from below the chin up to so much of the way from the mouth to the eyes."""
    eyes, mouth = setting.places[[RIGHT_EYE, LEFT_EYE]], setting.places[[RIGHT_MOUTH, LEFT_MOUTH]]
    distance, (middle, bottom) = setting.eye_distance, mouth.mean(axis=0)
    top = bottom + share * (eyes[:, 1].mean() - bottom)
    chin = bottom + distance
    halves = (
        (0.0, top),
        (0.95, top + 0.15 * distance),
        (0.85, 0.3 * top + 0.7 * chin),
        (0.4, chin),
    )
    right = [(middle + x * distance, y) for x, y in halves]
    left = [(middle - x * distance, y) for x, y in reversed(halves)]

    def draw(pen, side):
        pen.polygon([(x * side, y * side) for x, y in right + left], fill=255)

    return _covered(images, _mask(images.shape[1], draw), _CLOTH)


def _corner_hidden(images: np.ndarray, percent: float, setting: Setting) -> np.ndarray:
    """A grey square of so much of the picture in a corner drawn for each photograph."""
    size = images.shape[1]
    side = round(np.sqrt(0.01 * percent) * size)
    hidden = images.copy()
    for index in range(len(images)):
        bottom, right = setting.generator(index).integers(2, size=2) * (size - side)
        hidden[index, bottom : bottom + side, right : right + side] = _GREY
    return hidden


def _mask(size: int, draw: Callable[[ImageDraw.ImageDraw, int], None]) -> np.ndarray:
    """Coverage [size, size] in [0, 1] of what `draw(pen, side)` paints."""
    canvas = Image.new("L", (size * _FINENESS,) * 2)
    draw(ImageDraw.Draw(canvas), canvas.width)
    return np.asarray(canvas.reduce(_FINENESS), np.float32) / 255.0


def _covered(images: np.ndarray, coverage: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    shown = images + coverage[..., None] * (np.array(color, np.float32) - images)
    return np.rint(shown).astype(np.uint8)


OCCLUSION = (
    Transformation("bars", "behind bars", "{} % hidden", (3.0, 6.0, 12.0, 25.0), _barred),
    Transformation(
        "dark_glasses",
        "dark glasses",
        "{} % dark",
        (10.0, 25.0, 50.0, 100.0),
        _behind_dark_glasses,
    ),
    Transformation(
        "mouth_covered",
        "a cloth over chin and mouth",
        "{} of the way from mouth to eyes",
        (-0.25, 0.2, 0.5, 0.75),
        _masked,
    ),
    Transformation(
        "corner_hidden", "a corner hidden", "{} % hidden", (10.0, 25.0, 40.0, 55.0), _corner_hidden
    ),
)
