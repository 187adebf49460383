"""A face small enough to be fitted in a test, and photographs of it whose view is known."""

import numpy as np
import tensorflow as tf

from tests.rendering.faces import FIVE_POINTS, TARGETS, face_colors, face_mesh
from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.reconstruction.fitting.projection import posed_places
from tf_morph.rendering.camera import fit_framing
from tf_morph.rendering.color import clipped_to_srgb, linear_to_srgb
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.scene import Scene

SIZE = 96
VIEWS = np.radians([[20.0, -6, 4], [-17, 5, -6], [4, 9, 2]])
TRANSLATIONS = np.array([[4.0, -3, 20], [-3, 2, -30], [0, 0, 0]])
KEY = np.array([[0.6, 0.3, 0.74], [-0.5, 0.4, 0.77], [0.0, 0.5, 0.87]])  # directions of the light


def toy_model(expression: bool = False) -> MorphableModel:
    """An ellipsoid with a nose, coloured unevenly; its one expression opens the lower face."""
    vertices, triangles = face_mesh(48)
    points = {
        "right.eye.corner_outer": FIVE_POINTS[0] - [12, 0, 0],
        "right.eye.corner_inner": FIVE_POINTS[0] + [12, 0, 0],
        "left.eye.corner_inner": FIVE_POINTS[1] - [12, 0, 0],
        "left.eye.corner_outer": FIVE_POINTS[1] + [12, 0, 0],
        "center.nose.tip": FIVE_POINTS[2],
        "right.lips.corner": FIVE_POINTS[3],
        "left.lips.corner": FIVE_POINTS[4],
    }
    down = np.zeros_like(vertices)
    down[:, 1] = -np.exp(-(((vertices[:, 1] + 45) / 20) ** 2))
    smile = LinearBasis(
        np.zeros_like(vertices), (down / np.linalg.norm(down)).reshape(-1, 1),
        [6 * np.linalg.norm(down)],
    )  # fmt: skip
    colors = linear_to_srgb(tf.constant(face_colors(vertices))).numpy()
    nothing = np.zeros((vertices.size, 1))
    return MorphableModel(
        LinearBasis(vertices, nothing, [0.0]), LinearBasis(colors, nothing, [0.0]), triangles,
        expression=smile if expression else None, landmarks=points,
    )  # fmt: skip


def toy_framing():
    """The camera before it."""
    return fit_framing(FIVE_POINTS, TARGETS * SIZE, SIZE, 20.0)


def photographs(model: MorphableModel, vertices: np.ndarray, framing=None, size: int = SIZE):
    """uint8 [3, size, size, 3]: the face [V, 3] seen as `VIEWS`, `TRANSLATIONS`, `KEY` say."""
    count, framing = len(VIEWS), framing or toy_framing()
    lights = np.stack([1500 * KEY, np.full_like(KEY, 900.0)], axis=1)
    colors = np.tile([[[0.6, 0.55, 0.5]], [[0.0] * 3]], (1, count, 1)).swapaxes(0, 1)
    scene = Scene(
        VIEWS, TRANSLATIONS, lights, colors, np.full((count, 3), 0.35),
        np.zeros(count), np.zeros((count, 3)), np.zeros((count, 3)),
        np.full((count, size, size, 3), 0.2),
    )  # fmt: skip
    scene = Scene(*(tf.constant(field, tf.float32) for field in scene))
    scene = scene._replace(hair_style=tf.zeros([count], tf.int32))
    faces = tf.constant(np.repeat(vertices[np.newaxis], count, 0), tf.float32)
    albedo = tf.constant(np.repeat(face_colors(face_mesh(48)[0])[np.newaxis], count, 0))
    image = Renderer(model.triangles, size, size, framing)(faces, albedo, scene).image
    return np.round(255 * clipped_to_srgb(image).numpy()).astype(np.uint8)


def points_seen(points_mm: np.ndarray) -> np.ndarray:
    """[3, 5, 2]: where these show points [5, 3] mm, in crops of SIZE pixels."""
    return np.stack(
        [
            posed_places(toy_framing(), points_mm, view, place, 1.0, SIZE)
            for view, place in zip(VIEWS, TRANSLATIONS, strict=True)
        ]
    )
