"""The picture of a head: photograph beside drawings from several sides."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_CAPTION_HEIGHT, _SEAM = 22, 4  # pixels
_PAPER, _INK = (255, 255, 255), (40, 40, 40)


def picture_strip(pictures: Sequence[tuple[str, np.ndarray]]) -> Image.Image:
    """Pictures in a row, each under its caption.

    Args:
      pictures: caption and uint8 sRGB [S, S, 3], all of one size.
    """
    size = pictures[0][1].shape[0]
    width = len(pictures) * (size + _SEAM) - _SEAM
    strip = Image.new("RGB", (width, size + _CAPTION_HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(strip), ImageFont.load_default(size=14)
    for place, (caption, picture) in enumerate(pictures):
        left = place * (size + _SEAM)
        draw.text((left + 3, 2), caption, _INK, font)
        strip.paste(Image.fromarray(picture), (left, _CAPTION_HEIGHT))
    return strip
