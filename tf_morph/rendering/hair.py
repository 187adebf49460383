"""Hair: a shell over the skull, in the model's frame. Every number is ours, in millimetres."""

import numpy as np
from scipy.spatial import cKDTree

from tf_morph.rendering.surround_shapes import (
    HEAD_RADII,
    Head,
    Shape,
    ear_middle,
    grid_triangles,
)


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
    depth = inside_hairline(
        surface, ear_middle(head, face_vertices)[0], _uneven_hairline(azimuths, rng)
    )
    thickness = _thickness(surface, depth) + 1.2 * _waves(azimuths, rng) * np.cos(elevation)
    shell = skull + head.scale * thickness
    vertices = head.center + directions * shell[..., None]
    triangles = grid_triangles(*azimuth.shape)
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
        return 1.0 / np.linalg.norm(rays / (head.scale * HEAD_RADII), axis=-1)

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


def inside_hairline(surface: np.ndarray, ear: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    """How far inside the hairline points lie.

    Args:
      surface: [..., 3] from the head's centre, mm at scale 1.
      ear: [3], the ear's middle, likewise.
      ragged: mm by which strands end lower, broadcast over the points.

    Returns:
      [...] mm, negative outside.
    """
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


def _compact(vertices: np.ndarray, triangles: np.ndarray, shade: np.ndarray) -> Shape:
    used = np.unique(triangles)
    renumbered = np.full(len(vertices), -1)
    renumbered[used] = np.arange(len(used))
    return Shape(vertices[used], renumbered[triangles], shade[used])
