"""Photographs turned in their own plane, as no aligner would leave them."""

import numpy as np
from scipy import ndimage

from tf_morph.evaluation.stress.transformation import Setting, Transformation


def _turned(images: np.ndarray, degrees: float, setting: Setting) -> np.ndarray:
    """Counter-clockwise about the picture's middle; its edge goes on where nothing was seen."""
    del setting
    turned = ndimage.rotate(
        images.astype(np.float32), degrees, axes=(2, 1), reshape=False, order=1, mode="nearest"
    )
    return np.rint(turned).astype(np.uint8)


TURN = (
    Transformation(
        "turned_in_plane",
        "turned in the picture's plane, not aligned again",
        "{} degrees",
        (5.0, 10.0, 20.0, 40.0),
        _turned,
    ),
)
