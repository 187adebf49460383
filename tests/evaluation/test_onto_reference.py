import numpy as np
import pytest

from tests.evaluation.surfaces import NOSE, grid_face, moved, somewhere
from tf_morph.evaluation.scan_registration import bring_onto


@pytest.fixture(scope="module")
def reference():
    return grid_face(step=3.0)


def test_a_face_in_metres_lying_anywhere_is_brought_back(reference):
    away = somewhere(1, scale=0.001, shift=2.0)
    found = bring_onto(moved(grid_face(step=2.3, shear=0.1), away), reference)
    back = found.after(away)(reference.vertices)
    assert np.linalg.norm(back - reference.vertices, axis=1).max() < 0.1


def test_part_of_a_face_is_brought_by_landmarks(reference):
    away, points = (
        somewhere(2, scale=7.0),
        np.array([NOSE, [30, 38, 20], [-30, 38, 20], [0, -70, 25]]),
    )
    part = grid_face(step=2.3).within(NOSE, 60.0)
    found = bring_onto(moved(part, away), reference, (away(points + 1.5), points))
    back = found.after(away)(part.vertices)
    assert np.linalg.norm(back - part.vertices, axis=1).max() < 0.1
