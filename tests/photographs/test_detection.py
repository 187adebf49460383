"""MTCNN as this project calls it: five points in place, whatever a picture's size and company."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.photographs.painted_face import ACCURACY, paint
from tf_morph.photographs import detection
from tf_morph.photographs.detection import detect_faces

SIDE = 100.0


def _one(picture):
    (faces,) = detect_faces([np.asarray(picture)])
    return faces


@pytest.mark.parametrize("size", [(160, 160), (120, 170), (600, 400), (301, 277)])
def test_points_of_a_painted_face_are_found(size):
    picture, (points,) = paint(size, (10, 12, SIDE))
    (face,) = _one(picture)
    np.testing.assert_allclose(face.five_points, points, atol=ACCURACY * SIDE)
    assert 0.8 < face.score <= 1
    left, top, right, bottom = face.box
    assert 60 < right - left < 100 and 80 < bottom - top < 130
    assert left < points[:, 0].min() and points[:, 0].max() < right


def test_points_lie_in_the_middle_between_those_of_both_mirror_images():
    """So that the first pixel's centre counts as (0.5, 0.5)."""
    picture, (points,) = paint((160, 160), (30, 30, SIDE))
    (face,), (mirrored,) = detect_faces([np.asarray(picture), np.asarray(picture)[:, ::-1]])
    sums = face.five_points[:, 0] + mirrored.five_points[[1, 0, 2, 4, 3], 0]
    assert sums.mean() == pytest.approx(160, abs=0.5)


def test_every_face_of_several_is_found():
    picture, points = paint((420, 200), (20, 40, SIDE), (240, 30, 130))
    faces = _one(picture)
    assert len(faces) == 2
    for expected, side in zip(points, (SIDE, 130), strict=True):
        nearest = min(np.abs(face.five_points - expected).max() for face in faces)
        assert nearest < ACCURACY * side
    assert faces[0].score >= faces[1].score


def test_pictures_of_different_sizes_keep_their_own_faces():
    """Also after pictures without a face, where mtcnn itself shifts the points of the others."""
    pictures, expected = [], []
    for size, at in (((160, 160), None), ((140, 260), (20, 90)), ((160, 160), (35, 30))):
        for _ in range(2):
            picture, points = paint(size, *([(*at, SIDE)] if at else []))
            pictures.append(np.asarray(picture))
            expected.append(points)
    for faces, points in zip(detect_faces(pictures), expected, strict=True):
        assert len(faces) == len(points)
        for face, own in zip(faces, points, strict=True):
            np.testing.assert_allclose(face.five_points, own, atol=ACCURACY * SIDE)


def test_a_large_picture_is_looked_at_scaled_down():
    small, (points,) = paint((400, 301), (75, 40, 225))
    picture, points, side = small.resize((1600, 1204)), 4 * points, 900.0
    assert max(detection.shrink(picture).shape) == detection.LONGEST_SIDE
    (face,) = _one(picture)
    np.testing.assert_allclose(face.five_points, points, atol=ACCURACY * side)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((100, 100, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((5, 2000, 3), np.uint8),
        np.full((13, 40, 3), 255, np.uint8),
    ],
    ids=["flat", "noise", "one pixel", "a line", "small"],
)
def test_no_face_in_a_picture_without_one(picture):
    assert _one(picture) == ()


def test_no_pictures_no_answers():
    assert detect_faces([]) == []


def test_importing_photographs_does_not_import_the_detector():
    code = (
        "import sys, tf_morph.photographs.aligned; "
        "sys.exit(len({'mtcnn', 'joblib', 'tensorflow'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_weights_in_the_working_directory_are_left_alone(tmp_path, monkeypatch):
    """mtcnn would unpickle them, and so run whatever they say."""
    for name in ("pnet", "rnet", "onet"):
        (tmp_path / f"{name}.lz4").write_bytes(b"no weights")
    monkeypatch.chdir(tmp_path)
    detection._detector.cache_clear()
    picture, points = paint((160, 160), (30, 30, SIDE))
    assert len(_one(picture)) == len(points)


def test_shrinking_keeps_the_whole_picture():
    assert detection.shrink(Image.new("RGB", (5000, 1))).shape == (1, detection.LONGEST_SIDE, 3)
    assert detection.shrink(Image.new("RGB", (300, 200))).shape == (200, 300, 3)
