"""Shapes of what surrounds a face, in the model's frame, scaled by the face's own measures.

Every number is ours: an adult head in millimetres, for a face whose eyes and mouth are 70 mm apart.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

_EYES_TO_MOUTH_MM = 70.0
_HEAD_CENTER = np.array([0.0, 15.0, -85.0])  # from the eyes' midpoint
_HEAD_RADII = np.array([77.0, 98.0, 98.0])
_USUAL_EAR = np.array([0.0, -25.0, -8.0])  # from the head's centre, either side


class Shape(NamedTuple):
    """Part of the surround: vertices [V, 3] mm, triangles [T, 3], albedo factors [V]."""

    vertices: np.ndarray
    triangles: np.ndarray
    shade: np.ndarray


class Head(NamedTuple):
    """The face's measures: scale (1: as above), eyes' midpoint, mouth's midpoint, head's centre."""

    scale: float
    eyes: np.ndarray
    mouth: np.ndarray
    center: np.ndarray


def measure_head(five_points: np.ndarray) -> Head:
    """Measures a face by its five points [5, 3] mm (see `fit_framing`)."""
    points = np.asarray(five_points, float)
    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    scale = float(np.linalg.norm(eyes - mouth)) / _EYES_TO_MOUTH_MM
    return Head(scale, eyes, mouth, eyes + scale * _HEAD_CENTER)


def hair(head: Head, face_vertices: np.ndarray, seed: int = 0) -> Shape:
    """A cap of hair: a shell over the skull that dips below the skin outside the hairline.

    Args:
      head: the face's measures.
      face_vertices: [V, 3] mm, mean face.
      seed: of the unevenness.
    """
    rng = np.random.default_rng(seed)
    azimuths = _dense_in_front(88)
    elevations = np.radians(np.linspace(-58.0, 88.0, 40))
    azimuth, elevation = np.meshgrid(azimuths, elevations)
    directions = np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ],
        axis=-1,
    )
    skull = _skull_radius(head, face_vertices, directions.reshape(-1, 3)).reshape(azimuth.shape)
    surface = (directions * skull[..., None]) / head.scale
    depth = _inside_hairline(surface, _ear(head, face_vertices), _uneven_hairline(azimuths, rng))
    thickness = _thickness(surface, depth) + 1.2 * _waves(azimuths, rng) * np.cos(elevation)
    shell = skull + head.scale * thickness
    vertices = head.center + directions * shell[..., None]
    triangles = _grid_triangles(*azimuth.shape)
    kept = (thickness.reshape(-1)[triangles] > -5.0).any(axis=1)
    strands = 1.0 + 0.25 * rng.normal(size=len(azimuths)) + 0.15 * rng.normal(size=azimuth.shape)
    return _compact(vertices.reshape(-1, 3), triangles[kept], np.clip(strands, 0.4, 1.7).ravel())


def _dense_in_front(count: int) -> np.ndarray:
    """Azimuths in [-pi, pi], 0 in front, where they lie closest."""
    even = np.linspace(-1.0, 1.0, count)
    return np.pi * (0.75 * even + 0.25 * even**3)


def _skull_radius(head: Head, face_vertices: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The skull's radius along each direction [D, 3]: an ellipsoid, drawn to the face it meets."""

    def ellipsoid(rays):
        return 1.0 / np.linalg.norm(rays / (head.scale * _HEAD_RADII), axis=-1)

    offsets = np.asarray(face_vertices, float) - head.center
    radii = np.linalg.norm(offsets, axis=1)
    rays = offsets / radii[:, None]
    excess = radii - ellipsoid(rays)
    # Ears and nose stand out from the skull, and what lies deep inside is no skull.
    on_skull = (np.abs(excess) < 12.0 * head.scale) & (rays[:, 1] > -0.35)
    tree = cKDTree(rays[on_skull])
    distances, nearest = tree.query(directions, k=12)
    weights = np.exp(-((distances / 0.06) ** 2)) + 1e-9
    correction = (weights * excess[on_skull][nearest]).sum(1) / weights.sum(1)
    reach = np.exp(-((distances[:, 0] / 0.25) ** 2))
    return ellipsoid(directions) + correction * reach


def _ear(head: Head, face_vertices: np.ndarray) -> np.ndarray:
    """Middle of an ear, from the head's centre at scale 1: of what stands out farthest sideways."""
    offsets = (np.asarray(face_vertices, float) - head.center) / head.scale
    beside = (np.abs(offsets[:, 0]) > _HEAD_RADII[0] + 2.0) & (offsets[:, 1] > -60.0)
    return offsets[beside].mean(0) if beside.any() else _USUAL_EAR


def _inside_hairline(surface: np.ndarray, ear: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    """How far inside the hairline points [..., 3] from the head's centre lie, in mm."""
    x, y, z = np.moveaxis(surface, -1, 0)
    recess = 7.0 * np.exp(-(((np.abs(x) - 44.0) / 15.0) ** 2))
    forehead = 44.0 + 0.06 * x + recess - 12.0 * (np.abs(x) / 66.0) ** 4
    above = y - forehead + ragged
    temple = 36.0 + 0.35 * np.minimum(y, 30.0)
    behind = np.minimum(temple - z + ragged, y + 55.0)
    behind = np.where(z > 0.0, np.minimum(behind, y + 38.0), behind)
    # Hair leaves the ear bare.
    around_ear = 34.0 * np.exp(-(((y - ear[1]) / 26.0) ** 2) - ((z - ear[2]) / 24.0) ** 2)
    return _smooth_maximum(above, behind - around_ear, 6.0)


def _smooth_maximum(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    return width * np.logaddexp(first / width, second / width)


def _thickness(surface: np.ndarray, depth: np.ndarray) -> np.ndarray:
    top = np.clip((surface[..., 1] - 20.0) / 70.0, 0.0, 1.0)
    full = 7.0 + 11.0 * top
    rising = np.clip(depth / 22.0, -1.0, 1.0)
    return np.where(rising > 0, full * np.abs(rising) ** 0.6, 12.0 * rising) - 0.8


def _uneven_hairline(azimuths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Strands that end higher or lower, in mm."""
    return 1.2 * _waves(azimuths, rng, 9) + 1.5 * rng.normal(size=len(azimuths))


def _waves(azimuths: np.ndarray, rng: np.random.Generator, highest: int = 16) -> np.ndarray:
    """A random periodic function of the azimuth, of about unit standard deviation."""
    orders = np.arange(3, highest)
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    return np.cos(orders * azimuths[:, None] + phases).sum(1) * np.sqrt(2 / len(orders))


def neck(head: Head) -> Shape:
    """The neck, from inside the jaw down into the clothes."""
    heights = np.linspace(-45.0, -190.0, 10)
    fall = np.clip((-heights - 60.0) / 130.0, 0.0, 1.0)
    radius_x = 54.0 + 16.0 * fall**2
    radius_z = 52.0 + 10.0 * fall
    center_z = -86.0 - 12.0 * fall
    return _rings(head, heights, radius_x, radius_z, center_z)


def clothes(head: Head) -> Shape:
    """Collar and shoulders."""
    heights = np.array([-128.0, -122.0, -130.0, -142.0, -160.0, -190.0, -250.0])
    radius_x = np.array([62.0, 69.0, 78.0, 108.0, 165.0, 205.0, 220.0])
    radius_z = np.array([60.0, 66.0, 72.0, 80.0, 95.0, 108.0, 115.0])
    center_z = np.full(7, -92.0)
    return _rings(head, heights, radius_x, radius_z, center_z, front_drop=22.0)


def _rings(head, heights, radius_x, radius_z, center_z, front_drop: float = 0.0) -> Shape:
    """A tube of elliptical rings, from top to bottom; heights from the eyes' midpoint."""
    around = np.linspace(0.0, 2 * np.pi, 41)
    x = radius_x[:, None] * np.sin(around)
    z = center_z[:, None] + radius_z[:, None] * np.cos(around)
    y = heights[:, None] - front_drop * np.maximum(np.cos(around), 0.0) ** 2
    offsets = np.stack(np.broadcast_arrays(x, y, z), axis=-1).reshape(-1, 3)
    triangles = _grid_triangles(len(heights), len(around))[:, ::-1]
    return Shape(head.eyes + head.scale * offsets, triangles, np.ones(len(offsets)))


def mouth_cavity(head: Head) -> Shape:
    """A dark patch behind the lips, for meshes that are open between them."""
    x, y = np.meshgrid(np.linspace(-24.0, 24.0, 7), np.linspace(-10.0, 10.0, 5))
    z = -9.0 - 0.022 * x**2
    offsets = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return Shape(head.mouth + head.scale * offsets, _grid_triangles(5, 7), np.ones(35))


def _grid_triangles(rows: int, columns: int) -> np.ndarray:
    """Triangles [T, 3] of a grid of vertices, counter-clockwise where rows go up, columns right."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    return np.concatenate(quads)


def _compact(vertices: np.ndarray, triangles: np.ndarray, shade: np.ndarray) -> Shape:
    used = np.unique(triangles)
    renumbered = np.full(len(vertices), -1)
    renumbered[used] = np.arange(len(used))
    return Shape(vertices[used], renumbered[triangles], shade[used])
