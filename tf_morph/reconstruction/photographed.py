"""What a head's picture shows of its photograph."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tf_morph.photographs.alignment import warp
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.face_files import PICTURE_SIZE


def photographed(
    face: Face, photograph: Image.Image, overlay: Image.Image | None = None
) -> list[tuple[str, np.ndarray]]:
    """Caption and picture of what lies before the drawings of a head.

    Args:
      face: read from it.
      photograph: 8-bit RGB, upright.
      overlay: the same with the head drawn over it.
    """
    shown = [("photograph", photograph)]
    shown += [] if overlay is None else [("drawn over it", overlay)]
    larger = PICTURE_SIZE / face.found.crop.shape[0]
    return [
        (caption, warp(picture, face.found.alignment * larger, PICTURE_SIZE))
        for caption, picture in shown
    ]


def several_photographed(crops: Sequence[np.ndarray]) -> list[tuple[str, np.ndarray]]:
    """The same of a head of several photographs: their crops, uint8 sRGB [S, S, 3], side by side,
    the first 16 of them."""
    across = min(4, math.ceil(math.sqrt(len(crops))))
    side = PICTURE_SIZE // across
    sheet = Image.new("RGB", (PICTURE_SIZE, PICTURE_SIZE), (255, 255, 255))
    for place, crop in enumerate(crops[: across**2]):
        row, column = divmod(place, across)
        sheet.paste(Image.fromarray(crop).resize((side, side)), (column * side, row * side))
    return [(f"{len(crops)} photographs", np.asarray(sheet))]
