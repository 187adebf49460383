"""Photographs cropped to the faces on them, and what is kept of the search for these."""

import numpy as np
import pytest
from PIL import Image

from tests.photographs.painted_face import ACCURACY, paint
from tf_morph.errors import InputError
from tf_morph.photographs import aligned, load_photographs
from tf_morph.photographs.aligned import NO_FACE, faces_in_files, load_aligned
from tf_morph.photographs.crop_rules import CROP_RULES

SIZE, SIDE = 112, 100.0


def _save(path, *faces, size=(160, 160), **options):
    picture, points = paint(size, *faces)
    picture.save(path, **options)
    return str(path), points


@pytest.fixture
def face(tmp_path):
    return _save(tmp_path / "face.png", (30, 30, SIDE))[0]


@pytest.fixture
def searches(monkeypatch):
    """How many pictures the detector has looked at, a number a call."""
    counts = []

    def counting(pictures):
        counts.append(len(pictures))
        return detect(pictures)

    detect = aligned.detect_faces
    monkeypatch.setattr(aligned, "detect_faces", counting)
    return counts


def _load(paths, rule="aligned", cache=None, **options):
    return load_aligned(paths, rule, SIZE, cache, progress=False, **options)


def test_the_faces_points_come_to_lie_in_the_template(tmp_path):
    """Wherever and however turned a face stands, its aligned picture is the same."""
    pictures = []
    for index, turn in enumerate((0, 15, -20)):
        picture, _ = paint((300, 320), (90, 90, 120))
        picture.rotate(turn, Image.Resampling.BICUBIC).save(tmp_path / f"{index}.png")
        pictures.append(str(tmp_path / f"{index}.png"))
    images = _load(pictures).images[:, 25:100, 20:92].astype(float)
    assert np.abs(images[1:] - images[0]).mean() < 8
    again = faces_in_files([_save_image(tmp_path / "out.png", _load(pictures).images[0])])
    template = np.array(CROP_RULES["aligned"].template) * SIZE
    assert np.abs(again[0][0].five_points - template).mean() < 3


def _save_image(path, image):
    Image.fromarray(image).save(path)
    return str(path)


def test_every_rule_gives_images_of_the_size(face, tmp_path, searches):
    for rule in CROP_RULES:
        loaded = _load([face], rule, tmp_path / "cache")
        assert loaded.images.shape == (1, SIZE, SIZE, 3) and loaded.images.dtype == np.uint8
        assert loaded.images.std() > 20 and not loaded.skipped
    assert sum(searches) == 1, "where a face is does not hang on how it is cut out"


def test_a_fixed_crop_finds_no_faces(face, searches):
    for crop in ((10, 20, 90, 100), None):
        expected = load_photographs([face], crop, SIZE, progress=False)
        np.testing.assert_array_equal(_load([face], crop).images, expected.images)
    assert searches == []


def test_photographs_without_a_face_and_broken_ones_are_named(tmp_path, face):
    empty, _ = _save(tmp_path / "empty.png")
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    paths = [empty, face, str(tmp_path / "broken.jpg"), str(tmp_path / "absent.jpg"), face]
    for cache in (tmp_path / "cache",) * 2:
        loaded = _load(paths, cache=cache)
        assert loaded.kept.tolist() == [1, 4] and len(loaded.images) == 2
        assert loaded.skipped[0] == (empty, NO_FACE)
        assert [path for path, _ in loaded.skipped] == [paths[i] for i in (0, 2, 3)]
        assert "cannot identify" in loaded.skipped[1][1]
        assert loaded.skipped[2][1] == "no such file"


def test_turned_grey_deep_and_transparent_photographs(tmp_path):
    picture, (points,) = paint((160, 200), (30, 40, SIDE))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    picture.convert("L").save(tmp_path / "grey.png")
    deep = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "deep.png")
    picture.convert("RGBA").save(tmp_path / "alpha.png")
    names = ("turned", "grey", "deep", "alpha")
    for found in faces_in_files([str(tmp_path / f"{n}.png") for n in names], progress=False):
        np.testing.assert_allclose(found[0].five_points, points, atol=ACCURACY * SIDE)
    images = _load([str(tmp_path / f"{n}.png") for n in names]).images.astype(float)
    assert np.abs(images[0] - images[3]).mean() < 2
    assert np.abs(images[1] - images[2]).mean() < 2


def test_the_chosen_face_is_cut_out(tmp_path):
    path, _ = _save(tmp_path / "two.png", (160, 50, 80), (10, 20, 130), size=(400, 200))
    largest, central = (_load([path], choice=c).images[0] for c in ("largest", "central"))
    alone = _save(tmp_path / "one.png", (160, 50, 80), size=(400, 200))[0]
    expected = _load([alone]).images[0].astype(float)
    inside = np.s_[30:100, 25:87]
    assert np.abs(central - expected)[inside].mean() < np.abs(largest - expected)[inside].mean()


def test_a_second_search_reads_what_the_first_found(tmp_path, face, searches):
    other, _ = _save(tmp_path / "other.png", (40, 35, 90))
    empty, _ = _save(tmp_path / "empty.png")
    first = _load([face, empty], cache=tmp_path / "cache")
    assert searches == [2]
    renamed = tmp_path / "renamed.png"
    renamed.write_bytes(open(face, "rb").read())
    again = _load([str(renamed), empty], cache=tmp_path / "cache")
    assert sum(searches) == 2
    np.testing.assert_array_equal(again.images, first.images)
    assert again.skipped == ((empty, NO_FACE),)
    _load([face, other], cache=tmp_path / "cache")
    assert sum(searches) == 3
    _load([face, other, empty], cache=tmp_path / "cache")
    assert sum(searches) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"PK" + bytes(100),
        lambda content: content.replace(b"digests", b"disgust"),
    ],
    ids=["empty", "torn", "no archive", "another name"],
)
def test_a_damaged_cache_is_made_anew(tmp_path, face, searches, damage):
    cache = tmp_path / "cache"
    first = _load([face], cache=cache)
    (file,) = cache.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    np.testing.assert_array_equal(_load([face], cache=cache).images, first.images)
    assert sum(searches) == 2
    _load([face], cache=cache)
    assert sum(searches) == 2


@pytest.mark.parametrize("change", ["count", "kind", "nan", "rows", "digests", "empty"])
def test_a_cache_that_contradicts_itself_is_made_anew(tmp_path, face, searches, change):
    cache = tmp_path / "cache"
    _load([face], cache=cache)
    (file,) = cache.iterdir()
    arrays = dict(np.load(file))
    if change == "count":
        arrays["counts"] = np.array([2])
    elif change == "kind":
        arrays["counts"] = np.array([1.0])
    elif change == "empty":
        arrays = {name: array[:0] for name, array in arrays.items()}
    elif change == "nan":
        arrays["faces"] = arrays["faces"] * np.nan
    elif change == "rows":
        arrays["faces"] = arrays["faces"][:, :7]
    else:
        arrays["digests"] = np.array(["a", "b"])
    with open(file, "wb") as opened:
        np.savez(opened, **arrays)
    assert len(_load([face], cache=cache).images) == 1
    assert sum(searches) == 2


def test_a_search_broken_off_keeps_what_it_found(tmp_path, face, searches, monkeypatch):
    monkeypatch.setattr(aligned, "_CHUNK", 1)
    other, _ = _save(tmp_path / "other.png", (40, 35, 90))
    detect = aligned.detect_faces

    def interrupted(pictures):
        if len(searches) == 1:
            raise KeyboardInterrupt
        return detect(pictures)

    monkeypatch.setattr(aligned, "detect_faces", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _load([face, other], cache=tmp_path / "cache")
    monkeypatch.setattr(aligned, "detect_faces", detect)
    _load([face, other], cache=tmp_path / "cache")
    assert [count for count in searches if count] == [1, 1]


def test_no_photographs_give_no_images(tmp_path):
    assert _load([], cache=tmp_path / "cache").images.shape == (0, SIZE, SIZE, 3)


def test_unknown_rules_choices_and_a_folder_that_is_a_file_are_refused(tmp_path, face):
    with pytest.raises(InputError, match="aligned"):
        _load([face], "centred")
    with pytest.raises(InputError, match="prominent"):
        _load([face], choice="nicest")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder that can be written"):
        _load([face], cache=tmp_path / "file")
