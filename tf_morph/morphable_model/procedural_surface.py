"""The average face of the procedural model: a mask of smooth analytic fields, and two eyeballs.

Frame: +X to the image's right, +Y up, +Z out of the face; millimetres; the origin lies midway
between the eyes, near the plane of the corneas. Proportions are those of an average adult, chosen
by eye: pupils 63 mm apart, eyes to chin 110 mm, 146 mm across at the side edges.
"""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

EYE_CENTER = (31.5, 0.0, -17.0)  # of the left eyeball; the right one mirrors it
EYE_RADIUS = 12.2
MOUTH_Y = -67.0
MOUTH_HALF_WIDTH = 24.0

_SIDE_Z = -95.0  # where the mask ends at the sides
_SIDE_ANGLE = np.radians(96)
_LID_THICKNESS = 1.2
_EYE_HALF_LENGTH = 14.5
# Along the midline, without the nose: y, z, half the width at the side edge, and how much higher
# that edge lies than the midline (the line of the jaw rises towards the ear).
_MIDLINE = np.array(
    [
        [94, -33, 60, -10],
        [80, -14, 66, -8],
        [60, 0, 70, -4],
        [42, 5, 72, -2],
        [22, 6, 73, 0],
        [4, 2, 73, 0],
        [-14, 0, 73, 0],
        [-32, 4, 71, 2],
        [-48, 7, 69, 6],
        [-64, 8, 66, 11],
        [-80, 5, 63, 18],
        [-95, 5, 59, 26],
        [-106, 1, 54, 32],
        [-113, -8, 50, 36],
        [-116, -25, 48, 38],
        [-117, -46, 47, 38],
    ]
)
# Height of the nose's ridge, mm, over y.
_NOSE_RIDGE = (
    (-58, -54, -50, -46, -41, -34, -22, -8, 6, 18),
    (0.0, 1.0, 6.0, 15, 18, 15.5, 10, 5.0, 1.0, 0.0),
)
# (from this y downwards, mm between rows): close where eyes, nostrils and lips need it.
_ROW_SPACING = ((94, 6.0), (22, 2.8), (10, 1.3), (-9, 3.4), (-34, 2.2), (-78, 4.2))
# (from this x outwards, mm between columns)
_COLUMN_SPACING = ((0, 2.3), (48, 4.5), (60, 6.0))
_EYE_RINGS, _EYE_SECTORS = 8, 14


class Surface(NamedTuple):
    """vertices [V,3] float64 mm; triangles [T,3] int32, counter-clockwise seen from outside;
    eyeball [V] bool: which vertices are an eyeball's."""

    vertices: np.ndarray
    triangles: np.ndarray
    eyeball: np.ndarray


def average_surface() -> Surface:
    """The mask and both eyeballs as one mesh of about 4,600 vertices."""
    skin, skin_triangles = _skin()
    cap, cap_triangles = _eyeball_cap()
    center = np.array(EYE_CENTER)
    eyes = [cap + center * [side, 1, 1] for side in (-1, 1)]
    offsets = len(skin), len(skin) + len(cap)
    vertices = np.concatenate([skin, *eyes])
    return Surface(
        vertices,
        np.concatenate([skin_triangles, *(cap_triangles + o for o in offsets)]).astype(np.int32),
        np.arange(len(vertices)) >= len(skin),
    )


def bump(x, y, center, widths):
    """exp(-d^2/2) around `center`, `widths` its standard deviation along each axis (all mm)."""
    dx, dy = (x - center[0]) / widths[0], (y - center[1]) / widths[1]
    return np.exp(-0.5 * (dx**2 + dy**2))


def smoothstep(value, low, high):
    """0 below `low`, 1 above `high`, a cubic between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def eye_opening(x, y):
    """How far (mm, roughly) a point of the front plane lies inside an eye's almond; negative on
    the lids."""
    along = (np.abs(x) - EYE_CENTER[0]) / _EYE_HALF_LENGTH
    arch = np.clip(1.0 - along**2, -1.0, 1.0)
    upper, lower = 5.0 * arch + 0.7 * along, -4.2 * arch + 0.7 * along
    return np.minimum(upper - y, y - lower)


def _skin():
    rows, columns = _row_positions(), _column_positions()
    midline = np.repeat(rows[:, None], len(columns), axis=1)
    angles = np.arcsin(np.clip(columns / 74.0, -1.0, 1.0))
    angle = np.broadcast_to(angles * (_SIDE_ANGLE / angles[-1]), midline.shape[:2])
    x, y, z = _skull(midline, angle)
    z = z + _front_relief(x, y)
    z = _with_eyelids(x, y, z)
    return np.stack([x, y, z], -1).reshape(-1, 3), _grid_triangles(*x.shape)


def _row_positions():
    """[R,4]: the midline's four numbers at every row of the grid, from the top down."""
    steps = np.linalg.norm(np.diff(_MIDLINE[:, :2], axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    curve = PchipInterpolator(length, _MIDLINE)
    positions = [0.0]
    while positions[-1] < length[-1]:
        y = curve(positions[-1])[0]
        positions.append(positions[-1] + [step for top, step in _ROW_SPACING if y <= top][-1])
    return curve(np.array(positions) * (length[-1] / positions[-1]))


def _column_positions():
    positions = [0.0]
    while positions[-1] < 74.0:
        x = positions[-1]
        positions.append(x + [step for start, step in _COLUMN_SPACING if x >= start][-1])
    right_half = np.array(positions) * (74.0 / positions[-1])
    return np.concatenate([-right_half[:0:-1], right_half])


def _skull(midline, angle):
    """The smooth outline under the features: flattened half ellipses along the midline."""
    y, front, half_width, lift = np.moveaxis(midline, -1, 0)
    x = half_width * np.sin(angle)
    roundness = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.85
    z = _SIDE_Z + (front - _SIDE_Z) * roundness
    return x, y + lift * (1.0 - np.cos(angle)) ** 1.2, z


def _front_relief(x, y):
    """Displacement along +Z, mm, of everything but the eyelids."""
    side = np.abs(x)
    return (
        -7.0 * bump(side, y, (32, 1), (15, 10))  # eye sockets
        - 4.0 * bump(side, y, (17, 4), (5, 7))  # beside the bridge
        + 3.0 * bump(side, y, (25, 19), (15, 5))  # brow ridge
        - 2.5 * bump(side, y, (62, 28), (10, 20))  # temples
        + 4.0 * bump(side, y, (47, -20), (14, 11))  # cheekbones
        + 2.0 * bump(side, y, (36, -50), (12, 16))  # cheeks
        - 1.6 * bump(side - 0.45 * (-40 - y), y, (17, -54), (3.5, 11))  # nasolabial fold
        + _nose(side, y)
        + _mouth(side, y)
        - 2.6 * bump(x, y, (0, -82), (17, 4.0))  # under the lip
        + 4.5 * bump(x, y, (0, -98), (13, 9))  # chin
        + 2.0 * bump(side, y, (34, -92), (14, 14))  # jaw
    )


def _nose(side, y):
    ridge = PchipInterpolator(*_NOSE_RIDGE)(np.clip(y, -58, 18))
    half_width = np.interp(y, (-50, -42, -25, -5, 10), (8.0, 8.5, 7.5, 6.5, 8.0))
    return (
        ridge * np.exp(-0.5 * (side / half_width) ** 2)
        + 2.0 * bump(side, y, (0, -40), (7, 6))  # tip
        + 7.5 * bump(side, y, (13, -43), (4.2, 5.0))  # wings
        - 1.5 * bump(side, y, (20, -43), (3.0, 6.0))  # groove behind the wings
        - 4.5 * bump(side, y, (6.5, -50.5), (3.2, 1.9))  # nostrils
    )


def _mouth(side, y):
    taper = np.exp(-0.5 * (side / 15.5) ** 2.6)
    bow = 1.2 * bump(side, 0.0, (5.5, 0), (3.5, 1)) - 0.8 * bump(side, 0.0, (0, 0), (2.5, 1))
    shrink = np.clip(1.0 - (side / (MOUTH_HALF_WIDTH + 4)) ** 2, 0.15, 1.0)
    return (
        2.5 * bump(side, y, (0, -66), (22, 15))  # the dental arch
        + 3.6 * taper * np.exp(-0.5 * ((y - (MOUTH_Y + 4.4 * shrink + bow)) / 3.0) ** 2)
        + 4.4 * taper * np.exp(-0.5 * ((y - (MOUTH_Y - 5.6 * shrink)) / 3.6) ** 2)
        - 3.2 * taper * np.exp(-0.5 * ((y - MOUTH_Y) / 1.5) ** 2)
        - 1.5 * bump(side, y, (MOUTH_HALF_WIDTH + 1, MOUTH_Y - 1), (3.5, 3.5))  # corners
        - 1.2 * bump(side, y, (0, -56), (2.4, 4))  # philtrum
        + 0.7 * bump(side, y, (4.8, -57), (2.0, 4))
    )


def _with_eyelids(x, y, z):
    """The skin drawn over the eyeballs, and sunk behind them inside the opening."""
    across = (np.abs(x) - EYE_CENTER[0]) ** 2 + (y - EYE_CENTER[1]) ** 2
    radius = EYE_RADIUS + _LID_THICKNESS
    lid = EYE_CENTER[2] + np.sqrt(np.maximum(radius**2 - across, 0.0))
    # A soft maximum, so that the lid leaves the socket without a crease all round.
    covered = z + np.logaddexp(0.0, (lid - z) / 1.2) * 1.2
    near = smoothstep(radius - np.sqrt(across), 0.0, 2.5)
    z = z + near * (covered - z)
    depth = eye_opening(x, y)
    z = z - 1.0 * np.exp(-0.5 * ((depth + 4.0) / 1.2) ** 2) * (y > 0) * near  # the lid's crease
    return z - 7.0 * smoothstep(depth, -0.4, 0.9)


def _grid_triangles(rows, columns):
    index = np.arange(rows * columns).reshape(rows, columns)
    top_left, top_right = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    low_left, low_right = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    return np.concatenate(
        [
            np.stack([top_left, low_left, low_right], -1),
            np.stack([top_left, low_right, top_right], -1),
        ]
    )


def _eyeball_cap():
    """[E,3] mm around the eyeball's centre, facing +Z, in rings from the apex outwards."""
    polar = np.linspace(0.0, np.radians(82), _EYE_RINGS + 1)[1:, None]
    sector = np.arange(_EYE_SECTORS)[None] * (2 * np.pi / _EYE_SECTORS)
    ring = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.cos(sector), np.sin(polar) * np.sin(sector), np.cos(polar)
        ),
        -1,
    )
    vertices = np.concatenate([[[0.0, 0.0, 1.0]], ring.reshape(-1, 3)]) * EYE_RADIUS
    index = 1 + np.arange(_EYE_RINGS * _EYE_SECTORS).reshape(_EYE_RINGS, _EYE_SECTORS)
    following = np.roll(index, -1, axis=1)
    fan = np.stack([np.zeros(_EYE_SECTORS, int), index[0], following[0]], -1)
    inner, inner_next = index[:-1].ravel(), following[:-1].ravel()
    outer, outer_next = index[1:].ravel(), following[1:].ravel()
    return vertices, np.concatenate(
        [
            fan,
            np.stack([inner, outer, outer_next], -1),
            np.stack([inner, outer_next, inner_next], -1),
        ]
    )
