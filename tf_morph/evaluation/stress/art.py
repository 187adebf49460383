"""Pictures that are no photographs any more: grey, posterised, sketched, painted."""

import numpy as np
from scipy import ndimage

from tf_morph.evaluation.stress.transformation import Setting, Transformation, to_bytes

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of sRGB-coded values (ITU-R BT.601)
_STROKE = 0.12  # of a pencil, in eyes' distances


def _less_colour(images: np.ndarray, percent: float, setting: Setting) -> np.ndarray:
    del setting
    grey = (images @ _LUMA)[..., None]
    return np.rint(images + 0.01 * percent * (grey - images)).astype(np.uint8)


def _posterised(images: np.ndarray, steps: float, setting: Setting) -> np.ndarray:
    """Every channel in so many steps, its own range cut evenly."""
    del setting
    cells = np.minimum(images.astype(np.int32) * int(steps) // 256, int(steps) - 1)
    return to_bytes(cells / (steps - 1.0))


def _sketched(images: np.ndarray, percent: float, setting: Setting) -> np.ndarray:
    """A pencil drawing laid over: the grey picture dodged by its own blurred negative."""
    grey = images @ _LUMA / 255.0
    spread = _STROKE * setting.eye_distance * images.shape[1]
    around = ndimage.gaussian_filter(grey, (0.0, spread, spread), mode="nearest")
    # Darker than its surroundings is a stroke, the rest is paper.
    pencil = np.minimum(grey / np.maximum(around, 0.02), 1.0) ** 2
    return to_bytes(images / 255.0 + 0.01 * percent * (pencil[..., None] - images / 255.0))


def _painted(images: np.ndarray, share: float, setting: Setting) -> np.ndarray:
    """Dabs of one colour: Kuwahara's filter (1976, from memory), its square windows' side a share
    of the eyes' distance: of the four windows that end at a pixel, the mean of the smoothest."""
    reach = max(1, round(0.5 * share * setting.eye_distance * images.shape[1]))
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


ART = (
    Transformation(
        "greyscale", "colour taken away", "{} % taken", (25.0, 50.0, 75.0, 100.0), _less_colour
    ),
    Transformation(
        "posterised", "few colours", "{} steps a channel", (8.0, 5.0, 3.0, 2.0), _posterised
    ),
    Transformation(
        "sketch", "drawn over in pencil", "{} % drawn", (25.0, 50.0, 75.0, 100.0), _sketched
    ),
    Transformation(
        "painted",
        "painted in dabs",
        "{} of the eyes' distance",
        (0.1, 0.2, 0.3, 0.45),
        _painted,
    ),
)
