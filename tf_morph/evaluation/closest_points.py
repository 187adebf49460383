"""The closest point of a triangle mesh, exactly: a tree of boxes, searched by compiled code.

The triangles are put in the order of a space-filling curve, and every four neighbours in a leaf of
a complete binary tree, whose boxes follow from the leaves'. What numba compiles it keeps by this
file alone: all of the search stands here.
"""

from typing import NamedTuple

import numpy as np

from tf_morph.rendering.cpu_kernels.compiled import helper

_LEAF = 4  # triangles
_CURVE_BITS = 10  # an axis
_DEEPEST = 64  # nodes that wait while others are searched


class Closest(NamedTuple):
    """The closest points of [N] points.

    Attributes:
      triangles: int32 [N].
      barycentrics: float64 [N, 3], exactly 0 for the corners an edge or a vertex is not of.
      distances: float64 [N].
    """

    triangles: np.ndarray
    barycentrics: np.ndarray
    distances: np.ndarray


class ClosestPoints(NamedTuple):
    """Boxes around triangles.

    Attributes:
      corners: float64 [T, 3, 3] of the triangles in the order of the leaves.
      order: int32 [T] which triangle of the mesh each is.
      boxes: float64 [2 L, 2, 3], least and greatest coordinates; node n has the children 2 n and
        2 n + 1, the first is node 1, and leaf l is node L + l.
    """

    corners: np.ndarray
    order: np.ndarray
    boxes: np.ndarray

    def search(self, points: np.ndarray) -> Closest:
        """The closest points of points [N, 3]; of equally close triangles, any."""
        points = np.ascontiguousarray(points, np.float64)
        found, barycentrics, squares = _search(self.corners, self.boxes, points)
        return Closest(self.order[found], barycentrics, np.sqrt(squares))


def build_tree(vertices: np.ndarray, triangles: np.ndarray) -> ClosestPoints:
    """The tree of triangles [T, 3] of vertices [V, 3]; T is at least 1."""
    corners = np.asarray(vertices, np.float64)[triangles]
    order = np.argsort(_curve_places(corners.mean(axis=1)), kind="stable")
    corners = np.ascontiguousarray(corners[order])
    filled = -(-len(corners) // _LEAF)
    leaves = 1 << (filled - 1).bit_length()
    boxes = np.empty((2 * leaves, 2, 3))
    boxes[:, 0], boxes[:, 1] = np.inf, -np.inf
    starts = np.arange(0, len(corners), _LEAF)
    boxes[leaves : leaves + filled, 0] = np.minimum.reduceat(corners.min(axis=1), starts)
    boxes[leaves : leaves + filled, 1] = np.maximum.reduceat(corners.max(axis=1), starts)
    while leaves > 1:
        children = boxes[leaves : 2 * leaves].reshape(-1, 2, 2, 3)
        leaves //= 2
        boxes[leaves : 2 * leaves, 0] = children[:, :, 0].min(axis=1)
        boxes[leaves : 2 * leaves, 1] = children[:, :, 1].max(axis=1)
    return ClosestPoints(corners, order.astype(np.int32), boxes)


def _curve_places(points: np.ndarray) -> np.ndarray:
    """Where points [N, 3] lie on a Morton curve: the bits of their coordinates in turn."""
    low = points.min(axis=0)
    side = float((points - low).max()) or 1.0
    cells = ((points - low) / side * ((1 << _CURVE_BITS) - 1)).astype(np.int64)
    places = np.zeros(len(points), np.int64)
    for bit in range(_CURVE_BITS):
        for axis in range(3):
            places |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return places


@helper
def _search(corners, boxes, points):
    count = len(points)
    found = np.zeros(count, np.int32)
    barycentrics = np.zeros((count, 3))
    squares = np.empty(count)
    nodes, bounds = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST)
    leaves = len(boxes) // 2
    for i in range(count):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        best = np.inf
        if i > 0:  # neighbours in a mesh are often neighbours in the list, and near one triangle
            best = _offer(corners, found[i - 1], x, y, z, best, i, found, barycentrics)
        waiting = 1
        nodes[0], bounds[0] = 1, _squared_distance(boxes, 1, x, y, z)
        while waiting > 0:
            waiting -= 1
            node = nodes[waiting]
            if bounds[waiting] >= best:
                continue
            if node >= leaves:
                first = (node - leaves) * _LEAF
                for triangle in range(first, min(first + _LEAF, len(corners))):
                    best = _offer(corners, triangle, x, y, z, best, i, found, barycentrics)
                continue
            near, far = 2 * node, 2 * node + 1
            to_near = _squared_distance(boxes, near, x, y, z)
            to_far = _squared_distance(boxes, far, x, y, z)
            if to_far < to_near:
                near, far, to_near, to_far = far, near, to_far, to_near
            if to_far < best:
                nodes[waiting], bounds[waiting] = far, to_far
                waiting += 1
            if to_near < best:
                nodes[waiting], bounds[waiting] = near, to_near
                waiting += 1
        squares[i] = best
    return found, barycentrics, squares


@helper
def _squared_distance(boxes, node, x, y, z):
    """From a point to a box; infinite to an empty one."""
    dx = max(boxes[node, 0, 0] - x, 0.0, x - boxes[node, 1, 0])
    dy = max(boxes[node, 0, 1] - y, 0.0, y - boxes[node, 1, 1])
    dz = max(boxes[node, 0, 2] - z, 0.0, z - boxes[node, 1, 2])
    return dx * dx + dy * dy + dz * dz


@helper
def _offer(corners, triangle, x, y, z, best, i, found, barycentrics):
    """The lesser of `best` and the squared distance to a triangle, which is noted if it is less."""
    u, v, w, square = _closest_of_triangle(corners[triangle], x, y, z)
    if square < best:
        found[i] = triangle
        barycentrics[i, 0], barycentrics[i, 1], barycentrics[i, 2] = u, v, w
        return square
    return best


@helper
def _closest_of_triangle(corner, x, y, z):
    """Barycentrics of the closest point, and the squared distance to it. Ericson, Real-Time
    Collision Detection (2005), 5.1.5."""
    ax, ay, az = corner[0, 0], corner[0, 1], corner[0, 2]
    abx, aby, abz = corner[1, 0] - ax, corner[1, 1] - ay, corner[1, 2] - az
    acx, acy, acz = corner[2, 0] - ax, corner[2, 1] - ay, corner[2, 2] - az
    apx, apy, apz = x - ax, y - ay, z - az
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    ab2 = abx * abx + aby * aby + abz * abz
    abc = abx * acx + aby * acy + abz * acz
    ac2 = acx * acx + acy * acy + acz * acz
    d3, d4 = d1 - ab2, d2 - abc  # of the second corner
    d5, d6 = d1 - abc, d2 - ac2  # of the third
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    u, v, w = 0.0, 0.0, 0.0
    if d1 <= 0.0 and d2 <= 0.0:
        u = 1.0
    elif d3 >= 0.0 and d4 <= d3:
        v = 1.0
    elif d6 >= 0.0 and d5 <= d6:
        w = 1.0
    elif vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        v = d1 / (d1 - d3)
        u = 1.0 - v
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        w = d2 / (d2 - d6)
        u = 1.0 - w
    elif va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        v = 1.0 - w
    else:
        total = va + vb + vc
        v, w = vb / total, vc / total
        u = 1.0 - v - w
    dx, dy, dz = (v * abx + w * acx - apx, v * aby + w * acy - apy, v * abz + w * acz - apz)
    return u, v, w, dx * dx + dy * dy + dz * dz
