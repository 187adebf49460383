"""Building blocks of fields over a face: soft steps, distances to curves, random fields."""

import numpy as np
from scipy.interpolate import CubicSpline

_NUM_WAVES = 160


def soft_step(values, edge, width):
    """0 below `edge`, 1 above, smooth over about `width`; any shapes that broadcast."""
    return 0.5 + 0.5 * np.tanh(2.0 * (values - edge) / width)


def bump(points: np.ndarray, centre, radii) -> np.ndarray:
    """A Gaussian of `points` [V, D] about `centre` [D] with `radii` [D] or scalar: [V]."""
    offsets = (points - np.asarray(centre, np.float64)) / np.asarray(radii, np.float64)
    return np.exp(-0.5 * np.sum(offsets**2, axis=-1))


def smooth_curve(points: np.ndarray, count: int, closed: bool = False) -> np.ndarray:
    """`count` points [count, D] along a spline through `points` [P, D], evenly by chord."""
    points = np.asarray(points, np.float64)
    if closed:
        points = np.concatenate([points, points[:1]])
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    spline = CubicSpline(at, points, bc_type="periodic" if closed else "not-a-knot")
    return spline(np.linspace(0.0, at[-1], count, endpoint=not closed))


def curve_distance(points: np.ndarray, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance [V] of `points` [V, D] to a polyline [P, D], and where along it, [V] in [0, 1]."""
    starts, steps = curve[:-1], np.diff(curve, axis=0)
    squared = np.maximum(np.sum(steps**2, axis=1), 1e-12)
    relative = points[:, None, :] - starts
    along = np.clip(np.einsum("vpd,pd->vp", relative, steps) / squared, 0.0, 1.0)
    distances = np.linalg.norm(relative - along[..., None] * steps, axis=-1)
    nearest = distances.argmin(axis=1)
    rows = np.arange(len(points))
    position = (nearest + along[rows, nearest]) / len(steps)
    return distances[rows, nearest], position


def inside_distance(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """How deep `points` [V, 2] lie inside a closed outline [P, 2]: [V], negative outside."""
    closed = np.concatenate([outline, outline[:1]])
    distance, _ = curve_distance(points, closed)
    x, y = points[:, 0, None], points[:, 1, None]
    (x0, y0), (x1, y1) = closed[:-1].T, closed[1:].T
    rises = np.where(y1 == y0, 1e-12, y1 - y0)
    crossings = ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / rises)
    return np.where(crossings.sum(axis=1) % 2 == 1, distance, -distance)


class RandomFields:
    """Smooth, mostly symmetric Gaussian random fields of unit variance over points [V, 3].

    A field is a sum of cosines of random waves whose scale is `length`, in the points' unit;
    `asymmetry` is the share of its amplitude that differs between left and right.
    """

    def __init__(
        self, points: np.ndarray, length: float, rng: np.random.Generator, asymmetry: float = 0.3
    ):
        waves = rng.standard_normal((3, _NUM_WAVES)) / length
        phases = rng.uniform(0, 2 * np.pi, _NUM_WAVES)
        here, there = (np.cos(points * [side, 1, 1] @ waves + phases) for side in (1, -1))
        even, odd = (here + there) / np.sqrt(2.0), (here - there) / np.sqrt(2.0)
        shares = np.sqrt(1 - asymmetry**2), asymmetry
        features = np.concatenate([shares[0] * even, shares[1] * odd], axis=1)
        # Near the plane of symmetry even waves add up: only dividing makes the variance one.
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        self._features = features.astype(np.float32)

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """`count` independent fields, float32 [count, V]."""
        weights = rng.standard_normal((count, 2 * _NUM_WAVES), dtype=np.float32)
        return weights @ self._features.T
