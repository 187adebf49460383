"""Triangles to pixels: which triangle, and where in it."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.kernels import AUTO, kernels_named


class Rasterization(NamedTuple):
    """What each pixel shows.

    Attributes:
      triangle_ids: [B, H, W] int32, -1 for background.
      barycentrics: [B, H, W, 3] float32, perspective-correct; zero on the background.
      mask: [B, H, W] float32, 1 where there is a triangle, else 0; it has no gradient.
    """

    triangle_ids: tf.Tensor
    barycentrics: tf.Tensor
    mask: tf.Tensor


def rasterize(
    clip_vertices: tf.Tensor,
    triangles: np.ndarray,
    height: int,
    width: int,
    cull_back_faces: bool = False,
    kernels: str = AUTO,
) -> Rasterization:
    """Rasterizes a batch of meshes of the same triangles.

    Args:
      clip_vertices: [B, V, 4] float32 (others are cast), homogeneous clip coordinates; the image's
        right edge is at x = w, its top at y = w; what is visible has -w <= z <= w, and w is
        positive in front of the camera. B and V may be unknown while tracing.
      triangles: [T, 3] integers, vertex indices, counter-clockwise in the image seen from in front.
      height, width: of the image, in pixels; row 0 is the top, pixel centres lie at +0.5.
      cull_back_faces: leave out triangles that appear clockwise in the image.
      kernels: "cpu", "tensorflow", or "auto" (`kernels`); they give the same ids.

    Returns:
      A `Rasterization`. Its barycentrics carry the whole gradient, to `clip_vertices`: nothing
      flows through which triangle is visible, nor through the mask. A triangle seen from its very
      side passes nothing on. Which triangle owns a pixel: `coverage`.

    Raises:
      InputError: an array has another shape, an index in `triangles` is negative or not
        below V, or there are no such kernels.
      tf.errors.InvalidArgumentError: an index is not below V, which was unknown while tracing.
    """
    clip_vertices = tf.cast(clip_vertices, tf.float32)
    # The CPU's kernels do not look where an array ends.
    if not clip_vertices.shape.is_compatible_with([None, None, 4]):
        raise InputError(f"clip_vertices: expected [B, V, 4], found {clip_vertices.shape}")
    triangles = checked_triangles(triangles, clip_vertices.shape[1])
    if clip_vertices.shape[1] is None:
        clip_vertices = _with_enough(clip_vertices, triangles)
    ids = visible_triangles(clip_vertices, triangles, height, width, cull_back_faces, kernels)
    weights = kernels_named(kernels).barycentrics(clip_vertices, triangles, ids)
    return Rasterization(ids, weights, tf.cast(ids >= 0, tf.float32))


def _with_enough(clip_vertices: tf.Tensor, triangles: np.ndarray) -> tf.Tensor:
    """The vertices, which prove to be as many as the triangles name when they are there."""
    highest = int(triangles.max(initial=-1))
    enough = tf.debugging.assert_less(
        highest, tf.shape(clip_vertices)[1], f"triangles: vertex index {highest}"
    )
    with tf.control_dependencies([enough]):
        return tf.identity(clip_vertices)


def checked_triangles(triangles: np.ndarray, vertices: int | None) -> np.ndarray:
    """`triangles` as contiguous int32 [T, 3], read-only: a kernel is compiled for arrays that may
    be written and once more for those that may not.

    Raises:
      InputError: they have another shape, or an index is out of the range of `vertices`.
    """
    triangles = np.ascontiguousarray(triangles, np.int32)
    if triangles.ndim != 2 or triangles.shape[1] != 3:
        raise InputError(f"triangles: expected shape [T, 3], found {list(triangles.shape)}")
    if triangles.size and triangles.min() < 0:
        raise InputError(f"triangles: vertex index {triangles.min()} is negative")
    if triangles.size and vertices is not None and triangles.max() >= vertices:
        raise InputError(
            f"triangles: vertex index {triangles.max()}, but the mesh has {vertices} vertices"
        )
    view = triangles.view()
    view.flags.writeable = False
    return view
