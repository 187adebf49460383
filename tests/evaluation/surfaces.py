"""A made-up face of smooth bumps, whose every tessellation is the same surface but for a hair."""

import numpy as np
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.mesh import Mesh
from tf_morph.evaluation.similarity_transform import SimilarityTransform

NOSE = np.array([0.0, 0.0, 60.0])


def height(x, y, seed=None):
    """Of the surface over a point: a dome with a nose, brows and chin; the seed's bumps on top."""
    dome = 30.0 - 0.0045 * x**2 - 0.0025 * y**2
    nose = 30.0 * np.exp(-((x / 13) ** 2) - ((y / 18) ** 2))
    brows = 6.0 * np.exp(-(((abs(x) - 30) / 14) ** 2) - (((y - 38) / 9) ** 2))
    chin = 9.0 * np.exp(-((x / 18) ** 2) - (((y + 70) / 14) ** 2))
    z = dome + nose + brows + chin
    if seed is not None:
        generator = np.random.default_rng(seed)
        for _ in range(8):
            at, size = generator.uniform(-70, 70, 2), generator.uniform(15, 35)
            bump = np.exp(-(((x - at[0]) / size) ** 2) - (((y - at[1]) / size) ** 2))
            z = z + generator.normal() * 2.5 * bump
    return z


def grid_face(step=2.0, extent=90.0, seed=None, shear=0.0):
    """The surface over a square, cut into triangles every `step` mm."""
    places = np.arange(-extent, extent + 1e-9, step)
    x, y = np.meshgrid(places, places)
    x = x + shear * y
    vertices = np.stack([x, y, height(x, y, seed)], axis=-1).reshape(-1, 3)
    count = len(places)
    corner = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).reshape(-1, 1)
    triangles = np.concatenate([corner + [0, 1, count], corner + [1, count + 1, count]])
    return Mesh.of(vertices, triangles)


def somewhere(seed, scale=1.0, degrees=180.0, shift=300.0):
    """A random transform."""
    generator = np.random.default_rng([seed, 7])
    axis = generator.normal(size=3)
    turn = Rotation.from_rotvec(
        np.deg2rad(degrees) * generator.uniform() * axis / np.linalg.norm(axis)
    )
    return SimilarityTransform(scale, turn.as_matrix(), generator.normal(size=3) * shift)


def moved(mesh, transform):
    """The mesh brought elsewhere."""
    return Mesh(transform(mesh.vertices), mesh.triangles)
