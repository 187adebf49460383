"""Sixty photographs as people have them: each gives its heads, or one clear line."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.photographs.painted_face import paint
from tf_morph.reconstruction.photograph_list import named_photographs
from tf_morph.reconstruction.reconstruct_files import Settings, reconstruct_files

_FACE = paint((160, 140), (30, 20, 100))[0]
_ORIENTATION = 0x0112  # of EXIF


def _coded(image, form, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _oriented(number: int) -> bytes:
    """The face stored as a camera held otherwise stores it."""
    undo = {
        1: lambda image: image,
        2: ImageOps.mirror,
        3: lambda image: image.rotate(180),
        4: ImageOps.flip,
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    }[number]
    exif = Image.Exif()
    exif[_ORIENTATION] = number
    return _coded(undo(_FACE), "JPEG", exif=exif, quality=95)


def _png_of(width: int, height: int) -> bytes:
    """A small file that claims to be of so many pixels."""
    content = bytearray(_coded(Image.new("L", (1, 1)), "PNG"))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def _sixteen_bit() -> bytes:
    grey = np.asarray(_FACE.convert("L"), np.uint16) * 257
    return _coded(Image.fromarray(grey), "PNG")


def _alpha(opacity: int) -> Image.Image:
    image = _FACE.convert("RGBA")
    image.putalpha(opacity)
    return image


def _many(across: int, down: int) -> bytes:
    faces = [(10 + 90 * x, 10 + 90 * y, 70) for x in range(across) for y in range(down)]
    return _coded(paint((90 * across, 90 * down), *faces)[0], "PNG")


_JPEG, _PNG = _coded(_FACE, "JPEG", quality=95), _coded(_FACE, "PNG")
_GREY, _PALETTE = _FACE.convert("L"), _FACE.convert("P", palette=Image.Palette.ADAPTIVE)
_BLANK = Image.new("RGB", _FACE.size, (90, 120, 150))
_NOISE = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
_FRAMES = {"save_all": True, "append_images": [_BLANK, _BLANK], "duration": 100}

# name: (content, number of heads)
_GOOD = {
    "plain.jpg": (_JPEG, 1),
    "plain.png": (_PNG, 1),
    "upper.JPG": (_JPEG, 1),
    "a name with spaces.jpg": (_JPEG, 1),
    "Ünïcödé 面.jpg": (_JPEG, 1),
    "percent%20#?&.jpg": (_JPEG, 1),
    "two.dots.jpg": (_JPEG, 1),
    "-dash.jpg": (_JPEG, 1),
    "jpeg named.png": (_JPEG, 1),
    "png named.jpg": (_PNG, 1),
    "bmp.bmp": (_coded(_FACE, "BMP"), 1),
    "tiff.tif": (_coded(_FACE, "TIFF"), 1),
    "webp.webp": (_coded(_FACE, "WEBP", quality=95), 1),
    "ppm.ppm": (_coded(_FACE, "PPM"), 1),
    "gif in a jpg.jpg": (_coded(_PALETTE, "GIF"), 1),
    "animated.webp": (_coded(_FACE, "WEBP", **_FRAMES), 1),
    "animated.png": (_coded(_FACE, "PNG", **_FRAMES), 1),
    "pages.tif": (_coded(_FACE, "TIFF", save_all=True, append_images=[_BLANK]), 1),
    "cmyk.jpg": (_coded(_FACE.convert("CMYK"), "JPEG", quality=95), 1),
    "cmyk.tif": (_coded(_FACE.convert("CMYK"), "TIFF"), 1),
    "lab.tif": (_coded(_FACE.convert("YCbCr"), "TIFF"), 1),
    "grey.jpg": (_coded(_GREY, "JPEG", quality=95), 1),
    "grey.png": (_coded(_GREY, "PNG"), 1),
    "grey and alpha.png": (_coded(_GREY.convert("LA"), "PNG"), 1),
    "palette.png": (_coded(_PALETTE, "PNG"), 1),
    "16 bit.png": (_sixteen_bit(), 1),
    "opaque.png": (_coded(_alpha(255), "PNG"), 1),
    "half transparent.png": (_coded(_alpha(200), "PNG"), 1),
    "interlaced.jpg": (_coded(_FACE, "JPEG", progressive=True, quality=95), 1),
    "trailing bytes.jpg": (_JPEG + b"\0" * 1000, 1),
    "large.jpg": (_coded(_FACE.resize((1600, 1400)), "JPEG"), 1),
    **{f"exif {number}.jpg": (_oriented(number), 1) for number in range(1, 9)},
    "two faces.png": (_many(2, 1), 2),
    "forty faces.png": (_many(8, 5), 40),
}
# name: (content, what the line says)
_BAD = {
    "empty.jpg": (b"", "cannot be decoded"),
    "one byte.jpg": (b"\xff", "cannot be decoded"),
    "half.jpg": (_JPEG[: len(_JPEG) // 2], "cannot be decoded"),
    "half.png": (_PNG[: len(_PNG) // 2], "cannot be decoded"),
    "head alone.png": (_PNG[:40], "cannot be decoded"),
    "text.png": (b"I am no picture\n" * 20, "cannot be decoded"),
    "page.jpg": (b"<!DOCTYPE html><html></html>", "cannot be decoded"),
    "vector.jpg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be decoded"),
    "archive.jpg": (b"PK\x03\x04" + bytes(60), "cannot be decoded"),
    "zeros.jpg": (bytes(5000), "cannot be decoded"),
    "bomb.png": (_png_of(50_000, 50_000), "decompression bomb"),
    "wide bomb.png": (_png_of(2_000_000, 300), "decompression bomb"),
    "float.tif": (_coded(Image.fromarray(np.float32(_NOISE[..., 0])), "TIFF"), "unknown range"),
    "blank.jpg": (_coded(_BLANK, "JPEG"), "no face found"),
    "noise.png": (_coded(Image.fromarray(_NOISE), "PNG"), "no face found"),
    "one pixel.png": (_coded(Image.new("RGB", (1, 1)), "PNG"), "no face found"),
    "thin.png": (_coded(Image.new("RGB", (3000, 1)), "PNG"), "no face found"),
    "transparent.png": (_coded(_alpha(0), "PNG"), "no face found"),
    "upside down.png": (_coded(_FACE.rotate(180), "PNG"), ""),  # as the detector will have it
    "small face.png": (_coded(paint((60, 60), (28, 28, 5))[0], "PNG"), "no face found"),
}
_FOLDER, _MISSING = "a folder.jpg", "missing.jpg"


@pytest.fixture(scope="module")
def done(regressor, tmp_path_factory):
    """What came of all of them in one go, by name."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (content, _) in {**_GOOD, **_BAD}.items():
        (folder / name).write_bytes(content)
    (folder / _FOLDER).mkdir()
    (folder / _FOLDER / "inside.jpg").write_bytes(_JPEG)
    sources = [str(folder / name) for name in (*_GOOD, *_BAD, _FOLDER, _MISSING)]
    photographs, skipped = named_photographs(sources)
    assert not skipped
    settings = Settings(kinds=("coefficients",), fit=False)
    out = tmp_path_factory.mktemp("heads") / "out"
    results = reconstruct_files(regressor, photographs, out, settings)
    heads = {one.photograph.path.removeprefix(f"{folder}/"): one for one in results}
    assert all((out / head).is_dir() for one in results for head in one.folders)
    return heads


def test_there_are_sixty():
    assert len(_GOOD) + len(_BAD) + 2 >= 60


@pytest.mark.parametrize("name", _GOOD)
def test_unusual_photographs_give_their_heads(done, name):
    assert (len(done[name].folders), done[name].reason) == (_GOOD[name][1], "")


@pytest.mark.parametrize("name", _BAD)
def test_bad_photographs_give_one_line(done, name):
    reason = done[name].reason
    assert _BAD[name][1] in reason and "\n" not in reason
    assert bool(reason) != bool(done[name].folders)


def test_folder_named_as_a_photograph_is_a_folder(done):
    assert done[f"{_FOLDER}/inside.jpg"].folders == ("inside",)


def test_missing_file_is_said(done):
    assert done[_MISSING].reason == "no such file"
