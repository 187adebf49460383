"""Each rule cuts out what its source says, up to the edges of the photograph."""

import numpy as np
import pytest
from PIL import Image

from tests.photographs.painted_face import FIVE_POINTS, paint
from tf_morph.photographs.crop_rules import (
    ALIGNED,
    CROP_RULES,
    WIDE,
    BoxCrop,
    FivePointCrop,
    aligned_for,
)
from tf_morph.photographs.detection import DetectedFace
from tf_morph.recognition.architectures import ARCHITECTURES

BOX = np.array([100.0, 80, 180, 200])  # 80 wide, 120 high, about (140, 140)
TEMPLATES = {n: rule for n, rule in CROP_RULES.items() if isinstance(rule, FivePointCrop)}


def _part(name, size=(1000, 1000), box=BOX):
    return CROP_RULES[name].part(box, size).tolist()


def test_vggface2_takes_seven_eighths_of_the_shorter_side_and_three_tenths():
    half = 80 * 1.3 * 224 / 256 / 2
    assert _part("box_vggface2") == pytest.approx([140 - half, 140 - half, 140 + half, 140 + half])


def test_vgg_face_takes_a_square_of_the_longer_side_and_a_tenth():
    assert _part("box_vgg_face") == pytest.approx([74, 74, 206, 206])
    # Black where it reaches outside, so that the face keeps its proportions.
    assert _part("box_vgg_face", (160, 150)) == pytest.approx([74, 74, 206, 206])


def test_facenet_adds_its_margin_in_pixels_or_as_a_share():
    assert _part("box_facenet_lfw") == pytest.approx([84, 64, 196, 216])
    assert _part("box_facenet") == pytest.approx([90, 65, 190, 215])
    half = np.array([80, 120]) * 182 / 138 * 160 / 182 / 2
    assert _part("box_facenet_training") == pytest.approx([*(140 - half), *(140 + half)])


def test_boxes_end_with_the_photograph():
    assert _part("box_facenet_lfw", (190, 205)) == pytest.approx([84, 64, 190, 205])
    left, top, right, bottom = _part("box_vggface2", (150, 1000))
    assert right - left == pytest.approx(bottom - top)
    assert 0 <= left < right <= 150
    with pytest.raises(ValueError, match="outside"):
        CROP_RULES["box_facenet"].part(BOX + 2000, (1000, 1000))


def test_a_box_is_cut_out_and_squeezed_into_the_image():
    picture = np.zeros((60, 80, 3), np.uint8)
    picture[10:50, 20:40] = (90, 120, 210)
    face = DetectedFace(np.array([20.0, 10, 40, 50]), FIVE_POINTS, 1.0)
    image = BoxCrop().cut(Image.fromarray(picture), face, 8)
    assert image.shape == (8, 8, 3) and (image[1:-1, 1:-1] == (90, 120, 210)).all()
    assert image.mean((0, 1)) == pytest.approx([90, 120, 210], rel=0.1)


@pytest.mark.parametrize("name", TEMPLATES)
def test_points_of_the_template_come_to_lie_in_it(name):
    """White points on black, turned and shrunk in a photograph, are found in their places."""
    rule, size = CROP_RULES[name], 96
    template = np.array(rule.template)
    angle = np.radians(20)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = template * (150, 150 * rule.aspect) @ turn.T + (110, 40)
    photograph = _discs(points, (420, 360))
    image = rule.cut(photograph, DetectedFace(BOX, points, 1.0), size)[..., 0].astype(float)
    rows, columns = np.indices(image.shape) + 0.5
    for x, y in template * size:
        near = image * (np.hypot(columns - x, rows - y) < 5)
        centre = np.array([(columns * near).sum(), (rows * near).sum()]) / near.sum()
        np.testing.assert_allclose(centre, (x, y), atol=0.3)


def _discs(points, size):
    rows, columns = np.indices(size[::-1]) + 0.5
    distances = [np.hypot(columns - x, rows - y) for x, y in points]
    grey = np.uint8(255 * np.clip(4 - np.min(distances, 0), 0, 1))
    return Image.fromarray(np.repeat(grey[..., None], 3, -1))


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_upright_faces(name):
    right_eye, left_eye, nose, right_mouth, left_mouth = TEMPLATES[name].template
    assert 0.25 < right_eye[0] < right_mouth[0] < 0.5 < left_mouth[0] < left_eye[0] < 0.75
    assert 0.3 < right_eye[1] < nose[1] < right_mouth[1] < 0.9
    assert abs(nose[0] - 0.5) < 0.01


def test_the_template_and_the_box_of_a_network_show_the_same():
    photograph, (points,) = paint((250, 250), (55, 30, 130))
    box = np.array([74.0, 36, 166, 160])  # as wide and high as LFW's are on average
    for network in ("vgg_face", "vggface2", "facenet"):
        face = DetectedFace(box, points, 1.0)
        left, top, right, bottom = CROP_RULES[f"box_{network}"].part(box, photograph.size)
        within = (points - (left, top)) / (right - left, bottom - top)
        template = np.array(CROP_RULES[f"aligned_{network}"].template)
        assert np.abs(within - template).max() < 0.08
        aligned = CROP_RULES[f"aligned_{network}"].cut(photograph, face, 64).astype(float)
        boxed = CROP_RULES[f"box_{network}"].cut(photograph, face, 64).astype(float)
        assert np.corrcoef(aligned.ravel(), boxed.ravel())[0, 1] > 0.7


def test_every_architecture_has_a_rule():
    assert {aligned_for(name) for name in ARCHITECTURES} <= CROP_RULES.keys() - {ALIGNED}
    assert aligned_for("somebody's SavedModel") == ALIGNED


@pytest.mark.parametrize("name", ["aligned_dlib", "aligned"])
def test_a_networks_part_of_the_wide_frame_is_its_own_crop(name):
    """By where points of the photograph land, for a face that is turned and scaled."""
    points = np.array(CROP_RULES["aligned_dlib"].template) * 90 @ [[0.9, 0.3], [-0.3, 0.9]] + 200
    face = DetectedFace(BOX, points, 1.0)
    left, top, right, bottom = WIDE.part_of(CROP_RULES[name])
    corners = np.array([[250.0, 210, 1], [230, 300, 1], [180, 250, 1]]).T
    wide = (CROP_RULES["aligned_wide"].transform(face, (500, 500), 1) @ corners).T
    own = (CROP_RULES[name].transform(face, (500, 500), 1) @ corners).T
    within = (wide - [left, top]) / [right - left, bottom - top]
    # Two templates of one face differ by more than place and size: by a hundredth of the side.
    np.testing.assert_allclose(within, own, atol=0.002 if name == "aligned_dlib" else 0.02)
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
