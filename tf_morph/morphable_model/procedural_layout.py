"""Where the features of the procedural face are: its landmarks, found again on its mesh."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.procedural_surface import (
    EYE_CENTER,
    EYE_RADIUS,
    MOUTH_HALF_WIDTH,
    MOUTH_Y,
    Surface,
)

# In the front plane, mm, of the subject's left half (+X), in iBUG's order where it says so.
_JAW = ((69, 2), (68, -17), (66, -36), (62, -55), (56, -72), (46, -88), (33, -101), (17, -109))
_CHIN = (0, -112)
_BROW = ((13, 13.5), (21, 18), (30, 20), (40, 19), (49, 13))  # inner end first
_BRIDGE = ((0, 3), (0, -11), (0, -26), (0, -41))
_NOSE_BASE = ((0, -53), (6, -52), (13, -49))  # middle first
_EYE = ((17.5, -0.7), (26, 3.8), (36.5, 4.2), (46, 0.7), (36.5, -3.4), (26, -3.9))  # inner first
_W = MOUTH_HALF_WIDTH
_LIPS_CORNER = (_W, MOUTH_Y)
_LIPS_UPPER = ((16, MOUTH_Y + 4), (5.5, MOUTH_Y + 8.3), (0, MOUTH_Y + 7))
_LIPS_LOWER = ((15, MOUTH_Y - 6.5), (7, MOUTH_Y - 10), (0, MOUTH_Y - 10.5))
_INNER_CORNER = (_W - 3, MOUTH_Y)
_INNER_UPPER = ((8, MOUTH_Y + 0.8), (0, MOUTH_Y + 0.8))
_INNER_LOWER = ((8, MOUTH_Y - 0.8), (0, MOUTH_Y - 0.8))


def face_layout(surface: Surface) -> FaceLayout:
    """The layout of the average face, for the colour fields and the landmarks."""
    front = np.array(_contours())
    skin = surface.vertices[~surface.eyeball]
    # Under the jaw the surface doubles back in the front plane: keep what faces the viewer.
    facing = skin[skin[:, 2] > -70]
    left = np.abs(front[:, :1]) * [1, 0] + front * [
        0,
        1,
    ]  # the triangulation below is not symmetric
    depth = LinearNDInterpolator(facing[:, :2], facing[:, 2])(left)
    nearest = np.linalg.norm(facing[None, :, :2] - left[:, None], axis=-1).argmin(1)
    depth = np.where(np.isnan(depth), facing[nearest, 2], depth)
    eye_indices = np.flatnonzero(surface.eyeball)
    eyes = np.zeros((2, len(surface.vertices)), bool)
    for eye, indices in zip(eyes, np.split(eye_indices, 2), strict=True):
        eye[indices] = True
    apex = np.array(EYE_CENTER) + [0, 0, EYE_RADIUS]
    pupils = np.stack([apex * [-1, 1, 1], apex])
    return FaceLayout(
        surface.vertices, eyes, pupils, np.concatenate([front, depth[:, None]], axis=1)
    )


def _contours():
    """[68][2], iBUG's order: each feature from the subject's right (-X)."""
    left_eye = _EYE
    right_eye = [_EYE[i] for i in (3, 2, 1, 0, 5, 4)]
    return [
        *_mirrored(_JAW), _CHIN, *_JAW[::-1],
        *_mirrored(_BROW[::-1]), *_BROW,
        *_BRIDGE,
        *_mirrored(_NOSE_BASE[:0:-1]), *_NOSE_BASE,
        *_mirrored(right_eye), *left_eye,
        *_mirrored([_LIPS_CORNER]), *_mirrored(_LIPS_UPPER), *_LIPS_UPPER[1::-1], _LIPS_CORNER,
        *_LIPS_LOWER, *_mirrored(_LIPS_LOWER[1::-1]),
        *_mirrored([_INNER_CORNER]), *_mirrored(_INNER_UPPER), _INNER_UPPER[0], _INNER_CORNER,
        *_INNER_LOWER, *_mirrored(_INNER_LOWER[:1]),
    ]  # fmt: skip


def _mirrored(points):
    return [(-x, y) for x, y in points]
