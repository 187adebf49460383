"""Hair: shells over the skull, one of each style, all of one topology.

A shell is a sheet of strands side by side: from the crown or the parting over the scalp, and then
under the skin at the hairline, or hanging down beside the face and up again on the inside. Its
columns go round the head, from one side of the forehead behind to the other.
Places are from the head's centre, mm at scale 1; every number is ours.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from tf_morph.hairstyles import STYLES
from tf_morph.rendering.hairline import inside_hairline
from tf_morph.rendering.surround_shapes import (
    HEAD_RADII,
    Head,
    chest_depths,
    ear_middle,
    grid_triangles,
)

_COLUMNS = 97
_ROWS = 27
RECESSION = 34.0
_UNDER = 4  # rows of a cap that end under the skin
_LINING = 6  # rows of a curtain that go up again on its inside
_HANGING = 9
_LINING_SHADE = 0.4  # no light gets inside
_PARTING_SHADE = 0.7
_EAR_MM = 40.0


class HairShells(NamedTuple):
    """vertices [STYLES, S, 3] mm, triangles [T, 3], albedo factors [STYLES, S]."""

    vertices: np.ndarray
    triangles: np.ndarray
    shade: np.ndarray


class _Strands(NamedTuple):
    """Places [rows, columns, 3] and albedo factors [rows, columns]."""

    places: np.ndarray
    shade: np.ndarray


def hair_shells(
    head: Head, face_vertices: np.ndarray, seed: int = 0, shoulders: bool = True
) -> HairShells:
    """The shells of all `STYLES` around a mean face.

    Args:
      head: the face's measures.
      face_vertices: [V, 3] mm.
      seed: of the unevenness.
      shoulders: long hair lies on the clothes' shoulders, else it hangs straight down.
    """
    skull = _Skull(head, face_vertices)
    ear = ear_middle(head, face_vertices)[0]
    nothing = _Strands(np.zeros((_ROWS, _COLUMNS, 3)), np.ones((_ROWS, _COLUMNS)))
    strands = {"bald": nothing, "shaved": nothing}
    for name, cap in _CAPS.items():
        strands[name] = _cap(skull, ear, cap, np.random.default_rng(seed))
    for name, curtain in _CURTAINS.items():
        rng = np.random.default_rng(seed)
        strands[name] = _curtain(skull, ear, curtain, rng, shoulders)
    places = np.stack([strands[name].places.reshape(-1, 3) for name in STYLES])
    shade = np.stack([strands[name].shade.ravel() for name in STYLES])
    return HairShells(
        head.center + head.scale * places, grid_triangles(_ROWS, _COLUMNS), np.clip(shade, 0.15, 2)
    )


class _Skull:
    """The skin's distance from the head's centre in each direction."""

    def __init__(self, head: Head, face_vertices: np.ndarray):
        offsets = (np.asarray(face_vertices, float) - head.center) / head.scale
        radii = np.linalg.norm(offsets, axis=1)
        rays = offsets / radii[:, None]
        excess = radii - _ellipsoid(rays)
        # Ears and nose stand out from the skull, and what lies deep inside is no skull.
        on_skull = (np.abs(excess) < 12.0) & (rays[:, 1] > -0.35)
        on_skull |= (rays[:, 2] < -0.45) & (excess < 12.0)  # down the nape
        self._tree, self._excess = cKDTree(rays[on_skull]), excess[on_skull]

    def radius(self, directions: np.ndarray) -> np.ndarray:
        """Along unit vectors [..., 3]: an ellipsoid's, drawn to the face it meets."""
        flat = directions.reshape(-1, 3)
        distances, nearest = self._tree.query(flat, k=12)
        weights = np.exp(-((distances / 0.06) ** 2)) + 1e-9
        correction = (weights * self._excess[nearest]).sum(1) / weights.sum(1)
        reach = np.exp(-((distances[:, 0] / 0.25) ** 2))
        return (_ellipsoid(flat) + correction * reach).reshape(directions.shape[:-1])

    def above(self, directions: np.ndarray, height: np.ndarray) -> np.ndarray:
        """Places [..., 3] so far [...] above the skin."""
        return directions * (self.radius(directions) + height)[..., None]


def _ellipsoid(rays: np.ndarray) -> np.ndarray:
    return 1.0 / np.linalg.norm(rays / HEAD_RADII, axis=-1)


class _Cap(NamedTuple):
    """Hair that ends at the hairline.

    Attributes:
      sides, top: how thick it is there, mm.
      recession: of the hairline, as `inside_hairline` has it.
      rise: mm from the hairline in which it grows to its thickness.
      taper: how much slower it grows at the sides and the nape.
      curls: mm of random unevenness from place to place.
    """

    sides: float
    top: float
    recession: float = 0.0
    rise: float = 16.0
    taper: float = 2.5
    curls: float = 0.0


_CAPS = {
    "short": _Cap(6.0, 16.0),
    "receding": _Cap(5.0, 7.0, recession=RECESSION, rise=26.0),
    "curly": _Cap(20.0, 27.0, taper=0.3, curls=2.5),
}


def _cap(skull: _Skull, ear: np.ndarray, style: _Cap, rng: np.random.Generator) -> _Strands:
    """Strands down the meridians; azimuths are 0 in front."""
    around = np.linspace(-1.0, 1.0, _COLUMNS)
    behind = 1.0 - np.abs(around)
    side = np.where(around < 0, -1.0, 1.0)
    azimuths = side * np.pi * (0.75 * behind + 0.25 * behind**3)
    ragged = _closed(_uneven_hairline(azimuths, rng))
    end = _hairline_elevations(skull, ear, azimuths, ragged, style.recession)
    rows = _ROWS - _UNDER
    down = np.sin(np.linspace(0.0, 1.0, rows) * np.pi / 2)[:, None]
    elevations = np.radians(89.0) + (end - np.radians(89.0)) * down
    directions = _directions(azimuths + 0 * elevations, elevations)
    surface = skull.above(directions, np.zeros(elevations.shape))
    depth = _inside_hair(surface, ear, ragged, style.recession)
    upper = np.clip((surface[..., 1] - 20.0) / 70.0, 0.0, 1.0)
    full = style.sides + (style.top - style.sides) * upper
    # Shorter and shorter down the sides and the nape, full at once over the forehead.
    low = 1.0 - _smooth_step((surface[..., 1] + 40.0) / 90.0)
    rising = np.clip(depth / (style.rise * (1.0 + style.taper * low)), 0.0, 1.0) ** 0.6
    uneven = 1.0 * _waves(azimuths, rng) * np.cos(elevations)
    uneven = uneven + style.curls * _bumps(rng, elevations.shape) * (down > 0.2)
    thickness = rising * (full + uneven) - 0.8
    inside = np.arange(1, _UNDER + 1)[:, None]
    # Steeply, or it would show inside the ears.
    lower = _directions(azimuths + 0.0 * inside, end - np.radians(1.0) * inside)
    under = skull.above(lower, -6.0 * inside + 0.0 * azimuths)
    places = np.concatenate([skull.above(directions, thickness), under])
    return _Strands(places, _strand_shades(rng))


def _hairline_elevations(skull, ear, azimuths, ragged, recession) -> np.ndarray:
    """[columns] radians, where the hairline crosses each meridian, first from above."""
    elevations = np.radians(np.linspace(88.0, -60.0, 149))
    directions = _directions(azimuths[None] + 0 * elevations[:, None], elevations[:, None])
    surface = skull.above(directions, np.zeros(directions.shape[:-1]))
    outside = _inside_hair(surface, ear, ragged, recession) < 0.0
    outside[-1] = True
    return elevations[outside.argmax(axis=0)]


def _inside_hair(surface, ear, ragged, recession) -> np.ndarray:
    """`inside_hairline`, but that a shell also stays out of the ears' hollows."""
    beside = ((surface[..., 1] - ear[1]) / 24.0) ** 2 + ((surface[..., 2] - ear[2]) / 20.0) ** 2
    return inside_hairline(surface, ear, ragged, recession) - _EAR_MM * np.exp(-beside)


class _Curtain(NamedTuple):
    """Hair that hangs down.

    Attributes:
      tip: where it ends, mm below the head's centre.
      across, back: half its width at the tips, and how far behind the head's centre they are, mm.
      thickness: over the scalp, mm.
    """

    tip: float
    across: float
    back: float
    thickness: float = 12.0


_CURTAINS = {
    "chin_length": _Curtain(112.0, 80.0, 74.0),
    "long": _Curtain(205.0, 84.0, 84.0),
}
_FRONT_EDGE = np.radians(60.0)  # azimuth where the foremost strands hang down
_CROWN = np.radians(102.0)  # from the front over the top, where the parting ends
_AXIS_Z = -12.0
_OVER_EARS = 5.0  # twice: before the hair hangs down, and where it does


def _curtain(
    skull: _Skull, ear: np.ndarray, style: _Curtain, rng: np.random.Generator, shoulders: bool
) -> _Strands:
    """Strands from a parting in the middle down either side."""
    around = np.linspace(-1.0, 1.0, _COLUMNS)
    side, behind = np.where(around < 0, -1.0, 1.0), 1.0 - np.abs(around)
    edge = _smooth_step(behind / 0.14)  # 0 at the foremost strands, which lie close to the skin
    front = _hairline_elevations(skull, ear, np.zeros(1), 0.0, 0.0)[0]
    parting = np.interp(behind, [0.0, 0.42, 1.0], [front, _CROWN, _CROWN])
    start = np.stack([0.0 * parting, np.sin(parting), np.cos(parting)], axis=-1)
    azimuths = side * (_FRONT_EDGE + (np.pi - _FRONT_EDGE) * behind**0.9)
    leave = np.radians(np.interp(behind, [0.0, 0.3, 1.0], [-4.0, -8.0, -22.0]))
    scalp_rows = _ROWS - _HANGING - _LINING
    along = np.linspace(0.0, 1.0, scalp_rows)[:, None]
    directions = _between(start, _directions(azimuths, leave), along[..., None])
    # The foremost strands go round the forehead rather than across it.
    lift = 0.2 * np.clip(1.0 - behind / 0.5, 0.0, 1.0) * np.sin(np.pi * along) ** 0.8
    directions = directions + lift[..., None] * np.array([0.0, 1.0, -0.4])
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    grown = _smooth_step(along / 0.3)
    waves = grown * _waves(np.pi * around, rng)
    thickness = edge * ((0.3 + 0.7 * grown) * style.thickness + waves) - 0.8
    thickness = thickness + _OVER_EARS * edge * np.sin(azimuths) ** 2 * _smooth_step(2 * along - 1)
    scalp = skull.above(directions, thickness)
    hanging = _hanging(scalp[-1], azimuths, edge, style, rng)
    if shoulders:
        hanging = _on_shoulders(hanging, azimuths)
    inside = _lining(hanging, scalp[-1], edge)
    shade = _strand_shades(rng)
    shade[0] *= _PARTING_SHADE
    shade[-_LINING:] *= _LINING_SHADE
    return _Strands(np.concatenate([scalp, hanging, inside]), shade)


def _hanging(top, azimuths, edge, style: _Curtain, rng) -> np.ndarray:
    """[_HANGING, columns, 3] below `top` [columns, 3]."""
    down = np.linspace(0.0, 1.0, _HANGING + 1)[1:, None]
    tips = -style.tip + 3.0 * rng.normal(size=len(azimuths)) - 6.0 * (1 - edge)
    y = top[:, 1] + (tips - top[:, 1]) * down
    tip_x = style.across * (0.84 + 0.16 * edge) * np.sin(azimuths)
    tip_z = _AXIS_Z + (style.back + _AXIS_Z) * np.cos(azimuths)
    settled = _smooth_step(down)
    x = top[:, 0] + (tip_x - top[:, 0]) * settled
    z = top[:, 2] + (tip_z - top[:, 2]) * settled
    over_ears = _OVER_EARS * edge * np.exp(-(((y + 32.0) / 36.0) ** 2)) * _smooth_step(3.0 * down)
    x = x + over_ears * np.sin(azimuths)
    z = z + over_ears * np.cos(azimuths)
    return np.stack([x, y, z], axis=-1)


def _on_shoulders(hanging: np.ndarray, azimuths: np.ndarray) -> np.ndarray:
    """Strands [rows, columns, 3] before or behind the clothes rather than in them."""
    x, y, z = np.moveaxis(hanging, -1, 0)
    front, back = chest_depths(x, y - 20.0)
    z = np.where(np.abs(azimuths) < np.radians(85.0), np.maximum(z, front + 9.0), z)
    z = np.where(np.abs(azimuths) >= np.radians(85.0), np.minimum(z, back - 16.0), z)
    return np.stack([x, y, z], axis=-1)


def _lining(hanging, top, edge) -> np.ndarray:
    """[_LINING, columns, 3]: from the tips up on the inside to below the skin."""
    rows = np.linspace(_HANGING - 1, 0, _LINING - 1).round().astype(int)
    outer = np.concatenate([hanging[rows], top[None]])
    inwards = outer - np.array([0.0, 0.0, _AXIS_Z])
    inwards[..., 1] = 0.0
    inwards /= np.linalg.norm(inwards, axis=-1, keepdims=True)
    thickness = (4.0 + 10.0 * edge)[None, :, None] * np.ones((_LINING, 1, 1))
    thickness[-1] = 22.0
    return outer - thickness * inwards


def _directions(azimuths: np.ndarray, elevations: np.ndarray) -> np.ndarray:
    """Unit vectors [..., 3]; azimuth 0 is in front."""
    azimuths, elevations = np.broadcast_arrays(azimuths, elevations)
    return np.stack(
        [
            np.sin(azimuths) * np.cos(elevations),
            np.sin(elevations),
            np.cos(azimuths) * np.cos(elevations),
        ],
        axis=-1,
    )


def _between(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Unit vectors on the great circles from `first` to `second`."""
    angle = np.arccos(np.clip((first * second).sum(-1, keepdims=True), -1.0, 1.0))
    return (np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / np.sin(angle)


def _smooth_step(values: np.ndarray) -> np.ndarray:
    values = np.clip(values, 0.0, 1.0)
    return values * values * (3.0 - 2.0 * values)


def _strand_shades(rng: np.random.Generator) -> np.ndarray:
    """[rows, columns]: strands lighter and darker along their whole length, a little uneven."""
    strands = 1.0 + 0.25 * rng.normal(size=_COLUMNS)
    return np.clip(strands + 0.12 * rng.normal(size=(_ROWS, _COLUMNS)), 0.4, 1.7)


def _bumps(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return _closed(rng.normal(size=shape))


def _closed(values: np.ndarray) -> np.ndarray:
    """Values [..., columns] of a sheet whose first and last columns meet in front."""
    return np.concatenate([values[..., :-1], values[..., :1]], axis=-1)


def _uneven_hairline(azimuths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Strands that end higher or lower, in mm."""
    return 1.2 * _waves(azimuths, rng, 9) + 1.5 * rng.normal(size=len(azimuths))


def _waves(azimuths: np.ndarray, rng: np.random.Generator, highest: int = 16) -> np.ndarray:
    """A random periodic function of the azimuth, of about unit standard deviation."""
    orders = np.arange(3, highest)
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    return np.cos(orders * azimuths[:, None] + phases).sum(1) * np.sqrt(2 / len(orders))
