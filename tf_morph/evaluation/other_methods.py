"""Other methods' renderings and meshes, compared as the run's own renderings are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy.spatial import cKDTree
from tqdm import tqdm

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.image_sets import ImageSet
from tf_morph.evaluation.mesh import (
    ColoredMesh,
    Mesh,
    read_colored_mesh,
    read_landmarks,
    shared_landmarks,
)
from tf_morph.evaluation.scan_registration import register
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import FivePointCrop
from tf_morph.photographs.decode import LoadedPhotographs
from tf_morph.photographs.folders import SUFFIXES
from tf_morph.regression.photograph_features import CACHE_FOLDER
from tf_morph.regression.run import Run
from tf_morph.rendering.color import clipped_to_linear, clipped_to_srgb
from tf_morph.rendering.scene import Scene

MESH_SUFFIXES = (".obj", ".ply")
_NEAR = 20.0  # mm: further away the other mesh has nothing in the place of the mean face's


def results_of(folder: Path, paths: Sequence[str], source: Path) -> dict[int, Path]:
    """{row of `paths`: the file that holds what a method made of that photograph}.

    A file belongs to a photograph if their paths, below `folder` and below `source`, are the same
    but for the suffix; or, where no photograph has its path, to the photograph of its stem, if
    there is but one. Of a photograph's image and mesh the image is taken.

    Args:
      folder: images (`photographs.folders.SUFFIXES`) or meshes (`MESH_SUFFIXES`), however deep.
      paths: of the photographs.
      source: the folder or list they are from.

    Raises:
      InputError: no such folder, nothing of the kind in it, or two images or two meshes of one
        photograph.
    """
    by_path, by_stem = _photograph_names(paths, source)
    found: dict[int, Path] = {}
    for file in _result_files(folder):
        key = str(PurePosixPath(file.relative_to(folder)).with_suffix(""))
        row = by_path.get(key, by_stem.get(file.stem))
        if row is None:
            continue
        other = found.setdefault(row, file)
        if other is not file and is_mesh(other) == is_mesh(file):
            raise InputError(f"{other}, {file}: of one photograph, {paths[row]}; take one away")
        if is_mesh(other):
            found[row] = file
    return found


def is_mesh(file: Path) -> bool:
    """By its suffix."""
    return file.suffix.lower() in MESH_SUFFIXES


def _result_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of the method's results")
    known = (*SUFFIXES, *MESH_SUFFIXES)
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in known)
    if not files:
        raise InputError(f"{folder}: no images or meshes in it; give {', '.join(known)}")
    return files


def _photograph_names(paths: Sequence[str], source: Path) -> tuple[dict, dict]:
    """Row of a photograph by its path without suffix, and by its stem where that is its alone."""
    root = source if source.is_dir() else source.parent
    by_path, by_stem = {}, {}
    for row, path in enumerate(map(Path, paths)):
        below = path.relative_to(root) if path.is_relative_to(root) else path
        by_path[str(PurePosixPath(below).with_suffix(""))] = row
        by_stem[path.stem] = None if path.stem in by_stem else row
    return by_path, by_stem


def render_meshes(run: Run, files: Sequence[Path]) -> LoadedPhotographs:
    """Renderings of meshes: frontal, evenly lit, before a plain background, as the run's own.

    Each is brought by a similarity onto the run's mean face; by the landmarks beside it to begin
    with, where three or more have names the run's model knows. Hair, neck and clothes are
    there where the run renders them, around the mean face brought to the mesh's nearest vertices.

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
            landmarks = shared_landmarks(read_landmarks(file), run.model.landmarks)
        except InputError as error:
            skipped.append((str(file), str(error)))
            continue
        vertices = register(colored.mesh, reference, landmarks)(colored.mesh.vertices)
        images.append(_rendering(run, vertices, colored))
        kept.append(index)
    size = run.drawer.renderer.height
    return LoadedPhotographs(
        np.array(images, np.uint8).reshape(-1, size, size, 3),
        np.array(kept, np.int64),
        tuple(skipped),
    )


def _mean_face(model: MorphableModel) -> Mesh:
    return Mesh.of(model.vertices(np.zeros((1, 1), np.float32)).numpy()[0], model.triangles)


def _rendering(run: Run, vertices: np.ndarray, colored: ColoredMesh) -> np.ndarray:
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
    """Vertices [U, 3], linear albedo [U, 3] and triangles of what the run renders around a face.

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


@dataclass(frozen=True)
class OtherMethod:
    """What another method made of some photographs.

    Attributes:
      name: of the method, as the user calls it.
      rows: [M] which of the photographs, increasing; none where nothing in its folder fits them
        or can be used.
      images: uint8 sRGB [M, S, S, 3].
      skipped: (path, reason) of results that cannot be used.
    """

    name: str
    rows: np.ndarray
    images: np.ndarray
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def left_out(self) -> str | None:
        """A sentence on the results that cannot be used; None where there are none."""
        if not self.skipped:
            return None
        path, reason = self.skipped[0]
        reason = reason.removeprefix(f"{path}: ")
        return f"{self.name}: left out {len(self.skipped):,}, the first {path}: {reason}."


def other_methods(context: Context, photographs: ImageSet) -> tuple[OtherMethod, ...]:
    """What the methods given by --method made of the photographs.

    Raises:
      InputError: what `results_of` raises.
    """
    return tuple(_method(context, photographs, *method) for method in context.methods)


def _method(context: Context, photographs: ImageSet, name: str, folder: Path) -> OtherMethod:
    results = results_of(folder, photographs.paths, photographs.source)
    crop = FivePointCrop(tuple(map(tuple, context.config.rendering.five_points)))
    parts = (
        (False, lambda files: read_renderings(files, crop, context.config.rendering.size)),
        (True, lambda files: render_meshes(context.run, files)),
    )
    rows, images, skipped = [], [], ()
    for of_meshes, read in parts:
        of_kind = np.array(sorted(r for r in results if is_mesh(results[r]) == of_meshes), int)
        read_images, kept, faults = read([results[row] for row in of_kind])
        rows.append(of_kind[kept])
        images.append(read_images)
        skipped += faults
    rows = np.concatenate(rows)
    order = np.argsort(rows)
    return OtherMethod(name, rows[order], np.concatenate(images)[order], skipped)


def read_renderings(files: Sequence[Path], crop: FivePointCrop, size: int) -> LoadedPhotographs:
    """Renderings framed as the run's own are: as `load_aligned` returns them.

    One of the very size is taken as it is. Of another the face is found and its five points are
    brought to their places; where none is found, the largest centred square is taken.
    """
    paths = list(map(str, files))
    whole = load_aligned(paths, None, size)
    others = np.array([row for row in whole.kept if not _has_size(paths[row], size)], int)
    aligned = load_aligned([paths[row] for row in others], crop, size, expand_path(CACHE_FOLDER))
    images = whole.images.copy()
    images[np.searchsorted(whole.kept, others[aligned.kept])] = aligned.images
    return whole._replace(images=images)


def _has_size(path: str, size: int) -> bool:
    with Image.open(path) as image:
        return image.size == (size, size)
