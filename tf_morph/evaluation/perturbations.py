"""Image perturbations: what makes a photograph hard, in growing amounts."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw
from scipy import ndimage, signal

from tf_morph.rendering.color import clipped_to_srgb, srgb_to_linear
from tf_morph.rendering.lights import blackbody_color

RIGHT_EYE, LEFT_EYE, NOSE, RIGHT_MOUTH, LEFT_MOUTH = range(5)
_AMBIENT = 0.15  # of a side light: what reaches the far side
_FACE_WIDTH = 2.2  # of the eyes' distance
_RIM = 0.95  # of the half cylinder's radius; beyond, light is as at the rim
_DAYLIGHT_KELVIN = 6500.0
_FINENESS = 8  # a mask's pixels to an image's, for smooth edges
_BLACK, _GREY, _CLOTH = (12, 12, 14), (128, 128, 128), (150, 180, 195)  # sRGB-coded
_BARS = 5
_MOTION_DEGREES = 30.0  # above the horizontal
_SUBPIXELS = 8
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of sRGB-coded values (ITU-R BT.601)
_STROKE = 0.12  # of a pencil, in eyes' distances


@dataclass(frozen=True)
class FacePoints:
    """What a perturbation knows beside the photographs.

    Attributes:
      places: [5, 2] (x, y) of right eye, left eye, nose tip, right and left corner of the mouth, as
        shares of the image's side: the same in all, as the photographs are cropped alike.
      seed: of all that is random; a photograph's draws depend on its place in the array, too.
    """

    places: np.ndarray
    seed: int

    @property
    def eye_distance(self) -> float:
        """As a share of the image's side."""
        return float(np.linalg.norm(self.places[LEFT_EYE] - self.places[RIGHT_EYE]))

    def generator(self, photograph: int) -> np.random.Generator:
        """Of one photograph's random draws: the same at every amount."""
        return np.random.default_rng([self.seed, photograph])


@dataclass(frozen=True)
class Perturbation:
    """One way to make photographs hard.

    Attributes:
      name: one word, for tables.
      title: what it is, in words.
      unit: of the amounts, `{}` standing for one: "quality {}".
      amounts: growing in severity; the first is mild, the last extreme.
      apply: (photographs uint8 sRGB [N, S, S, 3], amount, points) to photographs of that shape.
    """

    name: str
    title: str
    unit: str
    amounts: tuple[float, ...]
    apply: Callable[[np.ndarray, float, FacePoints], np.ndarray]

    def label(self, amount: float) -> str:
        """An amount in words."""
        return self.unit.format(f"{amount:g}")


def to_light(images: np.ndarray) -> np.ndarray:
    """Images uint8 sRGB [N, S, S, 3] as the light they stand for, linear RGB in [0, 1]."""
    table = srgb_to_linear(np.arange(256, dtype=np.float32) / 255.0).numpy()
    return table[images]


def from_light(linear: np.ndarray) -> np.ndarray:
    """The inverse; what is beyond [0, 1] is cut off, as by a sensor."""
    return to_bytes(clipped_to_srgb(linear.astype(np.float32)).numpy())


def to_bytes(coded: np.ndarray) -> np.ndarray:
    """sRGB-coded values, cut to [0, 1], as uint8."""
    return np.rint(np.clip(coded, 0.0, 1.0) * 255.0).astype(np.uint8)


def _exposed(images: np.ndarray, stops: float, points: FacePoints) -> np.ndarray:
    return from_light(to_light(images) * 2.0**stops)


def _lit_from_the_side(images: np.ndarray, degrees: float, points: FacePoints) -> np.ndarray:
    """As if the face were a half cylinder first lit from the camera, then from `degrees` beside it.

    The quotient of the two lights' shadings relights it (quotient image: Shashua and Riklin-Raviv,
    PAMI 2001, from memory). From which side is random for each photograph.
    """
    sides = [points.generator(index).choice([-1.0, 1.0]) for index in range(len(images))]
    middle = points.places[[RIGHT_EYE, LEFT_EYE], 0].mean()
    centers = (np.arange(images.shape[2]) + 0.5) / images.shape[2]
    across = (centers - middle) / (0.5 * _FACE_WIDTH * points.eye_distance)
    across = np.clip(across, -_RIM, _RIM)
    towards, angle = np.sqrt(1.0 - across**2), np.deg2rad(degrees)
    facing = np.multiply.outer(np.sin(angle) * np.array(sides), across) + np.cos(angle) * towards
    shading = _AMBIENT + (1.0 - _AMBIENT) * np.maximum(facing, 0.0)
    quotient = shading / (_AMBIENT + (1.0 - _AMBIENT) * towards)
    return from_light(to_light(images) * quotient[:, None, :, None])


def _in_warm_light(images: np.ndarray, kelvin: float, points: FacePoints) -> np.ndarray:
    colors = blackbody_color(tf.constant([kelvin, _DAYLIGHT_KELVIN])).numpy()
    return from_light(to_light(images) * (colors[0] / colors[1]))


def _rotated(images: np.ndarray, degrees: float, points: FacePoints) -> np.ndarray:
    """Counter-clockwise about the image's middle; its edge goes on where nothing was seen."""
    rotated = ndimage.rotate(
        images.astype(np.float32), degrees, axes=(2, 1), reshape=False, order=1, mode="nearest"
    )
    return np.rint(rotated).astype(np.uint8)


def _barred(images: np.ndarray, percent: float, points: FacePoints) -> np.ndarray:
    """Level black bars that hide so much of the image."""

    def draw(pen, side):
        step = side / _BARS
        for bar in range(_BARS):
            top = (bar + 0.5) * step - 0.005 * percent * step
            pen.rectangle((0, top, side, top + 0.01 * percent * step - 1), fill=255)

    return _covered(images, _mask(images.shape[1], draw), _BLACK)


def _behind_dark_glasses(images: np.ndarray, percent: float, points: FacePoints) -> np.ndarray:
    """Lenses that let through all but so much."""
    eyes, distance = points.places[[RIGHT_EYE, LEFT_EYE]], points.eye_distance
    half = np.array([0.4, 0.3]) * distance

    def draw(pen, side):
        for eye in eyes:
            centre = eye + [0.0, 0.08 * distance]
            pen.ellipse(tuple(np.concatenate([centre - half, centre + half]) * side), fill=255)
        ends = [eyes[0] - [0.9 * distance, 0.0], eyes[1] + [0.9 * distance, 0.0]]
        pen.line([tuple(end * side) for end in ends], fill=255, width=round(0.07 * distance * side))

    return _covered(images, 0.01 * percent * _mask(images.shape[1], draw), _BLACK)


def _masked(images: np.ndarray, share: float, points: FacePoints) -> np.ndarray:
    """A cloth from below the chin up to so much of the way from the mouth to the eyes."""
    eyes, mouth = points.places[[RIGHT_EYE, LEFT_EYE]], points.places[[RIGHT_MOUTH, LEFT_MOUTH]]
    distance, (middle, bottom) = points.eye_distance, mouth.mean(axis=0)
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


def _corner_hidden(images: np.ndarray, percent: float, points: FacePoints) -> np.ndarray:
    """A grey square of so much of the image in a random corner of each photograph."""
    size = images.shape[1]
    side = round(np.sqrt(0.01 * percent) * size)
    hidden = images.copy()
    for index in range(len(images)):
        bottom, right = points.generator(index).integers(2, size=2) * (size - side)
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


def _defocused(images: np.ndarray, share: float, points: FacePoints) -> np.ndarray:
    """Every point becomes a disk, its diameter a share of the eyes' distance."""
    radius = 0.5 * share * points.eye_distance * images.shape[1]
    return _blurred(images, radius, lambda x, y: x**2 + y**2 <= radius**2)


def _motion_blurred(images: np.ndarray, share: float, points: FacePoints) -> np.ndarray:
    """Every point becomes a line a pixel wide, its length a share of the eyes' distance."""
    half = 0.5 * share * points.eye_distance * images.shape[1]
    cosine, sine = np.cos(np.deg2rad(_MOTION_DEGREES)), np.sin(np.deg2rad(_MOTION_DEGREES))

    def line(x, y):
        return (np.abs(x * cosine - y * sine) <= half) & (np.abs(x * sine + y * cosine) <= 0.5)

    return _blurred(images, half, line)


def _blurred(images: np.ndarray, radius: float, inside) -> np.ndarray:
    """The light spread over the offsets (x, y), in pixels, that are `inside`."""
    reach = int(np.ceil(radius + 0.5))
    steps = (np.arange((2 * reach + 1) * _SUBPIXELS) + 0.5) / _SUBPIXELS - reach - 0.5
    shape = inside(steps[None, :], steps[:, None]).astype(np.float32)
    cells = shape.reshape(2 * reach + 1, _SUBPIXELS, 2 * reach + 1, _SUBPIXELS).sum((1, 3))
    kernel = cells / cells.sum()
    padded = np.pad(to_light(images), ((0, 0), (reach, reach), (reach, reach), (0, 0)), "edge")
    spread = signal.fftconvolve(padded, kernel[None, :, :, None], mode="valid", axes=(1, 2))
    return from_light(spread)


def _low_resolution(images: np.ndarray, pixels: float, points: FacePoints) -> np.ndarray:
    """So many pixels between the eyes, enlarged again; none where there are fewer already."""
    size = images.shape[1]
    small = max(2, min(size, round(pixels / points.eye_distance)))

    def resampled(image):
        tiny = Image.fromarray(image).resize((small, small), Image.Resampling.BOX)
        return np.asarray(tiny.resize((size, size), Image.Resampling.BICUBIC))

    return _each(images, resampled)


def _compressed(images: np.ndarray, quality: float, points: FacePoints) -> np.ndarray:

    def stored(image):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=int(quality))
        return np.asarray(Image.open(buffer))

    return _each(images, stored)


def _noisy(images: np.ndarray, photons: float, points: FacePoints) -> np.ndarray:
    """Shot noise: what a pixel counts where white is so many photons."""
    light = to_light(images)
    counts = [
        points.generator(index).poisson(picture * photons) for index, picture in enumerate(light)
    ]
    return from_light(np.stack(counts) / photons)


def _each(images: np.ndarray, change) -> np.ndarray:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(change, images)))


def _less_colour(images: np.ndarray, percent: float, points: FacePoints) -> np.ndarray:
    grey = (images @ _LUMA)[..., None]
    return np.rint(images + 0.01 * percent * (grey - images)).astype(np.uint8)


def _posterised(images: np.ndarray, steps: float, points: FacePoints) -> np.ndarray:
    """Every channel in so many steps, its own range cut evenly."""
    cells = np.minimum(images.astype(np.int32) * int(steps) // 256, int(steps) - 1)
    return to_bytes(cells / (steps - 1.0))


def _sketched(images: np.ndarray, percent: float, points: FacePoints) -> np.ndarray:
    """A pencil drawing laid over: the grey image dodged by its own blurred negative."""
    grey = images @ _LUMA / 255.0
    spread = _STROKE * points.eye_distance * images.shape[1]
    around = ndimage.gaussian_filter(grey, (0.0, spread, spread), mode="nearest")
    # Darker than its surroundings is a stroke, the rest is paper.
    pencil = np.minimum(grey / np.maximum(around, 0.02), 1.0) ** 2
    return to_bytes(images / 255.0 + 0.01 * percent * (pencil[..., None] - images / 255.0))


def _painted(images: np.ndarray, share: float, points: FacePoints) -> np.ndarray:
    """Dabs of one colour: Kuwahara's filter (1976, from memory), its square windows' side a share
    of the eyes' distance: of the four windows that end at a pixel, the mean of the smoothest."""
    reach = max(1, round(0.5 * share * points.eye_distance * images.shape[1]))
    values = images.astype(np.float32) / 255.0
    grey = values @ _LUMA
    window = (0, 2 * reach + 1, 2 * reach + 1)
    means = ndimage.uniform_filter(values, (*window, 0), mode="nearest")
    level = ndimage.uniform_filter(grey, window, mode="nearest")
    spread = ndimage.uniform_filter(grey**2, window, mode="nearest") - level**2
    best, painted = np.full(grey.shape, np.inf, np.float32), means
    for down in (-reach, reach):
        for right in (-reach, reach):
            offset = _moved(spread, down, right)
            smoother = offset < best
            best = np.where(smoother, offset, best)
            painted = np.where(smoother[..., None], _moved(means, down, right), painted)
    return to_bytes(painted)


def _moved(values: np.ndarray, down: int, right: int) -> np.ndarray:
    """What lies that far down and to the right, [N, S, S, ...]; beyond the edge, the edge."""
    rows = np.clip(np.arange(values.shape[1]) + down, 0, values.shape[1] - 1)
    columns = np.clip(np.arange(values.shape[2]) + right, 0, values.shape[2] - 1)
    return values[:, rows][:, :, columns]


PERTURBATIONS = (
    Perturbation(
        "underexposed", "too little light", "{} stops", (-1.0, -2.0, -3.0, -4.0), _exposed
    ),
    Perturbation("overexposed", "too much light", "+{} stops", (0.5, 1.0, 1.75, 2.5), _exposed),
    Perturbation(
        "side_light",
        "light from one side",
        "{} degrees",
        (30.0, 50.0, 70.0, 90.0),
        _lit_from_the_side,
    ),
    Perturbation(
        "colour_cast",
        "warm light on film for daylight",
        "{} K",
        (4500.0, 3500.0, 2700.0, 2000.0),
        _in_warm_light,
    ),
    Perturbation(
        "turned_in_plane",
        "rotated in the image's plane, not aligned again",
        "{} degrees",
        (5.0, 10.0, 20.0, 40.0),
        _rotated,
    ),
    Perturbation("bars", "behind bars", "{} % hidden", (3.0, 6.0, 12.0, 25.0), _barred),
    Perturbation(
        "dark_glasses", "dark glasses", "{} % dark", (10.0, 25.0, 50.0, 100.0), _behind_dark_glasses
    ),
    Perturbation(
        "mouth_covered",
        "a cloth over chin and mouth",
        "{} of the way from mouth to eyes",
        (-0.25, 0.2, 0.5, 0.75),
        _masked,
    ),
    Perturbation(
        "corner_hidden", "a corner hidden", "{} % hidden", (10.0, 25.0, 40.0, 55.0), _corner_hidden
    ),
    Perturbation(
        "defocus",
        "out of focus, by a disk's diameter",
        "{} of the eyes' distance",
        (0.1, 0.2, 0.35, 0.5),
        _defocused,
    ),
    Perturbation(
        "motion",
        "moved while exposed",
        "{} of the eyes' distance",
        (0.15, 0.3, 0.6, 1.0),
        _motion_blurred,
    ),
    Perturbation(
        "low_resolution",
        "few pixels",
        "{} pixels between the eyes",
        (12.0, 8.0, 6.0, 4.0),
        _low_resolution,
    ),
    Perturbation("jpeg", "JPEG compression", "quality {}", (40.0, 20.0, 10.0, 4.0), _compressed),
    Perturbation(
        "noise", "shot noise", "{} photons a white pixel", (300.0, 100.0, 30.0, 10.0), _noisy
    ),
    Perturbation(
        "greyscale", "colour taken away", "{} % taken", (25.0, 50.0, 75.0, 100.0), _less_colour
    ),
    Perturbation(
        "posterised", "few colours", "{} steps a channel", (8.0, 5.0, 3.0, 2.0), _posterised
    ),
    Perturbation(
        "sketch", "drawn over in pencil", "{} % drawn", (25.0, 50.0, 75.0, 100.0), _sketched
    ),
    Perturbation(
        "painted", "painted in dabs", "{} of the eyes' distance", (0.1, 0.2, 0.3, 0.45), _painted
    ),
)
