"""Pictures inside a page, small enough to send."""

import base64
import io
from pathlib import Path

from PIL import Image

_PALETTE_COLORS = 256


class PictureBudget:
    """Pictures as data addresses, until so many bytes of them are in the page."""

    def __init__(self, size: int):
        self._left = size

    def embed(self, path: Path, width: int, quality: int = 80) -> str | None:
        """A picture as the address of a JPEG; None where it cannot be read or no longer fits.

        Args:
          width: pixels across at most.
        """
        try:
            with Image.open(path) as picture:
                picture = picture.convert("RGB")
                if picture.width > width:
                    height = max(1, round(picture.height * width / picture.width))
                    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
                coded = io.BytesIO()
                picture.save(coded, "JPEG", quality=quality, optimize=True)
        except (OSError, ValueError, SyntaxError):  # Pillow's, of files cut off or damaged
            return None
        return self._fitting("jpeg", coded.getvalue())

    def embed_drawing(self, path: Path) -> str | None:
        """A drawing of lines and few colours as the address of a PNG, sharp at its edges; None as
        `embed` has it."""
        try:
            with Image.open(path) as picture:
                coded = io.BytesIO()
                picture.convert("RGB").quantize(_PALETTE_COLORS, dither=Image.Dither.NONE).save(
                    coded, "PNG", optimize=True
                )
        except (OSError, ValueError, SyntaxError):
            return None
        return self._fitting("png", coded.getvalue())

    def _fitting(self, kind: str, data: bytes) -> str | None:
        address = data_address(f"image/{kind}", data)
        if len(address) > self._left:
            return None
        self._left -= len(address)
        return address


def data_address(media_type: str, data: bytes) -> str:
    """An address that holds its own content."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
