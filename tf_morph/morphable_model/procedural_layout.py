"""Where the features of the procedural face are: its landmarks, found again on its mesh."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.procedural_surface import (
    EYE_CENTER,
    EYE_RADIUS,
    MOUTH_HALF_WIDTH,
    MOUTH_Y,
    NOSTRIL,
    Surface,
    mouth_line,
    smoothstep,
)
from tf_morph.rendering.hairline import hairline_depth
from tf_morph.rendering.surround_shapes import measure_head

# In the front plane, mm, of the subject's left half (+X), in iBUG's order where it says so.
_JAW = ((70, 2), (69, -17), (66, -36), (61, -55), (53, -72), (43, -87), (31, -100), (17, -109))
_CHIN = (0, -112)
_BROW = ((13, 13.5), (21, 18), (30, 20), (40, 19), (49, 13))  # inner end first
_BRIDGE = ((0, 3), (0, -11), (0, -25), (0, -40))
_NOSE_BASE = ((0, -51), (6, -50.5), (12.5, -47))  # middle first
_EYE = ((17.5, -0.7), (26, 3.8), (36.5, 4.2), (46, 0.7), (36.5, -3.4), (26, -3.9))  # inner first
_W = MOUTH_HALF_WIDTH
_LIPS_CORNER = (_W, float(mouth_line(_W)))
_LIPS_UPPER = ((15, MOUTH_Y + 4.4), (5.5, MOUTH_Y + 8.3), (0, MOUTH_Y + 7))
_LIPS_LOWER = ((16, MOUTH_Y - 6.2), (7, MOUTH_Y - 10), (0, MOUTH_Y - 10.5))
_INNER_CORNER = (_W - 3, float(mouth_line(_W - 3)))
_INNER_UPPER = ((8, float(mouth_line(8)) + 0.4), (0, float(mouth_line(0)) + 0.4))
_INNER_LOWER = ((8, float(mouth_line(8)) - 0.4), (0, float(mouth_line(0)) - 0.4))


def face_layout(surface: Surface) -> FaceLayout:
    """The layout of the average face, for the colour fields and the landmarks."""
    front = np.array(_contours())
    skin = surface.vertices[~surface.eyeball & ~surface.ear]
    # Under the jaw the surface doubles back in the front plane: keep what faces the viewer.
    facing = skin[skin[:, 2] > -70]
    # The triangulation is not symmetric, so that both halves take the left one's depth.
    left = np.stack([np.abs(front[:, 0]), front[:, 1]], axis=-1)
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
        surface.vertices,
        eyes,
        pupils,
        np.concatenate([front, depth[:, None]], axis=1),
        nostrils=_nostrils(skin),
        under_hair=_under_hair(surface),
    )


def _nostrils(skin):
    """[2,3]: the middles of the openings, right and left."""
    left = skin[np.linalg.norm(skin[:, :2] - NOSTRIL, axis=1).argsort()[:4]].mean(axis=0)
    return np.stack([left * [-1, 1, 1], left])


def _under_hair(surface):
    """[V]: 1 where the mesh lies under the hair that `build_surround` lays over it."""
    points = surface.vertices
    eyes, mouth = np.array(EYE_CENTER) * [0, 1, 0], np.array([0.0, MOUTH_Y, 0.0])
    head = measure_head(np.stack([eyes, eyes, eyes, mouth, mouth]))
    depth = hairline_depth(head, points)
    return smoothstep(depth, 4.0, 11.0) * ~surface.eyeball * ~surface.ear


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
