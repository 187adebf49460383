"""Distances between meshes that differ in where they are, too."""

import numpy as np


def align_rigidly(moving: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Rotates and moves each of the point sets [N, V, 3] as near as can be to its counterpart.

    Not scaled, not mirrored; the sum of squared distances is least. Kabsch, Acta Cryst. A 34, 827
    (1978).

    Returns:
      float64 [N, V, 3], `moving` in the frame of `fixed`.
    """
    moving, fixed = np.asarray(moving, np.float64), np.asarray(fixed, np.float64)
    centre = fixed.mean(axis=1, keepdims=True)
    centred = moving - moving.mean(axis=1, keepdims=True)
    left, _, right = np.linalg.svd(np.swapaxes(centred, 1, 2) @ (fixed - centre))
    mirrored = np.linalg.det(left @ right) < 0.0
    left[mirrored, :, -1] *= -1.0
    return centred @ (left @ right) + centre


def vertex_errors(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Mean distance [N] of the vertices [N, V, 3] from the true ones after rigid alignment."""
    aligned = align_rigidly(predicted, true)
    return np.linalg.norm(aligned - true, axis=-1).mean(axis=1)
