"""A small face-like mesh with five points, lights and colours to draw it in."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering import Renderer, build_surround, fit_framing
from tf_morph.rendering.kernels import AUTO
from tf_morph.rendering.surround_shapes import grid_triangles

FIVE_POINTS = np.array([[-32.0, 35, 75], [32, 35, 75], [0, 0, 112], [-25, -35, 85], [25, -35, 85]])
TARGETS = np.array([[0.35, 0.45], [0.65, 0.45], [0.5, 0.62], [0.37, 0.78], [0.63, 0.78]])


def face_mesh(side=24):
    """The front of an ellipsoid with a nose: vertices [side^2, 3] mm and triangles."""
    azimuth, elevation = np.meshgrid(np.linspace(-1.4, 1.4, side), np.linspace(-1.2, 1.2, side))
    x = 76 * np.sin(azimuth) * np.cos(elevation)
    y = 15 + 108 * np.sin(elevation)
    z = 95 * np.cos(azimuth) * np.cos(elevation)
    z = z + 22 * np.exp(-((x / 12) ** 2) - ((y / 20) ** 2))
    index = np.arange(side * side, dtype=np.int32).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = [np.stack(corners, -1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    return np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32), np.concatenate(quads)


def face_colors(vertices):
    """Linear skin colours [V, 3], redder and darker in places."""
    waves = 0.5 + 0.5 * np.sin(vertices / np.array([9.0, 12.0, 15.0]))
    return (np.array([0.5, 0.3, 0.2]) * (0.8 + 0.4 * waves)).astype(np.float32)


def face_renderer(size, side=24, surround=False, kernels=AUTO):
    """A renderer of `face_mesh`, and its mean vertices [V, 3] and colours [V, 3]."""
    vertices, triangles = face_mesh(side)
    framing = fit_framing(FIVE_POINTS, TARGETS * size, size, 20.0)
    around = build_surround(vertices, triangles, FIVE_POINTS) if surround else None
    renderer = Renderer(triangles, size, size, framing, around, kernels=kernels)
    return renderer, vertices, face_colors(vertices)


def batched(values, batch=1):
    """[V, C] to [batch, V, C]."""
    return tf.constant(np.repeat(values[np.newaxis], batch, axis=0))


def whole_head(columns=73):
    """A head all round with a neck, a nose and no ears: vertices [V, 3] mm and triangles."""
    down = np.radians(np.linspace(90.0, -50.0, 40))
    across = np.concatenate([np.cos(down), np.full(8, 0.66)])
    heights = np.concatenate([50.0 + 98.0 * np.sin(down), np.linspace(-30.0, -112.0, 8)])
    around = np.linspace(-np.pi, np.pi, columns)
    x = 77.0 * across[:, None] * np.sin(around)
    z = -10.0 + 98.0 * across[:, None] * np.cos(around)
    y = heights[:, None] + 0.0 * x
    nose = 26.0 * np.exp(-((x / 12) ** 2) - (y / 20) ** 2) * (np.abs(around) < 1.0)
    vertices = np.stack([x, y, z + nose], -1).reshape(-1, 3).astype(np.float32)
    return vertices, grid_triangles(len(heights), columns)[:, ::-1].astype(np.int32)
