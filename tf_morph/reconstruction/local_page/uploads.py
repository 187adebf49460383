"""What a browser sends, taken as what anybody might send."""

import io
import json
import time
from collections.abc import Mapping

import numpy as np
from PIL import Image
from werkzeug.exceptions import RequestTimeout
from werkzeug.wrappers import Request

from tf_morph.errors import InputError
from tf_morph.hairstyles import HAIR_CHOICES, NO_HAIR
from tf_morph.photographs.decode import decompression_bombs_refused
from tf_morph.reconstruction.found_faces import open_photograph

MOST_BYTES = 30_000_000
_MOST_SECONDS = 30.0  # to send them
_LONGEST_SIDE = 1600  # pixels; the time that faces are looked for goes with the pixels
_LARGEST_COEFFICIENT = 10.0  # standard deviations
# Those that browsers and cameras make; others, such as EPS, are handed to other programs.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")


def read_body(request: Request) -> bytes:
    """A request's whole body.

    Raises:
      HTTPException: it is too large, or comes too slowly.
    """
    request.max_content_length = MOST_BYTES
    end, parts = time.monotonic() + _MOST_SECONDS, []
    while part := request.stream.read(1 << 16):
        parts.append(part)
        if time.monotonic() > end:
            raise RequestTimeout("the upload takes too long; send a smaller file")
    return b"".join(parts)


def decode_photograph(body: bytes) -> Image.Image:
    """A photograph as 8-bit RGB, upright, small enough for its faces to be found at once.

    Raises:
      InputError: it is none that can be decoded.
    """
    if not body:
        raise InputError("photograph: the file is empty; give a JPEG, PNG or WebP")
    try:
        with decompression_bombs_refused():
            opened = Image.open(io.BytesIO(body), formats=_known_formats())
    except Exception as error:  # Pillow's decoders raise nearly anything on broken files
        if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
            raise InputError("photograph: too many pixels; give a smaller one") from error
        raise InputError("photograph: no picture; give a JPEG, PNG or WebP") from error
    opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    photograph = open_photograph(opened)
    photograph.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BILINEAR)
    return photograph


def _known_formats() -> list[str]:
    """Those of `_FORMATS` that this Pillow was built with; it fails at the first other one."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def read_coefficients(body: bytes, counts: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Coefficients out of JSON, name to list.

    Args:
      counts: how many there have to be of each name; one that is missing is at zero.

    Returns:
      name -> float32 [count], standard deviations.

    Raises:
      InputError: it is no such JSON, or a number is none that a face has.
    """
    try:
        given = json.loads(body)
        read = {name: np.array(given.get(name, [0.0] * n), float) for name, n in counts.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError("coefficients: not JSON of lists of numbers by name") from error
    for name, values in read.items():
        if values.shape != (counts[name],):
            raise InputError(f"coefficients: {counts[name]} of {name} are needed")
        if not (np.abs(values) <= _LARGEST_COEFFICIENT).all():
            raise InputError(
                f"coefficients: {name} holds one beyond ±{_LARGEST_COEFFICIENT:g} standard "
                "deviations"
            )
    return {name: values.astype(np.float32) for name, values in read.items()}


def read_hair(body: bytes) -> str:
    """The hair that the same JSON wishes; "none" where it says nothing.

    Raises:
      InputError: there is no such hair.
    """
    hair = json.loads(body).get("hair", NO_HAIR)
    if hair not in HAIR_CHOICES:
        raise InputError(f"hair: give one of {', '.join(HAIR_CHOICES)}")
    return hair
