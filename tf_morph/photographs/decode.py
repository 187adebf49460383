"""Image files as one array: decoded, turned upright, cropped, scaled."""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

Crop = tuple[float, float, float, float]
LFW_FACE_CROP: Crop = (55, 49, 195, 189)
_SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")
_BACKGROUND_OF_TRANSPARENCY = (255, 255, 255, 255)


class LoadedPhotographs(NamedTuple):
    """What `load_photographs` read.

    Attributes:
      images: uint8 [N, size, size, 3], sRGB-coded RGB in 0..255, row 0 on top.
      kept: int64 [N], the index of each image's file in the paths asked for, increasing.
      skipped: (path, reason) of the files that could not be decoded.
    """

    images: np.ndarray
    kept: np.ndarray
    skipped: tuple[tuple[str, str], ...]


def load_photographs(
    paths: Sequence[str],
    crop: Crop | None,
    size: int,
    *,
    threads: int | None = None,
    progress: bool = True,
) -> LoadedPhotographs:
    """Decodes photographs; those that cannot be decoded are skipped and named, not raised.

    Pictures are turned as their EXIF orientation says; transparency shows white; embedded colour
    profiles are not applied.

    Args:
      paths: image files of any format and colour mode Pillow reads, 8 or 16 bits deep.
      crop: (left, top, right, bottom) in pixels of the upright photograph, black where it
        reaches outside; None takes the largest centred square.
      size: side of the images, pixels; scaled by an antialiased bilinear filter.
      threads: decoder threads; the number of cores when None.
      progress: whether to show a progress bar.
    """

    def read(path: str) -> np.ndarray | str:
        photograph = read_upright(path)
        if isinstance(photograph, str):
            return photograph
        return np.asarray(_cropped(photograph, crop, size))

    return gathered(paths, each_photograph(read, paths, threads=threads, progress=progress), size)


def read_upright(file: str | BinaryIO) -> Image.Image | str:
    """One photograph, 8-bit RGB and turned as its EXIF orientation says; or the reason for none."""
    try:
        with Image.open(file) as opened:
            return upright(opened)
    except Exception as error:  # Pillow's decoders raise nearly anything on broken files
        return _reason(error)


def upright(image: Image.Image) -> Image.Image:
    """A picture as 8-bit RGB, turned as its EXIF orientation says; of several, the first.

    Raises:
      Exception: of nearly any kind, where its file is broken; `ValueError` where its pixels are of
        unknown range.
    """
    return _as_rgb(ImageOps.exif_transpose(image))


def each_photograph(
    read: Callable[[Any], Any],
    photographs: Sequence,
    *,
    threads: int | None = None,
    progress: bool = True,
) -> list:
    """`read` of each, in order, in threads; photographs of too many pixels are refused in it."""
    with decompression_bombs_refused(), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        bar = tqdm(
            pool.map(read, photographs),
            total=len(photographs),
            desc="photographs",
            unit="photo",
            disable=None if progress else True,
        )
        return list(bar)


def gathered(
    paths: Sequence[str], results: Sequence[np.ndarray | str], size: int
) -> LoadedPhotographs:
    """What was read of `paths`: an image [size, size, 3] each, or the reason why there is none."""
    kept = np.array([i for i, r in enumerate(results) if not isinstance(r, str)], np.int64)
    skipped = tuple((p, r) for p, r in zip(paths, results, strict=True) if isinstance(r, str))
    images = np.empty((len(kept), size, size, 3), np.uint8)
    for row, index in enumerate(kept):
        images[row] = results[index]
    return LoadedPhotographs(images, kept, skipped)


def _cropped(image: Image.Image, crop: Crop | None, size: int) -> Image.Image:
    if crop is None:
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        box = (left, top, left + side, top + side)
        return image.resize((size, size), Image.Resampling.BILINEAR, box=box)
    return image.crop(tuple(round(c) for c in crop)).resize((size, size), Image.Resampling.BILINEAR)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers of unknown range")
    if image.mode in _SIXTEEN_BIT_MODES:
        return _eight_bit(np.asarray(image)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        background = Image.new("RGBA", rgba.size, _BACKGROUND_OF_TRANSPARENCY)
        return Image.alpha_composite(background, rgba).convert("RGB")
    return image.convert("RGB")


def _eight_bit(grey: np.ndarray) -> Image.Image:
    """16-bit greys scaled to 8 bits, where Pillow itself clips them at 255."""
    if grey.min() < 0 or grey.max() > 65535:
        raise ValueError("its pixels have more than 16 bits")
    return Image.fromarray(np.rint(grey / 257.0).astype(np.uint8))


def _reason(error: Exception) -> str:
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return f"more than {Image.MAX_IMAGE_PIXELS} pixels; refused as a decompression bomb"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    message = " ".join(str(error).split()) or type(error).__name__
    return f"cannot be decoded ({message})"


@contextlib.contextmanager
def decompression_bombs_refused() -> Iterator[None]:
    """Within it, Pillow refuses pictures of more pixels than its limit."""
    # catch_warnings is not thread-safe, so it wraps the whole pool instead of each file.
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield
