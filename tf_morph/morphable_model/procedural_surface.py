"""The average face of the procedural model: a mask of smooth analytic fields, eyeballs and ears.

Frame: +X to the image's right, +Y up, +Z out of the face; millimetres; the origin lies midway
between the eyes, near the plane of the corneas. Proportions are those of an average adult, chosen
by eye: pupils 63 mm apart, eyes to chin 112 mm, 142 mm across at the cheekbones.
"""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

EYE_CENTER = (31.5, 0.0, -17.0)  # of the left eyeball; the right one mirrors it
EYE_RADIUS = 12.2
MOUTH_Y = -67.0
MOUTH_HALF_WIDTH = 24.5
NOSTRIL = (6.8, -47.3)  # in the front plane

_SIDE_Z = -95.0  # where the mask ends at the sides
_SIDE_ANGLE = np.radians(96)
_LID_THICKNESS = 1.5
_EYE_HALF_LENGTH = 14.2
# Along the midline, without the nose: y, z, half the width at the side edge, how much higher that
# edge lies than the midline (the line of the jaw rises towards the ear), and how pointed the
# section is (below 1 boxy, 1 an ellipse).
_MIDLINE = np.array(
    [
        [97, -42, 56, -10, 0.95],
        [84, -20, 63, -8, 0.93],
        [64, -3, 68, -4, 0.92],
        [44, 4, 70, -2, 0.92],
        [22, 5, 71, 0, 0.94],
        [4, 2, 71, 0, 0.98],
        [-14, 0, 70.5, 0, 1.0],
        [-32, 3, 68, 2, 1.02],
        [-48, 5, 65, 6, 1.06],
        [-64, 6, 61.5, 11, 1.12],
        [-80, 3, 59.5, 19, 1.14],
        [-95, 2, 56.5, 28, 1.18],
        [-106, -1, 52.5, 36, 1.2],
        [-113, -9, 48.5, 42, 1.2],
        [-116, -24, 46.5, 45, 1.1],
        [-117, -46, 45, 46, 1.05],
    ]
)
# Height of the nose's ridge, mm, over y.
_NOSE_RIDGE = (
    (-54, -51, -48.5, -46, -43, -38, -31, -20, -8, 6, 18),
    (0.0, 1.2, 6.5, 13.5, 17.5, 19, 16.5, 11.5, 7.0, 2.5, 0.0),
)
# (from this y downwards, mm between rows): close where eyes, nostrils and lips need it.
_ROW_SPACING = (
    (97, 3.2), (22, 2.0), (10, 1.25), (-9, 2.3), (-34, 1.45), (-60, 1.2), (-76, 3.2),
)  # fmt: skip
# (from this x outwards, mm between columns)
_COLUMN_SPACING = ((0, 2.0), (48, 3.4), (60, 4.2))
_EYE_RINGS, _EYE_SECTORS = 9, 18
_EAR_RINGS, _EAR_SECTORS = 8, 24
EAR_CENTER = (69.0, -10.0, -104.0)  # of the left ear, on the head's side
_EAR_RADII = (31.5, 17.5)  # along its height and its depth


class Surface(NamedTuple):
    """vertices [V,3] float64 mm; triangles [T,3] int32, counter-clockwise seen from outside;
    eyeball, ear [V] bool: which vertices are an eyeball's, an ear's."""

    vertices: np.ndarray
    triangles: np.ndarray
    eyeball: np.ndarray
    ear: np.ndarray


def average_surface() -> Surface:
    """The mask, both eyeballs and both ears as one mesh of about 8,300 vertices."""
    cap, cap_triangles = _eyeball_cap()
    ear, ear_triangles = _ear()
    parts = [_skin()]
    for shape, triangles, center in (
        (cap, cap_triangles, EYE_CENTER),
        (ear, ear_triangles, (0,) * 3),
    ):
        left = shape + np.array(center)
        parts += [(left * [-1, 1, 1], triangles[:, ::-1]), (left, triangles)]
    counts = [len(vertices) for vertices, _ in parts]
    starts = np.cumsum([0, *counts[:-1]])
    part = np.repeat(np.arange(len(parts)), counts)
    return Surface(
        np.concatenate([vertices for vertices, _ in parts]),
        np.concatenate(
            [triangles + start for (_, triangles), start in zip(parts, starts, strict=True)]
        ).astype(np.int32),
        (part == 1) | (part == 2),
        part > 2,
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
    x, y, z = _with_nostrils(x, y, z)
    z = _with_eyelids(x, y, z)
    return np.stack([x, y, z], -1).reshape(-1, 3), _grid_triangles(*x.shape)


def _row_positions():
    """[R,5]: the midline's five numbers at every row of the grid, from the top down."""
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
    y, front, half_width, lift, pointed = np.moveaxis(midline, -1, 0)
    x = half_width * np.sin(angle)
    roundness = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** pointed
    z = _SIDE_Z + (front - _SIDE_Z) * roundness
    return x, y + lift * (1.0 - np.cos(angle)) ** 0.85, z


def _front_relief(x, y):
    """Displacement along +Z, mm, of everything but the eyelids."""
    side = np.abs(x)
    return (
        -7.0 * bump(side, y, (32, 1), (15, 10))  # eye sockets
        - 4.5 * bump(side, y, (17, 4), (5, 7))  # beside the bridge
        + 2.6 * bump(side, y, (25, 18), (15, 5))  # brow ridge
        - 1.5 * bump(side, y, (64, 30), (10, 22))  # temples
        + 5.0 * bump(side, y, (46, -20), (13, 10))  # cheekbones
        - 2.0 * bump(side, y, (49, -52), (11, 16))  # hollow of the cheek
        + 2.5 * bump(side, y, (30, -44), (11, 12))  # cheeks
        - 1.5 * bump(side - 0.45 * (-40 - y), y, (17, -54), (3.5, 11))  # nasolabial fold
        + _nose(side, y)
        + _mouth(side, y)
        - 2.6 * bump(x, y, (0, -82), (15, 4.0))  # under the lip
        + 4.5 * bump(x, y, (0, -98), (12, 8))  # chin
        - 1.0 * bump(side, y, (21, -88), (7, 9))  # beside the chin
    )


def _nose(side, y):
    ridge = PchipInterpolator(*_NOSE_RIDGE)(np.clip(y, -54, 18))
    half_width = np.interp(y, (-49, -41, -31, -20, -5, 10), (7.5, 8.0, 7.2, 6.6, 6.0, 8.0))
    wing = 8.5 * bump(side, y, (12.3, -41), (3.9, 4.3)) * smoothstep(y, -50.0, -44.0)
    return (
        ridge * np.exp(-0.5 * np.abs(side / half_width) ** 2.2)
        + 2.0 * bump(side, y, (0, -39), (6, 4.5))  # tip
        + wing
        - 1.2 * bump(side, y, (9.0, -34.5), (2.5, 3.5))  # above the wing
        - 1.8 * bump(side, y, (19.5, -42), (2.8, 5.0))  # groove behind the wings
    )


def _with_nostrils(x, y, z):
    """Hollows driven up and back into the nose's base."""
    side = np.abs(x)
    hole = bump(side, y, NOSTRIL, (3.0, 1.7))
    return x, y + 2.4 * hole, z - 5.5 * hole


def _mouth(side, y):
    along = np.clip(side / MOUTH_HALF_WIDTH, 0.0, 1.2)
    taper = np.clip(1.0 - along**2.6, 0.0, 1.0) ** 0.75
    bow = 1.1 * bump(side, 0.0, (5.0, 0), (3.2, 1)) - 0.7 * bump(side, 0.0, (0, 0), (2.2, 1))
    shrink = np.clip(1.0 - along**2, 0.12, 1.0)
    line = y - mouth_line(side)
    return (
        2.2 * bump(side, y, (0, -66), (24, 16))  # the dental arch
        + 3.3 * taper * np.exp(-0.5 * ((line - 4.2 * shrink - bow) / (1.2 + 1.6 * shrink)) ** 2)
        + 4.2 * taper * np.exp(-0.5 * ((line + 5.4 * shrink) / (1.3 + 2.1 * shrink)) ** 2)
        - 3.0 * taper**0.5 * np.exp(-0.5 * (line / 1.1) ** 2)
        - 1.8 * bump(side, y, (MOUTH_HALF_WIDTH + 0.5, MOUTH_Y - 1.5), (3.0, 2.8))  # corners
        - 1.2 * bump(side, y, (0, -55), (2.2, 3.8))  # philtrum
        + 0.7 * bump(side, y, (4.6, -55.5), (1.9, 3.8))
    )


def mouth_line(side):
    """Height of the line between the lips, mm, this far from the middle."""
    bow = 0.8 * np.exp(-0.5 * (np.asarray(side) / 8.0) ** 2)
    return MOUTH_Y - 0.8 + bow - 0.5 * (side / MOUTH_HALF_WIDTH) ** 2


def _with_eyelids(x, y, z):
    """The skin drawn over the eyeballs, and sunk behind them inside the opening."""
    across = (np.abs(x) - EYE_CENTER[0]) ** 2 + (y - EYE_CENTER[1]) ** 2
    radius = EYE_RADIUS + _LID_THICKNESS
    lid = EYE_CENTER[2] + np.sqrt(np.maximum(radius**2 - across, 0.0))
    # A soft maximum, so that the lid leaves the socket without a crease all round.
    covered = z + np.logaddexp(0.0, (lid - z) / 1.2) * 1.2
    near = smoothstep(radius - np.sqrt(across), -2.5, 0.8)
    z = z + near * (covered - z)
    depth = eye_opening(x, y)
    z = z - 1.0 * np.exp(-0.5 * ((depth + 4.0) / 1.2) ** 2) * (y > 0) * near  # the lid's crease
    # Beyond the ball's side only a shallow corner, for there would be nothing behind it.
    return z - (1.5 + 5.5 * smoothstep(12.8 - np.sqrt(across), 0.0, 2.0)) * smoothstep(
        depth, -0.4, 0.9
    )


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


def _ear():
    """The left ear [E,3] mm: a shell whose rim stands out backwards, hollow before the canal."""
    out = np.linspace(0.0, 1.0, _EAR_RINGS + 1)[1:, None]
    around = np.arange(_EAR_SECTORS)[None] * (2 * np.pi / _EAR_SECTORS)
    out, around = (
        np.concatenate([[v], g.ravel()])
        for v, g in zip((0.0, 0.0), np.broadcast_arrays(out, around), strict=True)
    )
    y = _EAR_RADII[0] * out * np.sin(around)
    breadth = _EAR_RADII[1] * (1.0 + 0.16 * np.sin(around) - 0.12 * np.sin(around) ** 2)
    z = breadth * out * np.cos(around)
    backwards = 0.5 - 0.5 * z / _EAR_RADII[1]
    rim = smoothstep(0.25 - 0.75 * np.cos(around) + 0.5 * np.sin(around), 0.0, 0.6)
    height = (
        2.0
        + 13.0 * backwards
        + 2.6 * rim * np.exp(-(((out - 0.88) / 0.10) ** 2))  # helix
        - 1.6 * rim * np.exp(-(((out - 0.72) / 0.08) ** 2))
        + 2.6 * rim * np.exp(-(((out - 0.55) / 0.12) ** 2))  # antihelix
        - 7.0 * bump(z, y, (2.0, -4.0), (6.0, 8.5))  # concha
        + 4.0 * bump(z, y, (11.0, -6.0), (2.6, 4.5))  # tragus
        + 2.0 * bump(z, y, (2.0, -25.0), (6.0, 5.0))  # lobe
        - 7.0 * smoothstep(out, 0.93, 1.0)
    )
    vertices = np.stack([height, y, z + 0.22 * y], -1) + EAR_CENTER
    return vertices, _disc_triangles(_EAR_RINGS, _EAR_SECTORS)[:, ::-1]


def _eyeball_cap():
    """[E,3] mm around the eyeball's centre, facing +Z, in rings from the apex outwards."""
    polar = np.linspace(0.0, np.radians(74), _EYE_RINGS + 1)[1:, None]
    sector = np.arange(_EYE_SECTORS)[None] * (2 * np.pi / _EYE_SECTORS)
    ring = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.cos(sector), np.sin(polar) * np.sin(sector), np.cos(polar)
        ),
        -1,
    )
    vertices = np.concatenate([[[0.0, 0.0, 1.0]], ring.reshape(-1, 3)]) * EYE_RADIUS
    return vertices, _disc_triangles(_EYE_RINGS, _EYE_SECTORS)


def _disc_triangles(rings, sectors):
    """[T,3] of a disc: vertex 0 in the middle, then the rings outwards."""
    index = 1 + np.arange(rings * sectors).reshape(rings, sectors)
    following = np.roll(index, -1, axis=1)
    fan = np.stack([np.zeros(sectors, int), index[0], following[0]], -1)
    inner, inner_next = index[:-1].ravel(), following[:-1].ravel()
    outer, outer_next = index[1:].ravel(), following[1:].ravel()
    return np.concatenate(
        [
            fan,
            np.stack([inner, outer, outer_next], -1),
            np.stack([inner, outer_next, inner_next], -1),
        ]
    )
