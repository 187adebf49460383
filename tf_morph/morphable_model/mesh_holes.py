"""Holes of a triangle mesh: finding their rims, closing one."""

import numpy as np


def boundary_loops(triangles: np.ndarray) -> list[np.ndarray]:
    """The rims of a mesh [T, 3]: for each, its vertex ids in the order of the triangles' edges.

    A rim that touches itself at a vertex is cut there.
    """
    edges = np.concatenate([triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    known = {(int(a), int(b)) for a, b in edges}
    following = {a: b for a, b in known if (b, a) not in known}
    loops = []
    while following:
        vertex = min(following)
        loop = []
        while vertex in following:
            loop.append(vertex)
            vertex = following.pop(vertex)
        loops.append(np.array(loop))
    return loops


def close_loop(loop: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """Triangles [L - 2, 3] across a rim of L vertices, facing as the mesh round it does.

    They run as a strip between the two ways round the rim from its smallest X to its largest, so
    a long flat hole, such as a mouth's, is closed without folds.

    Args:
      loop: vertex ids as of `boundary_loops`.
      vertices: [V, 3].
    """
    # Backwards, so that each new edge runs against the mesh's own.
    loop = np.asarray(loop)[::-1]
    x = vertices[loop, 0]
    loop = np.roll(loop, -x.argmin())
    turn = vertices[loop, 0].argmax()
    first, second = list(loop[: turn + 1]), [loop[0], *loop[: turn - 1 : -1]]
    triangles = []
    i = j = 0
    while i < len(first) - 1 or j < len(second) - 1:
        ahead = vertices[first[i + 1], 0] if i < len(first) - 1 else np.inf
        beside = vertices[second[j + 1], 0] if j < len(second) - 1 else np.inf
        if ahead <= beside:
            corners = (first[i], first[i + 1], second[j])
            i += 1
        else:
            corners = (first[i], second[j + 1], second[j])
            j += 1
        if len(set(corners)) == 3:
            triangles.append(corners)
    return np.array(triangles, np.int32)
