"""Vertex normals of a deformed mesh.

The same as `tensorflow_graphics.geometry.representation.mesh.normals.vertex_normals` (the tests
compare them), which needs the batch size at trace time and whose [B, T, 3, 3] intermediates and
scattering gradient take many times as long.
"""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import AUTO, kernels_named


def vertex_normals(vertices: tf.Tensor, triangles: np.ndarray, kernels: str = AUTO) -> tf.Tensor:
    """Unit normals: the area-weighted mean of the adjoining triangles' normals.

    Args:
      vertices: [B, V, 3] float32, any unit.
      triangles: [T, 3] int32, counter-clockwise seen from outside.
      kernels: see `kernels`.

    Returns:
      [B, V, 3] float32 unit vectors pointing outside; zero, with zero gradient, at vertices
      without a triangle of any area (a sum shorter than `reflection.SMALLEST`).

    Raises:
      InputError: there are no such kernels.
    """
    return kernels_named(kernels).vertex_normals(vertices, triangles)
