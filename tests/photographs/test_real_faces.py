"""Faces found in real photographs, and in drawn ones of people who do not exist."""

import numpy as np
import pytest
from PIL import Image

from tf_morph.embedded.people import draw_people
from tf_morph.embedded.photographer import FIVE_POINTS, Assignment, photograph_people
from tf_morph.photographs import LFW_FACE_CROP, list_photographs
from tf_morph.photographs.aligned import faces_in_files
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.photographs.detection import detect_faces
from tf_morph.photographs.face_choice import choose_face

# Means and standard deviations in LFW_FACE_CROP at 112 pixels (docs/assets.md).
LFW_MEANS = np.array([(39.5, 51.2), (73.1, 50.4), (56.3, 70.4), (42.2, 87.6), (72.2, 86.9)])
LFW_DEVIATIONS = np.array([(2.4, 1.8), (2.4, 1.7), (4.2, 3.3), (3.2, 3.4), (3.3, 3.4)])
LFW_SIZE = 250
# (name, centre's x and y, side, angle) of what dlib 20.0.1 cuts out for its recognition network, by
# its own detector and predictor of five landmarks; pixels from the first one's centre, radians.
DLIB_CHIPS = (
    ("AJ_Cook", 125.0, 138.0, 121.13, 0.0656),
    ("Catherine_Bell", 124.0, 136.0, 121.38, -0.0207),
    ("Eric_Robert_Rudolph", 128.0, 135.0, 114.85, -0.0436),
    ("Javier_Weber", 124.0, 134.0, 117.05, 0.0430),
    ("Lea_Fastow", 126.0, 137.0, 119.20, -0.0768),
    ("Narayan_Singh_Pun", 125.0, 135.0, 119.31, -0.0380),
    ("Ronde_Barber", 126.0, 134.0, 118.19, -0.0467),
)
MIRRORED = [1, 0, 2, 4, 3]


@pytest.fixture(scope="module")
def lfw(assets):
    if not (assets / "lfw").is_dir():
        pytest.skip("needs Labeled Faces in the Wild (docs/assets.md)")
    return list_photographs(assets / "lfw").paths


def _in_crop(points):
    left, top, right, bottom = LFW_FACE_CROP
    return (points - (left, top)) * 112 / (right - left, bottom - top)


def _subjects_points(found):
    return np.array([choose_face(faces, LFW_SIZE, LFW_SIZE).five_points for faces in found])


def test_faces_of_lfw_are_where_its_crop_has_them(lfw):
    found = faces_in_files(lfw[::140], progress=False)
    assert all(found)
    points = _in_crop(_subjects_points(found))
    standard_error = LFW_DEVIATIONS / np.sqrt(len(found))
    assert np.abs(points.mean(0) - LFW_MEANS).max() < 4 * standard_error.max()


def test_a_mirrored_photograph_has_mirrored_points(lfw):
    pictures = [np.asarray(Image.open(path)) for path in lfw[::300]]
    found = detect_faces([*pictures, *(picture[:, ::-1] for picture in pictures)])
    points, mirrored = np.split(_subjects_points(found), 2)
    mirrored = mirrored[:, MIRRORED] * (-1, 1) + (LFW_SIZE, 0)
    assert np.median(np.abs(points - mirrored)) < 1.5
    assert abs((points - mirrored)[..., 0].mean()) < 1


@pytest.mark.slow
def test_every_face_of_lfw_is_found_and_the_table_holds(lfw):
    found = faces_in_files(lfw[::7], progress=False)
    assert all(found)
    points = _in_crop(_subjects_points(found))
    # Faces turned far aside are left out of the table's spread.
    points = points[np.linalg.norm(points - LFW_MEANS, axis=-1).max(1) < 24]
    assert len(points) > 0.97 * len(found)
    np.testing.assert_allclose(points.mean(0), LFW_MEANS, atol=0.6)
    np.testing.assert_allclose(points.std(0), LFW_DEVIATIONS, atol=0.5)


@pytest.mark.slow
def test_faces_of_drawn_people_are_found_in_their_places(full_open_head, tmp_path):
    people = draw_people(full_open_head, 24, [3, 1])
    photograph_people(full_open_head, people, Assignment(2, 128, [3, 2]), tmp_path)
    found = faces_in_files(list_photographs(tmp_path).paths, progress=False)
    assert sum(map(len, found)) >= 46
    points = np.array([faces[0].five_points for faces in found if faces]) / 128
    np.testing.assert_allclose(points.mean(0), FIVE_POINTS, atol=0.05)


def test_faces_are_cut_out_as_dlib_does(assets, lfw):
    """The corners of both crops, in the pixels of ours: over all of LFW 6 apart at the median."""
    size = 150
    corners = np.array([(0, 0), (size, 0), (0, size), (size, size)], np.float64)
    paths = [str(assets / "lfw" / name / f"{name}_0001.jpg") for name, *_ in DLIB_CHIPS]
    apart = []
    for faces, (_, x, y, side, angle) in zip(faces_in_files(paths), DLIB_CHIPS, strict=True):
        face = choose_face(faces, LFW_SIZE, LFW_SIZE)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        theirs = (corners - size / 2) * side / (size - 1) @ turn + (x + 0.5, y + 0.5)
        to_ours = CROP_RULES["aligned_dlib"].transform(face, (LFW_SIZE, LFW_SIZE), size)
        ours = theirs @ to_ours[:, :2].T + to_ours[:, 2]
        apart.append(np.linalg.norm(ours - corners, axis=1).mean())
    assert np.median(apart) < 6 and max(apart) < 12
