"""A picture of every stress: one person's photographs, and under each the face read from it."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from tf_morph.evaluation.contact_sheet import INK, PAPER, picture_grid, png_file
from tf_morph.evaluation.stress.measurement import Example

_BLOCKS_A_ROW, _CAPTION, _GAP = 3, 16, 10  # pixels


def stress_sheet(examples: Sequence[Example]) -> bytes:
    """A PNG with a block a stress, all levels side by side, growing to the right."""
    blocks = [picture_grid([example.photographs, example.drawings]) for example in examples]
    width = max(block.width for block in blocks) + _GAP
    height = max(block.height for block in blocks) + _CAPTION + _GAP
    across = min(_BLOCKS_A_ROW, len(blocks))
    lines = -(-len(blocks) // across)
    sheet = Image.new("RGB", (across * width - _GAP, lines * height - _GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for number, (example, block) in enumerate(zip(examples, blocks, strict=True)):
        row, column = divmod(number, across)
        left, top = column * width, row * height
        pen.text((left + 2, top), example.title, INK, font)
        sheet.paste(block, (left, top + _CAPTION))
    return png_file(sheet)
