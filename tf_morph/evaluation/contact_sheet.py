"""A picture of many people: photograph and renderings of the prediction, side by side."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PEOPLE_A_ROW = 2
_CAPTION_HEIGHT, _GAP, SEAM = 18, 10, 2  # pixels
PAPER, INK = (255, 255, 255), (40, 40, 40)


def contact_sheet(
    columns: Sequence[np.ndarray], captions: Sequence[str], headings: Sequence[str] = ()
) -> bytes:
    """A PNG with a caption and one picture of each column for every person.

    Args:
      columns: each [N, S, S, 3] uint8 sRGB (S may differ), such as the photographs, the frontal
        and the turned renderings; drawn at the size of the last column.
      captions: N, cut to the width of the person's pictures.
      headings: what each column shows, written once above them; none, where that is plain.
    """
    size = columns[-1].shape[1]
    width = (size + SEAM) * len(columns) - SEAM
    height, head = size + _CAPTION_HEIGHT, _CAPTION_HEIGHT if headings else 0
    rows, across = -(-len(captions) // PEOPLE_A_ROW), min(PEOPLE_A_ROW, len(captions))
    sheet = Image.new(
        "RGB", (across * (width + _GAP) - _GAP, head + rows * (height + _GAP) - _GAP), PAPER
    )
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for column in range(across):
        for position, heading in enumerate(headings):
            left = column * (width + _GAP) + position * (size + SEAM)
            draw.text((left + 2, 1), _fitting(heading, size - 4, font), INK, font)
    for person, caption in enumerate(captions):
        row, column = divmod(person, PEOPLE_A_ROW)
        left, top = column * (width + _GAP), head + row * (height + _GAP)
        draw.text((left + 2, top + 1), _fitting(caption, width - 4, font), INK, font)
        for position, pictures in enumerate(columns):
            place = (left + position * (size + SEAM), top + _CAPTION_HEIGHT)
            sheet.paste(_scaled(pictures[person], size), place)
    return png_file(sheet)


def picture_grid(rows: Sequence[np.ndarray]) -> Image.Image:
    """Pictures alone: a column a person, a row each of `rows` ([N, S, S, 3] uint8 sRGB).

    All are drawn at the size of the last row.
    """
    size = rows[-1].shape[1]
    step = size + SEAM
    sheet = Image.new("RGB", (len(rows[-1]) * step - SEAM, len(rows) * step - SEAM), PAPER)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            sheet.paste(_scaled(picture, size), (column * step, row * step))
    return sheet


def _scaled(picture: np.ndarray, size: int) -> Image.Image:
    image = Image.fromarray(picture)
    if image.size == (size, size):
        return image
    return image.resize((size, size), Image.Resampling.BICUBIC)


def png_file(sheet: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()


def _fitting(text: str, width: int, font) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
