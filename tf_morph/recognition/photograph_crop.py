"""Which part of each photograph the networks see, and what the photographs' files hold."""

import hashlib
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tf_morph.errors import InputError
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.photographs.decode import LFW_FACE_CROP, Crop
from tf_morph.recognition.architectures import ARCHITECTURES

WHOLE, ALIGNED = "whole", "aligned"
_LFW_SIZE = (250, 250)  # width and height of LFW's photographs, in all its versions
_HELP = f"give left,top,right,bottom in pixels, {WHOLE} or one of {', '.join(CROP_RULES)}"


class PhotographFile(NamedTuple):
    """A file, by its content.

    Attributes:
      path: where it is.
      digest: 16 bytes; equal for files of the same bytes.
      size: (width, height) in pixels as stored; None where no picture can be read from it.
    """

    path: str
    digest: bytes
    size: tuple[int, int] | None


def read_files(paths: Sequence[str]) -> list[PhotographFile]:
    """What files hold; each is read once and none is decoded."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_read, paths))


def crop_rule(asked: str | None, files: Sequence[PhotographFile]) -> Crop | str | None:
    """The crop as `load_aligned` takes it.

    Args:
      asked: "left,top,right,bottom" in pixels; `WHOLE`, the largest centred square; or one of
        `CROP_RULES`, for which the face is detected. None: `LFW_FACE_CROP` where all photographs
        are as large as LFW's, `WHOLE` where none is.
      files: of the photographs.

    Raises:
      InputError: four numbers are no crop, or lie outside a photograph; nothing is asked, and
        some photographs are as large as LFW's, others not.
    """
    if asked is None:
        return _usual_crop(files)
    if asked == WHOLE:
        return None
    if asked in CROP_RULES:
        return asked
    crop = _numbers(asked)
    for file in files:
        if file.size and (crop[0] >= file.size[0] or crop[1] >= file.size[1]):
            width, height = file.size
            raise InputError(f"{file.path}: {width} x {height} pixels, outside of --crop={asked}")
    return crop


def crop_for(kind: str, crop: Crop | str | None) -> Crop | str | None:
    """The crop for a network whose config is of that kind: `ALIGNED` is to each one's own."""
    return ARCHITECTURES[kind].crop_rule if crop == ALIGNED and kind in ARCHITECTURES else crop


def describe_crop(crop: Crop | str | None) -> str:
    """The crop, as `crop_rule` reads it."""
    if crop is None:
        return WHOLE
    return crop if isinstance(crop, str) else ",".join(f"{edge:g}" for edge in crop)


def _read(path: str) -> PhotographFile:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        with Image.open(io.BytesIO(content)) as picture:
            size = picture.size
    except Exception:  # whoever decodes it says what is wrong
        size = None
    return PhotographFile(path, hashlib.blake2b(content, digest_size=16).digest(), size)


def _usual_crop(files: Sequence[PhotographFile]) -> Crop | None:
    others = [file for file in files if file.size and file.size != _LFW_SIZE]
    if not others:
        return LFW_FACE_CROP
    if len(others) == sum(file.size is not None for file in files):
        return None
    width, height = others[0].size
    raise InputError(
        f"{others[0].path}: {width} x {height} pixels, while others are 250 x 250 as LFW's; {_HELP}"
    )


def _numbers(asked: str) -> Crop:
    try:
        crop = tuple(float(edge) for edge in asked.split(","))
    except ValueError as error:
        raise InputError(f"--crop={asked}: not four numbers; {_HELP}") from error
    if len(crop) != 4 or not (0 <= crop[0] < crop[2] < 1e6 and 0 <= crop[1] < crop[3] < 1e6):
        raise InputError(f"--crop={asked}: not the edges of a part of a picture; {_HELP}")
    return crop
