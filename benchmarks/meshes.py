"""Meshes of a head's size for the benchmarks, and the camera that takes them in."""

import numpy as np

from tf_morph.rendering import Framing, fit_framing

# Right eye, left eye, nose tip, right and left corner of the mouth: mm, and shares of the picture.
FIVE_POINTS = np.array([[-32.0, 35, 72], [32, 35, 72], [0, 0, 105], [-25, -35, 72], [25, -35, 72]])
_TARGETS = np.array([[0.35, 0.45], [0.65, 0.45], [0.5, 0.63], [0.37, 0.78], [0.63, 0.78]])
_FIELD_OF_VIEW_DEGREES = 20.0
_HALF_AXES = np.array([78.0, 110.0, 100.0])  # mm, of the ellipsoid
# Of a cube's sides: where each begins, and along which axes its rows and columns run; seen from
# outside, columns turn counter-clockwise to rows.
_SIDES = (
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    ((0, 0, 0), (0, 1, 0), (1, 0, 0)),
    ((0, 0, 0), (0, 0, 1), (0, 1, 0)),
    ((0, 0, 0), (1, 0, 0), (0, 0, 1)),
)


def head_framing(size: int) -> Framing:
    """The camera of square pictures of `size` pixels in which the meshes' faces are framed."""
    return fit_framing(FIVE_POINTS, _TARGETS * size, size, _FIELD_OF_VIEW_DEGREES)


def face_like_mesh(triangles: int) -> tuple[np.ndarray, np.ndarray]:
    """The front half of an ellipsoid of a head's size, evenly divided.

    Args:
      triangles: about how many.

    Returns:
      Vertices [V, 3] float32, mm, and triangles [T, 3] int32.
    """
    side = max(2, round((triangles / 2) ** 0.5) + 1)
    azimuth, elevation = np.meshgrid(np.linspace(-1.5, 1.5, side), np.linspace(-1.3, 1.3, side))
    directions = np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ],
        axis=-1,
    )
    vertices = (directions * _HALF_AXES).reshape(-1, 3).astype(np.float32)
    return vertices, _grid_triangles(np.arange(side * side).reshape(side, side))


def head_like_mesh(triangles: int) -> tuple[np.ndarray, np.ndarray]:
    """The whole ellipsoid, closed: of its triangles about half face away from any camera.

    It is a cube's surface, each side a grid, drawn out to the ellipsoid.

    Args:
      triangles: about how many; there are twelve times a square number.

    Returns:
      Vertices [V, 3] float32, mm, and triangles [T, 3] int32.
    """
    cells = max(1, round((triangles / 12) ** 0.5))
    across, down = np.meshgrid(np.arange(cells + 1), np.arange(cells + 1))
    corners = np.concatenate(
        [
            (cells * np.array(start) + across[..., None] * along + down[..., None] * aside)
            for start, along, aside in np.array(_SIDES)
        ]
    ).reshape(-1, 3)
    points, first, index = np.unique(corners, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # neighbours in the mesh lie near each other in memory
    index = np.argsort(order)[index.ravel()].reshape(6, cells + 1, cells + 1)
    # The tangent makes the cells of a side nearly equal in size on the sphere.
    directions = np.tan(np.pi / 4 * (2 * points[order] / cells - 1))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    vertices = (directions * _HALF_AXES).astype(np.float32)
    return vertices, np.concatenate([_grid_triangles(side) for side in index])


def _grid_triangles(index: np.ndarray) -> np.ndarray:
    """Two triangles [T, 3] int32 a cell of a grid of vertex indices [N, M]."""
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = [np.stack(corners, -1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    return np.concatenate(quads).astype(np.int32)
