"""Which texels of a face its photograph shows, where, and how steeply."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.reconstruction.fitting.view import FittedView
from tf_morph.reconstruction.texturing.texels import Texels
from tf_morph.rendering.camera import Framing, clip_coordinates, pose_vertices, seen_from
from tf_morph.rendering.normals import vertex_normals
from tf_morph.rendering.rasterizer import rasterize

_HIDDEN_MM = 3.0  # behind what the picture shows there


class VisibleSurface(NamedTuple):
    """Of N texels.

    Attributes:
      places: [N, 2] (x, y), pixels.
      visible: bool [N], whether nothing of the mesh is before it.
      cosines: [N], between its normal and the way to the camera.
      normals: [N, 3] unit vectors, world frame.
    """

    places: np.ndarray
    visible: np.ndarray
    cosines: np.ndarray
    normals: np.ndarray


def visible_surface(
    framing: Framing,
    vertices: np.ndarray,
    triangles: np.ndarray,
    texels: Texels,
    view: FittedView,
    side: int,
    kernels: str = "auto",
) -> VisibleSurface:
    """Where a picture of side x side pixels shows the texels of a face [V, 3] mm."""
    batch = [tf.constant(x, tf.float32)[tf.newaxis] for x in (vertices, *_pose(view))]
    world = pose_vertices(framing, *batch)
    distance = tf.constant([view.camera_distance], tf.float32)
    clip = clip_coordinates(framing, seen_from(framing, world, distance), 1.0)
    normals = _unit(texels.of(vertex_normals(world, triangles, kernels).numpy()[0]))
    middle = np.asarray(framing.pivot_mm)
    eye = middle + (np.asarray(framing.camera_mm) - middle) * (1, 1, view.camera_distance)
    x, y, _, depth = texels.of(clip.numpy()[0]).T
    places = side * np.stack([0.5 + 0.5 * x / depth, 0.5 - 0.5 * y / depth], axis=1)
    nearest = _depths(clip, triangles, side, kernels)
    columns, rows = np.clip(places.astype(int), 0, side - 1).T
    # Depths as seen from the stand-in camera are the true ones over the distance.
    hidden = (depth - nearest[rows, columns]) * view.camera_distance > _HIDDEN_MM
    towards = _unit(eye - texels.of(world.numpy()[0]))
    return VisibleSurface(places, ~hidden, (normals * towards).sum(1), normals)


def _pose(view: FittedView):
    return view.yaw_pitch_roll, view.translation


def _depths(clip: tf.Tensor, triangles: np.ndarray, side: int, kernels: str) -> np.ndarray:
    """[side, side] mm along the viewing axis; infinite where the mesh is not seen."""
    drawn = rasterize(clip, triangles, side, side, kernels=kernels)
    ids = drawn.triangle_ids.numpy()[0]
    corners = clip.numpy()[0, :, 3][triangles[np.maximum(ids, 0)]]
    depths = (corners * drawn.barycentrics.numpy()[0]).sum(-1)
    return np.where(ids >= 0, depths, np.inf)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
