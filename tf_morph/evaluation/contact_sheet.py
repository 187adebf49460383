"""A picture of many people: photograph and renderings of the prediction, side by side."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CONTACT_SHEET = "contact_sheet.png"
PEOPLE_A_ROW = 2
_CAPTION_HEIGHT, _GAP, _SEAM = 18, 10, 2  # pixels
_PAPER, _INK = (255, 255, 255), (40, 40, 40)


def contact_sheet(columns: Sequence[np.ndarray], captions: Sequence[str]) -> bytes:
    """A PNG with a caption and one picture of each column for every person.

    Args:
      columns: each [N, S, S, 3] uint8 sRGB (S may differ), such as the photographs, the frontal
        and the turned renderings; drawn at the size of the last column.
      captions: N, cut to the width of the person's pictures.
    """
    size = columns[-1].shape[1]
    width = (size + _SEAM) * len(columns) - _SEAM
    height = size + _CAPTION_HEIGHT
    rows = -(-len(captions) // PEOPLE_A_ROW)
    sheet = Image.new(
        "RGB", (PEOPLE_A_ROW * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), _PAPER
    )
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for person, caption in enumerate(captions):
        row, column = divmod(person, PEOPLE_A_ROW)
        left, top = column * (width + _GAP), row * (height + _GAP)
        draw.text((left + 2, top + 1), _fitting(caption, width - 4, font), _INK, font)
        for position, pictures in enumerate(columns):
            picture = Image.fromarray(pictures[person])
            if picture.size != (size, size):
                picture = picture.resize((size, size), Image.Resampling.BILINEAR)
            sheet.paste(picture, (left + position * (size + _SEAM), top + _CAPTION_HEIGHT))
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()


def _fitting(text: str, width: int, font) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
