"""Whose face a photograph of several people is taken to show."""

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.photographs.detection import DetectedFace
from tf_morph.photographs.face_choice import CHOICES, choose_face


def _face(x, y, side, score=0.9):
    box = np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2], float)
    return DetectedFace(box, np.full((5, 2), (x, y), float), score)


def test_largest_and_most_central():
    faces = [_face(30, 100, 60), _face(105, 95, 20), _face(180, 100, 40)]
    assert choose_face(faces, 200, 200, "largest") is faces[0]
    assert choose_face(faces, 200, 200, "central") is faces[1]


def test_prominent_weighs_size_against_distance():
    near, far = _face(120, 100, 40), _face(160, 100, 60)
    # 1600 - 2 * 400 against 3600 - 2 * 3600
    assert choose_face([far, near], 200, 200, "prominent") is near
    # 1600 - 2 * 400 against 3600 - 2 * 900
    assert choose_face([near, _face(130, 100, 60)], 200, 200, "prominent") is not near
    assert choose_face([far, near], 200, 200) is near


@pytest.mark.parametrize("choice", CHOICES)
def test_the_choice_does_not_hang_on_the_photographs_size(choice):
    random = np.random.default_rng(3)
    for _ in range(50):
        places = random.uniform(0, 200, (4, 2))
        sides = random.uniform(10, 80, 4)
        small = [_face(*place, side) for place, side in zip(places, sides, strict=True)]
        large = [face.scaled((7.0, 7.0)) for face in small]
        chosen = choose_face(small, 200, 150, choice)
        assert choose_face(large, 1400, 1050, choice).box == pytest.approx(7 * chosen.box)


@pytest.mark.parametrize("choice", CHOICES)
def test_one_face_is_chosen_and_of_equal_ones_the_first(choice):
    only = _face(3, 5, 1)
    assert choose_face([only], 500, 500, choice) is only
    twins = [_face(40, 50, 20), _face(60, 50, 20)]
    assert choose_face(twins, 100, 100, choice) is twins[0]


def test_an_unknown_choice_is_refused():
    with pytest.raises(InputError, match="prominent"):
        choose_face([_face(1, 1, 1)], 2, 2, "best")
