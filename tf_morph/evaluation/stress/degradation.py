"""What cameras and files lose: focus, stillness, pixels, compression, light."""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image
from scipy import signal

from tf_morph.evaluation.stress.transformation import (
    Setting,
    Transformation,
    from_light,
    to_light,
)

_MOTION_DEGREES = 30.0  # above the horizontal
_SUBPIXELS = 8


def _defocused(images: np.ndarray, share: float, setting: Setting) -> np.ndarray:
    """Every point becomes a disk, its diameter a share of the eyes' distance."""
    radius = 0.5 * share * setting.eye_distance * images.shape[1]
    return _blurred(images, radius, lambda x, y: x**2 + y**2 <= radius**2)


def _moved(images: np.ndarray, share: float, setting: Setting) -> np.ndarray:
    """Every point becomes a line a pixel wide, its length a share of the eyes' distance."""
    half = 0.5 * share * setting.eye_distance * images.shape[1]
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


def _low_resolution(images: np.ndarray, pixels: float, setting: Setting) -> np.ndarray:
    """So many pixels between the eyes, enlarged again; none where there are fewer already."""
    size = images.shape[1]
    small = max(2, min(size, round(pixels / setting.eye_distance)))

    def resampled(image):
        tiny = Image.fromarray(image).resize((small, small), Image.Resampling.BOX)
        return np.asarray(tiny.resize((size, size), Image.Resampling.BICUBIC))

    return _each(images, resampled)


def _compressed(images: np.ndarray, quality: float, setting: Setting) -> np.ndarray:
    del setting

    def stored(image):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=int(quality))
        return np.asarray(Image.open(buffer))

    return _each(images, stored)


def _noisy(images: np.ndarray, photons: float, setting: Setting) -> np.ndarray:
    """Shot noise: what a pixel counts where white is so many photons."""
    light = to_light(images)
    counts = [
        setting.generator(index).poisson(picture * photons) for index, picture in enumerate(light)
    ]
    return from_light(np.stack(counts) / photons)


def _each(images: np.ndarray, change) -> np.ndarray:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(change, images)))


DEGRADATION = (
    Transformation(
        "defocus",
        "out of focus, by a disk's diameter",
        "{} of the eyes' distance",
        (0.1, 0.2, 0.35, 0.5),
        _defocused,
    ),
    Transformation(
        "motion",
        "moved while exposed",
        "{} of the eyes' distance",
        (0.15, 0.3, 0.6, 1.0),
        _moved,
    ),
    Transformation(
        "low_resolution",
        "few pixels",
        "{} pixels between the eyes",
        (12.0, 8.0, 6.0, 4.0),
        _low_resolution,
    ),
    Transformation("jpeg", "JPEG compression", "quality {}", (40.0, 20.0, 10.0, 4.0), _compressed),
    Transformation(
        "noise", "shot noise", "{} photons a white pixel", (300.0, 100.0, 30.0, 10.0), _noisy
    ),
)
