"""Shapes of what surrounds a face, in the model's frame, scaled by the face's own measures.

Every number is ours: an adult head in millimetres, for a face whose eyes and mouth are 70 mm apart.
"""

from typing import NamedTuple

import numpy as np

EYES_TO_MOUTH_MM = 70.0
HEAD_CENTER = np.array([0.0, 15.0, -85.0])  # from the eyes' midpoint
HEAD_RADII = np.array([77.0, 98.0, 98.0])
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
    scale = float(np.linalg.norm(eyes - mouth)) / EYES_TO_MOUTH_MM
    return Head(scale, eyes, mouth, eyes + scale * HEAD_CENTER)


def ear_middle(head: Head, face_vertices: np.ndarray) -> tuple[np.ndarray, bool]:
    """Where the ears are, and whether the face has any.

    Returns:
      [3], from the head's centre at scale 1, x of no meaning: the middle of what stands out
      farthest sideways, or the usual place; and whether anything stands out.
    """
    offsets = (np.asarray(face_vertices, float) - head.center) / head.scale
    beside = (np.abs(offsets[:, 0]) > HEAD_RADII[0] + 2.0) & (offsets[:, 1] > -60.0)
    return (offsets[beside].mean(0), True) if beside.any() else (_USUAL_EAR, False)


def ears(head: Head, face_vertices: np.ndarray) -> Shape:
    """A pair of plain ears: oval shells that stand out backwards, hollow in the middle."""
    middle, _ = ear_middle(head, face_vertices)
    near = np.abs(np.asarray(face_vertices)[:, 1] - head.center[1] - head.scale * middle[1]) < 25
    beside = np.abs(np.asarray(face_vertices)[near, 0]).max() / head.scale if near.any() else 70.0
    around, out = np.meshgrid(np.linspace(0.0, 2 * np.pi, 17), np.linspace(1.0, 0.0, 6))
    y = 31.0 * out * np.sin(around) - 4.0 * out
    z = 17.0 * out * np.cos(around) + 0.25 * y
    rim = np.exp(-(((out - 0.75) / 0.2) ** 2))
    x = min(beside, HEAD_RADII[0]) - 6.0 + 0.45 * (14.0 - z) + 5.0 * rim - 8.0 * (out > 0.9)
    right = np.stack([-x, y + middle[1], z + middle[2]], axis=-1).reshape(-1, 3)
    triangles = grid_triangles(*out.shape)[:, ::-1]
    offsets = np.concatenate([right, right * [-1.0, 1.0, 1.0]])
    both = np.concatenate([triangles[:, ::-1], triangles + len(right)])
    return Shape(head.center + head.scale * offsets, both, np.ones(len(offsets)))


def neck(head: Head) -> Shape:
    """The neck, from inside the jaw down into the clothes."""
    heights = np.linspace(-45.0, -190.0, 10)
    fall = np.clip((-heights - 60.0) / 130.0, 0.0, 1.0)
    radius_x = 50.0 + 15.0 * fall**2
    radius_z = 52.0 + 10.0 * fall
    center_z = -86.0 - 12.0 * fall
    return _rings(head, heights, radius_x, radius_z, center_z)


def neck_cut(head: Head, face_vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Vertices along the lower end of the mesh's own neck; none where it has no neck."""
    border = border_vertices(triangles)
    offsets = (np.asarray(face_vertices, float)[border] - head.eyes) / head.scale
    low = border[offsets[:, 1] < -105.0]
    depths = (np.asarray(face_vertices, float)[low, 2] - head.eyes[2]) / head.scale
    goes_round = len(low) > 0 and depths.min() < -120.0 and depths.max() > -80.0
    return low if goes_round else low[:0]


def has_inner_mouth(head: Head, face_vertices: np.ndarray) -> bool:
    """Whether the mesh goes on behind the lips."""
    offsets = (np.asarray(face_vertices, float) - head.mouth) / head.scale
    near = (np.abs(offsets[:, 0]) < 12.0) & (np.abs(offsets[:, 1]) < 12.0)
    return bool((near & (offsets[:, 2] < -25.0) & (offsets[:, 2] > -60.0)).any())


def border_vertices(triangles: np.ndarray) -> np.ndarray:
    """Vertices of the mesh's open borders, in order."""
    triangles = np.asarray(triangles)
    edges = np.sort(np.concatenate([triangles[:, [i, (i + 1) % 3]] for i in range(3)]), axis=1)
    edges, uses = np.unique(edges, axis=0, return_counts=True)
    return np.unique(edges[uses == 1])


def neck_below(head: Head, face_vertices: np.ndarray, cut: np.ndarray) -> Shape:
    """The neck's continuation, from where the mesh is cut off down into the clothes.

    Args:
      head: the face's measures.
      face_vertices: [V, 3] mm.
      cut: integers, the vertices along the cut.
    """
    rim = (np.asarray(face_vertices, float)[cut] - head.eyes) / head.scale
    middle = (rim.min(axis=0) + rim.max(axis=0)) / 2
    angles = np.arctan2(rim[:, 0] - middle[0], rim[:, 2] - middle[2])
    order = np.argsort(angles)
    around = np.linspace(-np.pi, np.pi, 41)
    ring = np.stack([np.interp(around, angles[order], r, period=2 * np.pi) for r in rim[order].T])
    outwards = ring.T - middle
    # It begins well inside, since the cut is not quite where it is in the mean face.
    below = np.array([16.0, 1.0, -12.0, -30.0, -60.0])[:, None]
    width = np.array([0.7, 0.95, 1.0, 1.06, 1.12])[:, None, None]
    offsets = middle + width * outwards * [1.0, 0.0, 1.0]
    offsets[..., 1] = ring[1] + below
    triangles = grid_triangles(*offsets.shape[:2])[:, ::-1]
    flat = offsets.reshape(-1, 3)
    return Shape(head.eyes + head.scale * flat, triangles, np.ones(len(flat)))


# Inside of the collar, its edge, shoulders: rings of heights below the eyes, half widths and half
# depths, mm.
_CLOTHES = (
    np.array([-165.0, -128.0, -122.0, -130.0, -142.0, -160.0, -190.0, -250.0]),
    np.array([35.0, 62.0, 69.0, 78.0, 108.0, 165.0, 205.0, 220.0]),
    np.array([33.0, 60.0, 66.0, 72.0, 80.0, 95.0, 108.0, 115.0]),
)
_CLOTHES_Z = -92.0
_COLLAR_ROOM = 7.0
_COLLAR_DROP = 22.0  # by which collar and chest lie lower in front


def clothes(head: Head, face_vertices: np.ndarray, cut: np.ndarray) -> Shape:
    """Collar and shoulders; the collar close round the mesh's own neck, where it has one.

    Args:
      head: the face's measures.
      face_vertices: [V, 3] mm.
      cut: integers, the vertices along the neck's lower end, or none.
    """
    heights, radius_x, radius_z = _CLOTHES
    center_z = np.full(len(heights), _CLOTHES_Z)
    if len(cut):
        rim = (np.asarray(face_vertices, float)[cut] - head.eyes) / head.scale
        low, high = rim.min(axis=0), rim.max(axis=0)
        fit = np.interp(heights, [-160.0, -142.0, -130.0], [0.0, 0.4, 1.0])
        fit[0] = 1.0  # the inside
        wider = np.maximum(radius_x, 50.0) - radius_x[1] + _COLLAR_ROOM
        center_z = center_z + fit * ((low[2] + high[2]) / 2 - center_z)
        radius_x = radius_x + fit * ((high[0] - low[0]) / 2 + wider - radius_x)
        radius_z = radius_z + fit * ((high[2] - low[2]) / 2 + wider - radius_z)
    return _rings(head, heights, radius_x, radius_z, center_z, front_drop=_COLLAR_DROP)


def chest_depths(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the clothes' front and back are.

    Args:
      x, y: [...] mm at scale 1, from the head's centre.

    Returns:
      z [...] likewise, of front and back; where there are no clothes, the largest negative and the
      largest positive number.
    """
    heights, radius_x, radius_z = (values[2:][::-1] for values in _CLOTHES)
    depths = []
    for front in (1.0, -1.0):
        height = np.asarray(y, float) + HEAD_CENTER[1]
        for _ in range(4):
            across = np.clip(np.abs(x) / np.interp(height, heights, radius_x), 0.0, 1.0)
            reach = np.sqrt(1.0 - across**2)
            if front > 0:  # where it lies lower
                height = 0.5 * (height + y + HEAD_CENTER[1] + _COLLAR_DROP * reach**2)
        z = _CLOTHES_Z - HEAD_CENTER[2] + front * reach * np.interp(height, heights, radius_z)
        there = (across < 1.0) & (height < heights[-1])
        depths.append(np.where(there, z, -front * 1e6))
    return depths[0], depths[1]


def _rings(head, heights, radius_x, radius_z, center_z, front_drop: float = 0.0) -> Shape:
    """A tube of elliptical rings, from top to bottom; heights from the eyes' midpoint."""
    around = np.linspace(0.0, 2 * np.pi, 41)
    x = radius_x[:, None] * np.sin(around)
    z = center_z[:, None] + radius_z[:, None] * np.cos(around)
    y = heights[:, None] - front_drop * np.maximum(np.cos(around), 0.0) ** 2
    offsets = np.stack(np.broadcast_arrays(x, y, z), axis=-1).reshape(-1, 3)
    triangles = grid_triangles(len(heights), len(around))[:, ::-1]
    return Shape(head.eyes + head.scale * offsets, triangles, np.ones(len(offsets)))


def mouth_cavity(head: Head) -> Shape:
    """A dark patch behind the lips, for meshes that are open between them."""
    x, y = np.meshgrid(np.linspace(-24.0, 24.0, 7), np.linspace(-10.0, 10.0, 5))
    z = -9.0 - 0.022 * x**2
    offsets = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return Shape(head.mouth + head.scale * offsets, grid_triangles(5, 7), np.ones(35))


def grid_triangles(rows: int, columns: int) -> np.ndarray:
    """Triangles [T, 3] of a grid of vertices, counter-clockwise where rows go up, columns right."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    return np.concatenate(quads)
