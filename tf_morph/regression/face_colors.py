"""The colours of a face seen from afar: what `loss.low_frequency_color` compares.

Ours, not the paper's. Recognition networks hardly mind the colours of skin and hair, so that a face
which they take for the person may have colours that the photograph shows to be wrong.
"""

import dataclasses
import hashlib
import json
from collections.abc import Sequence

import ml_collections
import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.regression.stages import stages_of

TERM = "low_frequency_color"
GRID = 8  # cells across the inner face, and down it
SIZE = GRID * GRID * 3
KEY = "color"  # in a training batch, and as an output
_DARKEST = 1.0 / 255.0  # mean colour that is divided by
_LAYOUT = 1  # raised whenever the same pictures give other colours


def inner_face(five_points: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """The box between the eyes and the corners of the mouth.

    Args:
      five_points: right eye, left eye, nose tip, right and left corner of the mouth, as x and y in
        shares of a picture's width and height.

    Returns:
      (left, top, right, bottom) in shares of a picture's width and height.

    Raises:
      InputError: the box is empty, or reaches beyond the picture.
    """
    points = np.asarray(five_points, np.float64)
    eyes, mouth = points[:2], points[3:]
    left, right = eyes[:, 0].min(), eyes[:, 0].max()
    top, bottom = eyes[:, 1].mean(), mouth[:, 1].mean()
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InputError(
            f"config: rendering.five_points: eyes and mouth enclose nothing within the picture, "
            f"which loss.{TERM} looks at; correct them, or set that to 0"
        )
    return float(left), float(top), float(right), float(bottom)


class FaceColors:
    """Mean colours of the cells of a grid over the inner face, brightness taken off.

    The box is where the mean face's is when seen from the front; what is there in a photograph, and
    in a drawing that is turned a little, is about as much of a face. It gives features of pictures
    as a recognition network does, and is kept with theirs.

    Attributes:
      name, output_names, output_sizes, fingerprint: as of a `RecognitionNetwork`.
    """

    name = "face_colors"
    output_names = (KEY,)
    output_sizes = {KEY: SIZE}  # noqa: RUF012 (never changed)

    def __init__(self, five_points: Sequence[Sequence[float]]):
        """
        Args:
          five_points: see `inner_face`, which says what is raised.
        """
        self._box = inner_face(five_points)
        described = json.dumps([_LAYOUT, GRID, self._box])
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()

    def __call__(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Colours of pictures.

        Args:
          images: [B, H, W, 3] sRGB-coded RGB in [0, 1], H and W known.

        Returns:
          {`KEY`: float32 [B, SIZE]}, sRGB-coded, cells row by row, divided by their mean over cells
          and channels: exposure, which about scales sRGB-coded values, does not matter.
        """
        left, top, right, bottom = self._box
        rows = cell_means(images.shape[1], top, bottom)
        columns = cell_means(images.shape[2], left, right)
        colors = tf.einsum("oh,bhwc->bowc", rows, images)
        colors = tf.reshape(tf.einsum("pw,bowc->bopc", columns, colors), (-1, SIZE))
        mean = tf.reduce_mean(colors, axis=-1, keepdims=True)
        return {KEY: colors / tf.maximum(mean, _DARKEST)}


def cell_means(pixels: int, begin: float, end: float) -> np.ndarray:
    """Weights float32 [GRID, pixels] of pixels in the means of equal cells.

    Args:
      pixels: across the picture.
      begin, end: of the cells together, in shares of the picture; a pixel that a cell covers in
        part counts by that part.
    """
    edges = pixels * np.linspace(begin, end, GRID + 1)
    starts = np.arange(pixels)
    upper = np.minimum(edges[1:, None], starts + 1)
    covered = np.maximum(upper - np.maximum(edges[:-1, None], starts), 0.0)
    return (covered / np.diff(edges)[:, None]).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class ComparedColors:
    """Face colours as a part of what training compares; see `photograph_features.Compared`."""

    network: FaceColors
    role: str = f"loss.{TERM}"
    outputs: tuple[str, ...] = (KEY,)

    def key(self, output: str) -> str:
        """The name in a training batch."""
        return output


def compared_colors(config: ml_collections.ConfigDict) -> tuple[ComparedColors, ...]:
    """The face colours of a run; none where no stage of it compares them.

    Raises:
      InputError: see `inner_face`.
    """
    if not any(stage.config.loss[TERM] for stage in stages_of(config)):
        return ()
    return (ComparedColors(FaceColors(config.rendering.five_points)),)
