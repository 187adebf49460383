"""Scans of people who were never scanned: made from known faces, noised, holed and turned."""

import numpy as np
import tensorflow as tf
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.coefficients import Coefficients, prior_sample
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.placement import Placement
from tf_morph.evaluation.geometry.protocol import NOSE_TIP
from tf_morph.evaluation.geometry.scanned_people import ScannedPerson
from tf_morph.evaluation.known_truth.projection import project_faces
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.components import coefficient_counts

PEOPLE = 20
NOISE_MM, LANDMARK_NOISE_MM = 0.1, 2.0  # standard deviations; the second an axis
PHOTOGRAPHED, DRAWN = "photographs", "drawings"
_SCANNED_MM = 110.0  # from the nose tip
_HOLES, _HOLE_MM = 5, (4.0, 8.0)
_MOST_TURNED_DEGREES = 25.0
_SHIFT_MM = 100.0
_DRAWINGS = 3  # of each face
_STREAM = 29  # of the seed


def known_people(context: Context) -> list[ScannedPerson]:
    """Test people whose true faces are known, `PEOPLE` at most, with scans made from those.

    Raises:
      InputError: somebody's true face is not known.
    """
    test, truth, run = context.test, context.truth, context.run
    everybody = sorted(set(test.identities))
    generator = np.random.default_rng([context.seed, len(everybody), _STREAM])
    names = [everybody[i] for i in np.sort(generator.permutation(len(everybody))[:PEOPLE])]
    faces = truth.of(names)
    shown = project_faces(faces, truth.model, run.model, coefficient_counts(run.config, run.model))
    identities = np.array(test.identities)
    frames = [test.images[identities == name] for name in names]
    true = truth.model.vertices(faces.shape).numpy()
    nearest = run.model.vertices(shown.shape).numpy()
    return _people(context, run.model, names, true, nearest, PHOTOGRAPHED, frames)


def drawn_people(context: Context) -> list[ScannedPerson]:
    """`PEOPLE` faces from the run's prior, each drawn three times in scenes as in training."""
    run = context.run
    shapes, textures = coefficient_counts(run.config, run.model)
    values = prior_sample((PEOPLE, shapes + textures), context.seed + _STREAM).astype(np.float32)
    faces = Coefficients(values[:, :shapes], values[:, shapes:])
    each = np.repeat(np.arange(PEOPLE), _DRAWINGS)
    seed = tf.constant([context.seed, _STREAM], tf.int32)
    scene = run.drawer.random_scene(len(each), seed)
    images = run.draw(*faces.rows(each), scene)
    true = run.model.vertices(faces.shape).numpy()
    names = [f"face {number + 1}" for number in range(PEOPLE)]
    frames = images.reshape(PEOPLE, _DRAWINGS, *images.shape[1:])
    return _people(context, run.model, names, true, true, DRAWN, frames)


def _people(context, model: MorphableModel, names, true, nearest, condition, frames):
    found = []
    for row, name in enumerate(names):
        generator = np.random.default_rng([context.seed, row, _STREAM])
        scan, landmarks = make_scan(model, true[row], generator)
        face = Mesh.of(nearest[row], model.triangles)
        found.append(ScannedPerson(name, scan, landmarks, {condition: frames[row]}, face))
    return found


def make_scan(
    model: MorphableModel, vertices: np.ndarray, generator: np.random.Generator
) -> tuple[Mesh, dict[str, np.ndarray]]:
    """A scan of a face: what faces forward, with noise along the normals, without some discs,
    lying elsewhere and turned by up to 25 degrees.

    Args:
      model: whose triangles and landmarks they are.
      vertices: [V, 3] mm.
      generator: of all that is random.

    Returns:
      The scan, mm, and the model's landmarks on it, each some 2 mm off along every axis.
    """
    face = Mesh.of(vertices, model.triangles)
    points = {name: face.vertices[row] for name, row in _landmark_rows(model).items()}
    far = np.linalg.norm(face.vertices - points[NOSE_TIP], axis=1)
    seen = (face.vertex_normals[:, 2] > 0.0) & (far <= _SCANNED_MM)
    for centre in face.vertices[generator.choice(np.flatnonzero(seen), _HOLES)]:
        radius = generator.uniform(*_HOLE_MM)
        seen &= np.linalg.norm(face.vertices - centre, axis=1) > radius
    noise = NOISE_MM * generator.normal(size=(len(vertices), 1))
    place = _elsewhere(generator)
    noisy = Mesh(place(face.vertices + noise * face.vertex_normals), face.triangles)
    marked = {
        name: place(point) + LANDMARK_NOISE_MM * generator.normal(size=3)
        for name, point in points.items()
    }
    # A tip two millimetres off would cut another part of the face out of every scan.
    return noisy.of_vertices(seen), marked | {NOSE_TIP: place(points[NOSE_TIP])}


def _landmark_rows(model: MorphableModel) -> dict[str, int]:
    """Of each landmark the nearest vertex."""
    mean = np.asarray(model.vertices(np.zeros(0, np.float32)), np.float64)
    return {
        name: int(np.linalg.norm(mean - point, axis=1).argmin())
        for name, point in model.landmarks.items()
    }


def _elsewhere(generator: np.random.Generator) -> Placement:
    axis = generator.normal(size=3)
    angle = np.deg2rad(_MOST_TURNED_DEGREES) * generator.uniform()
    turn = Rotation.from_rotvec(angle * axis / np.linalg.norm(axis)).as_matrix()
    return Placement(1.0, turn, _SHIFT_MM * generator.normal(size=3))
