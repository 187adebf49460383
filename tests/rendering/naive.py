"""What the compiled rasterizer is held against: the plainest one there is, in NumPy."""

import numpy as np


def rasterize(clip_vertices, triangles, height, width, cull_back_faces=False):
    """One mesh [V, 4], one pixel and one triangle at a time, by solving for the weights.

    Returns ids [H, W], barycentrics [H, W, 3], and margins [H, W]: how near the nearest decision
    (an edge, a tie of depths, the near or far plane) was to falling the other way.
    """
    ids = np.full((height, width), -1)
    weights = np.zeros((height, width, 3))
    margins = np.full((height, width), np.inf)
    for row in range(height):
        for column in range(width):
            point = np.array([(column + 0.5) / width * 2 - 1, 1 - (row + 0.5) / height * 2, 1.0])
            nearest = np.inf
            for t, triangle in enumerate(triangles):
                corners = np.asarray(clip_vertices[triangle], float)
                plane = corners[:, [0, 1, 3]].T
                volume = np.linalg.det(plane)
                if not np.isfinite(volume) or abs(volume) < 1e-12:
                    continue
                if cull_back_faces and volume < 0:
                    continue
                solved = np.linalg.solve(plane, point)
                depth = solved @ corners[:, 2]
                edge = np.abs(solved).min() / max(np.abs(solved).max(), 1e-12)
                margins[row, column] = min(margins[row, column], edge)
                if (solved < 0).any():
                    continue
                limits = min(abs(depth - 1), abs(depth + 1), abs(depth - nearest))
                margins[row, column] = min(margins[row, column], limits)
                if -1 <= depth <= 1 and depth < nearest:
                    nearest = depth
                    ids[row, column] = t
                    weights[row, column] = solved / solved.sum()
    return ids, weights, margins


def random_mesh(rng, vertices=12, triangles=14, behind=0.25):
    """Clip-space soup: some of it behind the camera, some out of the image, some degenerate."""
    w = rng.uniform(0.3, 3.0, vertices) * np.where(rng.random(vertices) < behind, -1, 1)
    points = np.stack(
        [
            rng.uniform(-1.6, 1.6, vertices) * np.abs(w),
            rng.uniform(-1.6, 1.6, vertices) * np.abs(w),
            rng.uniform(-1.2, 1.2, vertices) * np.abs(w),
            w,
        ],
        axis=-1,
    )
    indices = rng.integers(0, vertices, (triangles, 3))
    return points.astype(np.float32), indices.astype(np.int32)


def numeric_gradient(function, value, step):
    """Central differences of a scalar function, by every entry of `value` (float32)."""
    value = np.asarray(value, np.float32)
    gradient = np.zeros(value.size)
    for index in range(value.size):
        results = []
        for sign in (1, -1):
            moved = value.copy().ravel()
            moved[index] += sign * step
            results.append((float(function(moved.reshape(value.shape))), float(moved[index])))
        gradient[index] = (results[0][0] - results[1][0]) / (results[0][1] - results[1][1])
    return gradient.reshape(value.shape)


def assert_gradient(analytic, numeric, absolute, relative):
    """Every entry within absolute + relative * |numeric|, and not all of them zero."""
    analytic, numeric = np.asarray(analytic), np.asarray(numeric)
    assert np.abs(numeric).max() > 10 * absolute, "the numeric gradient is noise: check the test"
    excess = np.abs(analytic - numeric) - (absolute + relative * np.abs(numeric))
    worst = np.unravel_index(excess.argmax(), excess.shape)
    assert excess[worst] <= 0, f"at {worst}: {analytic[worst]}, but numerically {numeric[worst]}"
