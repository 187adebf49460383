"""Where the camera stands, and the transforms from the model's frame into its image.

World frame: right-handed millimetres, +X to the image's right, +Y up, +Z towards the camera, which
looks along -Z; it is the face model's own frame while the pose is zero.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from scipy.optimize import least_squares

from tf_morph.errors import InputError
from tf_morph.rendering.graphics_transforms import perspective, rotation_matrix_3d

NEAR_MM = 10.0
FAR_MM = 10_000.0
# Behind the eyes' midpoint. A head turns about a point some 80 mm behind them, but photographs are
# aligned by their features, which a pivot close behind the features leaves in place.
PIVOT_DEPTH_MM = 25.0
_START_DISTANCE_MM = 600.0
# Where a portrait shows right eye, left eye, nose tip, right and left corner of the mouth, as a
# share of the picture's width and height, and what a portrait lens sees (ours).
PORTRAIT_FIVE_POINTS = ((0.34, 0.39), (0.66, 0.39), (0.5, 0.57), (0.37, 0.75), (0.63, 0.75))
PORTRAIT_FIELD_OF_VIEW_DEGREES = 20.0


@dataclass(frozen=True)
class Framing:
    """Where the camera stands and what it takes in.

    Attributes:
      camera_mm: [3], its place in the world frame; it looks along -Z.
      field_of_view: radians, from the image's top to its bottom edge.
      pivot_mm: [3], the point the pose's rotation leaves in place.
      pitch: radians, added to every pose's pitch; positive looks up.
    """

    camera_mm: tuple[float, float, float]
    field_of_view: float
    pivot_mm: tuple[float, float, float]
    pitch: float = 0.0


def fit_framing(
    points_mm: np.ndarray,
    targets_px: np.ndarray,
    image_size: int | tuple[int, int],
    field_of_view_degrees: float,
    fit_pitch: bool = False,
    pivot_depth_mm: float = PIVOT_DEPTH_MM,
) -> Framing:
    """The camera under which a face's five points land nearest their targets (least squares).

    Args:
      points_mm: [5, 3] right eye, left eye, nose tip, right and left corner of the mouth, of the
        mean face, in the model's frame; the subject's right, which is the image's left.
      targets_px: [5, 2] (x, y) from the image's top left corner, first pixel's centre at 0.5.
      image_size: pixels, of a square image, or (height, width).
      field_of_view_degrees: from the image's top to its bottom edge.
      fit_pitch: let the face nod, too, about the pivot.
      pivot_depth_mm: how far the pivot lies behind the eyes' midpoint.

    Returns:
      A `Framing` with the camera in front of the face.

    Raises:
      InputError: an array has another shape or a coordinate that is not finite, or the camera
        that fits best is not in front of the face, within 10 m.
    """
    points, targets = np.asarray(points_mm, float), np.asarray(targets_px, float)
    if points.shape != (5, 3) or targets.shape != (5, 2):
        raise InputError(
            f"five points: expected shapes (5, 3) and (5, 2), found {points.shape}, {targets.shape}"
        )
    if not (np.isfinite(points).all() and np.isfinite(targets).all()):
        raise InputError("five points: a coordinate is not finite")
    height, width = _height_width(image_size)
    field_of_view = float(np.radians(field_of_view_degrees))
    pivot = points[:2].mean(0) - [0.0, 0.0, pivot_depth_mm]

    def framing(parameters):
        pitch = float(parameters[3]) if fit_pitch else 0.0
        return Framing(
            tuple(map(float, parameters[:3])), field_of_view, tuple(map(float, pivot)), pitch
        )

    def residuals(parameters):
        return (project(framing(parameters), points, (height, width)) - targets).ravel()

    start = [*points.mean(0)[:2], points[:, 2].max() + _START_DISTANCE_MM, 0.0]
    fitted = framing(least_squares(residuals, start[: 4 if fit_pitch else 3]).x)
    distance = fitted.camera_mm[2] - points[:, 2].max()
    if not NEAR_MM < distance < FAR_MM:
        raise InputError(
            "five points: no camera in front of the face, within 10 m, shows them near their "
            "targets; are right and left, or up and down, exchanged?"
        )
    return fitted


def project(
    framing: Framing, points_mm: np.ndarray, image_size: int | tuple[int, int]
) -> np.ndarray:
    """Pixel places [..., 2] (x, y) of points [..., 3] mm in the rest pose (NumPy, no gradient)."""
    height, width = _height_width(image_size)
    cosine, sine = np.cos(framing.pitch), np.sin(framing.pitch)
    nod = np.array([[1, 0, 0], [0, cosine, sine], [0, -sine, cosine]])
    pivot = np.asarray(framing.pivot_mm)
    local = (np.asarray(points_mm) - pivot) @ nod.T + pivot - np.asarray(framing.camera_mm)
    focal = height / 2 / np.tan(framing.field_of_view / 2)
    return np.stack(
        [
            width / 2 - focal * local[..., 0] / local[..., 2],
            height / 2 + focal * local[..., 1] / local[..., 2],
        ],
        axis=-1,
    )


def pose_vertices(
    framing: Framing, vertices: tf.Tensor, yaw_pitch_roll: tf.Tensor, translation: tf.Tensor
) -> tf.Tensor:
    """Vertices in the world frame, of faces turned about the framing's pivot and then moved.

    Args:
      framing: gives the pivot and the pitch at rest.
      vertices: [B, V, 3] mm, model frame.
      yaw_pitch_roll: [B, 3] radians: positive yaw turns the face to the image's right, positive
        pitch upwards, positive roll counter-clockwise in the image. Pitch is applied first, then
        yaw, then roll.
      translation: [B, 3] mm, world frame.

    Returns:
      [B, V, 3] mm, world frame.
    """
    yaw, pitch, roll = tf.unstack(yaw_pitch_roll, axis=1)
    angles = tf.stack([-(pitch + framing.pitch), yaw, roll], axis=1)
    rotation = rotation_matrix_3d.from_euler(angles)
    pivot = tf.constant(framing.pivot_mm, vertices.dtype)
    offset = pivot + translation - tf.linalg.matvec(rotation, pivot)  # one pass over the vertices
    return tf.matmul(vertices, rotation, transpose_b=True) + offset[:, tf.newaxis]


def seen_from(framing: Framing, world: tf.Tensor, distance: tf.Tensor) -> tf.Tensor:
    """Where points seem to lie when the camera has stepped back and zoomed in, or the reverse.

    From twice as far through a lens twice as long, the face keeps its size and loses half its
    depth; so points drawn nearer to the pivot's plane show `framing`'s own camera that view.

    Args:
      framing: the camera before the step.
      world: [B, V, 3] mm.
      distance: [B], of the camera from the pivot's plane, 1: as `framing` has it.

    Returns:
      [B, V, 3] mm, to be drawn by `framing`.
    """
    plane = framing.pivot_mm[2]
    depth = plane + (world[..., 2:] - plane) / distance[:, tf.newaxis, tf.newaxis]
    return tf.concat([world[..., :2], depth], axis=-1)


def image_places(
    framing: Framing,
    points_mm: np.ndarray,
    yaw_pitch_roll: tf.Tensor,
    translation: tf.Tensor,
    distance: tf.Tensor,
) -> tf.Tensor:
    """Where points of a face are seen in each scene's square picture.

    Args:
      framing, distance: the camera, see `seen_from`.
      points_mm: [N, 3], model frame.
      yaw_pitch_roll, translation: [B, 3] each, see `pose_vertices`.

    Returns:
      [B, N, 2] (x, y) as shares of the side, from the top left corner.
    """
    points = tf.constant(points_mm, tf.float32) + tf.zeros_like(translation)[:, tf.newaxis]
    world = pose_vertices(framing, points, yaw_pitch_roll, translation)
    clip = clip_coordinates(framing, seen_from(framing, world, distance), 1.0)
    return 0.5 + 0.5 * tf.constant([1.0, -1.0]) * clip[..., :2] / clip[..., 3:]


def clip_coordinates(framing: Framing, world: tf.Tensor, aspect_ratio: float) -> tf.Tensor:
    """Homogeneous clip coordinates [B, V, 4] of points [B, V, 3] mm in the world frame.

    Args:
      framing: the camera.
      world: [B, V, 3] mm.
      aspect_ratio: the image's width over its height.
    """
    matrix = perspective.right_handed(
        tf.constant([framing.field_of_view], world.dtype),
        tf.constant([aspect_ratio], world.dtype),
        tf.constant([NEAR_MM], world.dtype),
        tf.constant([FAR_MM], world.dtype),
    )
    camera = tf.constant(framing.camera_mm, world.dtype)
    offset = matrix[:, 3] - tf.linalg.matvec(matrix[:, :3], camera)  # one pass over the vertices
    flat = tf.matmul(tf.reshape(world, [-1, 3]), matrix[:, :3], transpose_b=True) + offset
    return tf.reshape(flat, [-1, world.shape[1], 4])


def _height_width(image_size: int | tuple[int, int]) -> tuple[int, int]:
    if isinstance(image_size, int):
        return image_size, image_size
    height, width = image_size
    return int(height), int(width)
