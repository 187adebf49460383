"""Every kind of picture comes out as upright sRGB-coded RGB; broken ones are named, not fatal."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tf_morph.photographs import load_photographs

SIZE = 8


def _one(path, crop=None, size=SIZE):
    loaded = load_photographs([str(path)], crop, size, progress=False)
    assert loaded.skipped == ()
    return loaded.images[0]


def _noise(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_rgb_comes_back_unchanged(tmp_path):
    pixels = _noise((SIZE, SIZE, 3))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(_one(tmp_path / "a.png"), pixels)


def test_greyscale_fills_the_three_channels(tmp_path):
    grey = _noise((SIZE, SIZE))
    Image.fromarray(grey).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(_one(tmp_path / "grey.png"), np.repeat(grey[..., None], 3, -1))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_greys_are_scaled_not_clipped(tmp_path, suffix):
    grey = np.linspace(0, 65535, SIZE * SIZE).reshape(SIZE, SIZE).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / f"deep.{suffix}")
    image = _one(tmp_path / f"deep.{suffix}")
    expected = np.rint(grey / 257.0)
    np.testing.assert_array_equal(image, np.repeat(expected[..., None], 3, -1))


def test_pixels_of_unknown_range_are_refused(tmp_path):
    Image.fromarray(np.ones((SIZE, SIZE), np.float32)).save(tmp_path / "float.tif")
    Image.fromarray(np.full((SIZE, SIZE), 70000, np.int32)).save(tmp_path / "int.tif")
    paths = [str(tmp_path / name) for name in ("float.tif", "int.tif")]
    loaded = load_photographs(paths, None, SIZE, progress=False)
    assert "floating-point" in loaded.skipped[0][1]
    assert "more than 16 bits" in loaded.skipped[1][1]


def test_sixteen_bit_colour_png(tmp_path):
    (tmp_path / "deep.png").write_bytes(_png16((200, 100, 50)))
    assert _one(tmp_path / "deep.png", size=2)[0, 0].tolist() == [200, 100, 50]


def test_cmyk_jpeg(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    red, green, blue = _one(tmp_path / "red.jpg")[4, 4].astype(int)
    assert red > 200 and green < 60 and blue < 60


def test_transparency_shows_white(tmp_path):
    pixels = np.zeros((SIZE, SIZE, 4), np.uint8)
    pixels[:4] = (200, 30, 10, 255)
    Image.fromarray(pixels).save(tmp_path / "cut.png")
    image = _one(tmp_path / "cut.png")
    assert image[0, 0].tolist() == [200, 30, 10]
    assert image[7, 7].tolist() == [255, 255, 255]


def test_palette_with_transparency(tmp_path):
    palette = Image.new("P", (SIZE, SIZE), 1)
    palette.putpalette([9, 9, 9, 10, 200, 30])
    palette.putpixel((0, 0), 0)
    palette.save(tmp_path / "p.png", transparency=0)
    image = _one(tmp_path / "p.png")
    assert image[0, 0].tolist() == [255, 255, 255]
    assert image[5, 5].tolist() == [10, 200, 30]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, orientation):
    upright = np.zeros((24, 16, 3), np.uint8)
    upright[:12, :8] = (250, 0, 0)
    upright[12:, 8:] = (0, 0, 250)
    stored = Image.fromarray(upright)
    # What a camera stores so that the viewer's turn brings the picture upright.
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    if orientation in turns:
        stored = stored.transpose(Image.Transpose(turns[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(
        _one(tmp_path / "turned.png", crop=(0, 0, 16, 16), size=16), upright[:16]
    )


def test_crop_then_scale(tmp_path):
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[5:15, 20:30] = (90, 120, 210)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = _one(tmp_path / "a.png", crop=(20, 5, 30, 15), size=5)
    assert (image == (90, 120, 210)).all()


def test_crop_outside_the_photograph_is_black(tmp_path):
    Image.new("RGB", (10, 10), (255, 255, 255)).save(tmp_path / "a.png")
    image = _one(tmp_path / "a.png", crop=(-5, 0, 5, 10), size=10)
    assert (image[:, :5] == 0).all() and (image[:, 5:] == 255).all()


def test_no_crop_takes_the_centred_square(tmp_path):
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert (_one(tmp_path / "a.png", size=10) == 255).all()


def test_scaling_down_is_antialiased(tmp_path):
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    inside = _one(tmp_path / "stripes.png", size=8)[:, 1:-1].astype(int)
    assert np.abs(inside - 127).max() <= 2


def test_broken_photographs_are_skipped_and_named(tmp_path):
    good = io.BytesIO()
    Image.fromarray(_noise((64, 64, 3))).save(good, "JPEG")
    contents = {
        "good.jpg": good.getvalue(),
        "truncated.jpg": good.getvalue()[: len(good.getvalue()) // 2],
        "text.jpg": b"this is no photograph",
        "empty.jpg": b"",
        "also_good.jpg": good.getvalue(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in (*contents, "absent.jpg")]
    loaded = load_photographs(paths, None, SIZE, progress=False)
    assert loaded.kept.tolist() == [0, 4]
    np.testing.assert_array_equal(loaded.images[0], loaded.images[1])
    assert [path for path, _ in loaded.skipped] == [paths[i] for i in (1, 2, 3, 5)]
    reasons = [reason for _, reason in loaded.skipped]
    assert "truncated" in reasons[0]
    assert "cannot identify" in reasons[1]
    assert reasons[3] == "no such file"
    assert all("\n" not in reason for reason in reasons)


def test_decompression_bombs_are_refused(tmp_path, monkeypatch):
    Image.new("L", (400, 400)).save(tmp_path / "bomb.png")
    Image.new("L", (40, 40)).save(tmp_path / "small.png")
    paths = [str(tmp_path / name) for name in ("bomb.png", "small.png")]
    for limit in (100_000, 10_000):  # Pillow itself only warns below twice its limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        loaded = load_photographs(paths, None, SIZE, progress=False)
        assert loaded.kept.tolist() == [1]
        assert "decompression bomb" in loaded.skipped[0][1]


def test_no_photograph_left_is_an_empty_array(tmp_path):
    loaded = load_photographs([str(tmp_path / "absent.jpg")], None, SIZE, progress=False)
    assert loaded.images.shape == (0, SIZE, SIZE, 3)
    assert loaded.kept.shape == (0,)


def _png16(color):
    """A 2x2 PNG of 16 bits a channel, which Pillow reads but does not write."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    row = b"\0" + struct.pack(">3H", *(257 * c for c in color)) * 2
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * 2))
        + chunk(b"IEND", b"")
    )
