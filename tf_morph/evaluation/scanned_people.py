"""People with a scan and photographs: from a folder laid out as MICC Florence, or made up.

Scans of people who were never scanned are made from known faces: noised, holed and moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy.spatial.transform import Rotation

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.ground_truth import project_faces
from tf_morph.evaluation.image_sets import Skipped, read_photographs
from tf_morph.evaluation.mesh import NOSE_TIP, SUFFIXES, Mesh, find_mesh, read_landmarks, read_mesh
from tf_morph.evaluation.similarity_transform import SimilarityTransform
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.regression.coefficient_statistics import prior_sample
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.ground_truth_faces import Coefficients

CONDITIONS = ("cooperative", "indoor", "outdoor")
MOST_FRAMES = 50  # of a video, evenly spread
_DISTRIBUTED = "Model/frontal1/obj"  # where MICC's own folders have a scan; from memory
PEOPLE = 20
NOISE_MM, LANDMARK_NOISE_MM = 0.1, 2.0  # standard deviations; the second an axis
PHOTOGRAPHED, RENDERED = "photographs", "renderings"
_SCANNED_MM = 110.0  # from the nose tip
_HOLES, _HOLE_MM = 5, (4.0, 8.0)
_MOST_TURNED_DEGREES = 25.0
_SHIFT_MM = 100.0
_RENDERINGS = 3  # of each face
_STREAM = 29  # of the seed


@dataclass(frozen=True, eq=False)
class ScannedPerson:
    """Attributes:
    name: of the folder.
    scan: mm, as it is, not cut.
    landmarks: name to point [3] on it; may be empty.
    frames: condition to photographs [F, S, S, 3] uint8 sRGB, cropped as the run's are, F >= 1.
    true: the face itself in the run's model, where the scan was made from a known one.
    """

    name: str
    scan: Mesh
    landmarks: Mapping[str, np.ndarray]
    frames: Mapping[str, np.ndarray]
    true: Mesh | None = None


def read_people(context: Context, folder: Path) -> tuple[list[ScannedPerson], Skipped]:
    """Reads `<subject>/scan.obj` (or .ply, or the first below `Model/frontal1/obj`) and the frames
    `<subject>/{cooperative,indoor,outdoor}/*.jpg`, of which at most `MOST_FRAMES` a folder.

    Returns:
      The people with a scan and at least one frame, and (path, reason) of all that was left out.

    Raises:
      InputError: there is nobody like that.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give MICC's, with a folder a subject in it")
    subjects = sorted(path for path in folder.iterdir() if path.is_dir())
    scans = {path.name: found for path in subjects if (found := _scan_file(path))}
    skipped = [(str(path), "no scan in it") for path in subjects if path.name not in scans]
    listed = _listed(folder, scans)
    photographs, unread = read_photographs(context, folder, listed)
    frames: dict[str, dict[str, list]] = {name: {} for name in scans}
    for identity, image in zip(photographs.identities, photographs.images, strict=True):
        name, condition = identity.split("/")
        frames[name].setdefault(condition, []).append(image)
    people = []
    for name, scan in scans.items():
        if not frames[name]:
            skipped.append((str(folder / name), "no frame of it can be used"))
            continue
        images = {condition: np.stack(found) for condition, found in frames[name].items()}
        people.append(ScannedPerson(name, read_mesh(scan), read_landmarks(scan), images))
    return people, (*skipped, *unread)


def _scan_file(subject: Path) -> Path | None:
    found = find_mesh(subject, "scan")
    distributed = sorted((subject / _DISTRIBUTED).glob("*"))
    return found or next((path for path in distributed if path.suffix.lower() in SUFFIXES), None)


def _listed(folder: Path, names) -> Photographs:
    """The frames, as of people `subject/condition`."""
    paths, identities = [], []
    for name in names:
        for part in sorted((folder / name).iterdir()):
            if part.is_dir() and part.name.lower() in CONDITIONS and any(part.iterdir()):
                found = list_photographs(part).paths
                chosen = spread(len(found), MOST_FRAMES)
                paths += [found[i] for i in chosen]
                identities += [f"{name}/{part.name.lower()}"] * len(chosen)
    if not paths:
        raise InputError(
            f"{folder}: no subject with a scan and frames; expected <subject>/scan.obj and "
            f"<subject>/{{{','.join(CONDITIONS)}}}/*.jpg"
        )
    return Photographs(tuple(paths), tuple(identities))


def spread(count: int, most: int) -> np.ndarray:
    """Up to `most` of range(count), evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


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


def rendered_people(context: Context) -> list[ScannedPerson]:
    """`PEOPLE` faces from the run's prior, each rendered three times in scenes as in training."""
    run = context.run
    shapes, textures = coefficient_counts(run.config, run.model)
    values = prior_sample((PEOPLE, shapes + textures), context.seed + _STREAM).astype(np.float32)
    faces = Coefficients(values[:, :shapes], values[:, shapes:])
    each = np.repeat(np.arange(PEOPLE), _RENDERINGS)
    seed = tf.constant([context.seed, _STREAM], tf.int32)
    scene = run.drawer.random_scene(len(each), seed)
    images = run.draw(*faces.rows(each), scene)
    true = run.model.vertices(faces.shape).numpy()
    names = [f"face {number + 1}" for number in range(PEOPLE)]
    frames = images.reshape(PEOPLE, _RENDERINGS, *images.shape[1:])
    return _people(context, run.model, names, true, true, RENDERED, frames)


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
    lying elsewhere and rotated by up to 25 degrees.

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


def _elsewhere(generator: np.random.Generator) -> SimilarityTransform:
    axis = generator.normal(size=3)
    angle = np.deg2rad(_MOST_TURNED_DEGREES) * generator.uniform()
    turn = Rotation.from_rotvec(angle * axis / np.linalg.norm(axis)).as_matrix()
    return SimilarityTransform(1.0, turn, _SHIFT_MM * generator.normal(size=3))
