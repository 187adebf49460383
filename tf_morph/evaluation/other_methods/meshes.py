"""Coloured meshes of other methods drawn as the run's own faces are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy.spatial import cKDTree
from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.mesh_files import (
    ColoredMesh,
    read_colored_mesh,
    read_landmarks,
)
from tf_morph.evaluation.geometry.onto_reference import bring_onto
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs.decode import LoadedPhotographs
from tf_morph.regression.run import Run
from tf_morph.rendering.color import clipped_to_linear, clipped_to_srgb
from tf_morph.rendering.scene import Scene

_FEWEST_LANDMARKS = 3
_NEAR = 20.0  # mm: further away the other mesh has nothing in the place of the mean face's


def draw_meshes(run: Run, files: Sequence[Path]) -> LoadedPhotographs:
    """Drawings of meshes: frontal, evenly lit, before a plain background, as the run's own.

    Each is brought by a similarity onto the run's mean face; by the landmarks beside it to begin
    with, where three or more have names the run's model knows. Hair, neck and clothes are
    drawn where the run draws them, around the mean face brought to the mesh's nearest vertices.

    Returns:
      As `load_aligned` returns photographs; skipped are files that are no meshes, or without
      colours at their vertices.
    """
    reference = _mean_face(run.model)
    images, kept, skipped = [], [], []
    for index, file in enumerate(tqdm(files, "meshes", unit="mesh", disable=None)):
        try:
            colored = read_colored_mesh(file)
            if colored.colors is None:
                raise InputError(f"{file}: no colours at its vertices")
            landmarks = _shared_landmarks(run.model, read_landmarks(file))
        except InputError as error:
            skipped.append((str(file), str(error)))
            continue
        vertices = bring_onto(colored.mesh, reference, landmarks)(colored.mesh.vertices)
        images.append(_drawing(run, vertices, colored))
        kept.append(index)
    size = run.drawer.renderer.height
    return LoadedPhotographs(
        np.array(images, np.uint8).reshape(-1, size, size, 3),
        np.array(kept, np.int64),
        tuple(skipped),
    )


def _mean_face(model: MorphableModel) -> Mesh:
    return Mesh.of(model.vertices(np.zeros((1, 1), np.float32)).numpy()[0], model.triangles)


def _shared_landmarks(model: MorphableModel, landmarks: dict[str, np.ndarray]):
    names = [name for name in landmarks if name in model.landmarks]
    if len(names) < _FEWEST_LANDMARKS:
        return None
    return tuple(np.stack([of[name] for name in names]) for of in (landmarks, model.landmarks))


def _drawing(run: Run, vertices: np.ndarray, colored: ColoredMesh) -> np.ndarray:
    """uint8 sRGB [H, W, 3] of a mesh that stands where the run's faces do."""
    scene = run.drawer.frontal_scene(1)
    albedo = clipped_to_linear(tf.constant(colored.colors / 255.0, tf.float32)).numpy()
    around, around_albedo, triangles = _surround(run, scene, vertices, albedo)
    renderer = run.drawer.renderer.of_mesh(
        np.concatenate([colored.mesh.triangles, triangles + len(vertices)]).astype(np.int32), None
    )
    image = renderer(
        tf.constant(np.concatenate([vertices, around])[None], tf.float32),
        tf.constant(np.concatenate([albedo, around_albedo])[None], tf.float32),
        scene,
    ).image
    return np.round(clipped_to_srgb(image)[0].numpy() * 255.0).astype(np.uint8)


def _surround(run: Run, scene: Scene, vertices: np.ndarray, albedo: np.ndarray):
    """Vertices [U, 3], linear albedo [U, 3] and triangles of what the run draws around a face.

    It hangs on the run's mesh: on the mean face, brought to the nearest vertices of the other's.
    """
    surround = run.drawer.renderer.surround
    if surround is None:
        return np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    mean = _mean_face(run.model).vertices
    distances, nearest = cKDTree(vertices).query(mean)
    on_it = (distances < _NEAR)[:, None]
    face = tf.constant(np.where(on_it, vertices[nearest], mean)[None], tf.float32)
    colors = tf.constant(albedo[nearest][None], tf.float32)
    around, color = surround.attach(face, colors, scene)
    return around[0].numpy(), color[0].numpy(), surround.triangles
