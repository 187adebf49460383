"""Scan metrics: faces registered to scans, and their distances, of every method, as tables."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.image_sets import predict_faces
from tf_morph.evaluation.mesh import (
    NOSE_TIP,
    Mesh,
    find_mesh,
    read_landmarks,
    read_mesh,
    shared_landmarks,
)
from tf_morph.evaluation.methods import MEAN_FACE, RANDOM_FACE, TRUE_FACE_IN_MODEL
from tf_morph.evaluation.scan_registration import (
    GLOBAL,
    PER_MESH,
    Correspondences,
    IcpOptions,
    SurfacePair,
    correspondences,
    icp,
    register,
    visible_part,
)
from tf_morph.evaluation.scanned_people import ScannedPerson, spread
from tf_morph.evaluation.similarity_transform import IDENTITY, SimilarityTransform, umeyama
from tf_morph.regression.coefficient_statistics import prior_sample
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.run import Run

CROP_MM = 95.0
SCALINGS = (GLOBAL, PER_MESH)
_TIP_SOUGHT_MM = 12.0
_RULES = IcpOptions(points=700, iterations=25)
SINGLE, POOLED = "ours_single", "ours_pooled"
ANY = "any"  # of faces that no photograph was read for
MOST_SINGLE = 10  # frames a video whose own meshes are measured, evenly spread
SCALING_WORDS = {GLOBAL: "one for the method", PER_MESH: "each mesh its own"}
_FIGURES = ("mean", "rmse", "scan_to_mesh", "mesh_to_scan", "median")
EACH_COLUMNS = ("scaling", "method", "person", "condition", "mesh", *_FIGURES, "scale")
COLUMNS = (
    *("scaling", "method", "condition", "mean_mm", "deviation_mm", "rmse_mm"),
    *("scan_to_mesh_mm", "mesh_to_scan_mm", "median_mm", "scale", "subjects", "meshes"),
)


class SurfaceErrors(NamedTuple):
    """Distances to the closest point of the other surface, mm; every area counts by its size.

    Attributes:
      mean: the mean of the two ways'.
      rmse: the root of the mean of the two ways' mean squares.
      scan_to_mesh: mean over all of the scan.
      mesh_to_scan: mean over what of the mesh the scan shows: points whose closest point on the
        scan lies on no border of it, and where both surfaces face the same way (60 degrees).
      median: of the scan's, as the NoW benchmark reports it.
    """

    mean: float
    rmse: float
    scan_to_mesh: float
    mesh_to_scan: float
    median: float


def surface_errors(pair: SurfacePair, transform: SimilarityTransform) -> SurfaceErrors:
    """Of a mesh, which is moved by `transform`, and of a scan cut to what is to be compared.

    All of the scan counts, so that nothing is won by a mesh that leaves part of a face out.
    """
    onto, there = correspondences(pair, transform)
    mesh_weights = np.where(onto.valid, pair.moving.vertex_areas, 0.0)
    scan_weights = pair.fixed.vertex_areas
    to_scan = _moments(onto, mesh_weights)
    to_mesh = _moments(there, scan_weights)
    mean, square = np.mean([to_scan, to_mesh], axis=0)
    return SurfaceErrors(
        mean=float(mean),
        rmse=float(np.sqrt(square)),
        scan_to_mesh=float(to_mesh[0]),
        mesh_to_scan=float(to_scan[0]),
        median=_weighted_median(there.distances, scan_weights),
    )


def scan_distances(pair: SurfacePair, transform: SimilarityTransform) -> np.ndarray:
    """[V] of every vertex of the scan, mm, from the mesh."""
    return correspondences(pair, transform)[1].distances


def _moments(matched: Correspondences, weights: np.ndarray) -> tuple[float, float]:
    """Mean and mean square of the distances; NaN where nothing counts."""
    total = weights.sum()
    if total <= 0.0:
        return np.nan, np.nan
    return weights @ matched.distances / total, weights @ np.square(matched.distances) / total


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2.0)])


@dataclass(frozen=True, eq=False)
class Reference:
    """A face in whose frame meshes come: the run's mean face.

    Attributes:
      mesh: mm, upright, looking along +Z.
      landmarks: name to point [3] on it, the nose tip's (`NOSE_TIP`) among them.
    """

    mesh: Mesh
    landmarks: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Scan:
    """Somebody's scan, ready to be met.

    Attributes:
      mesh: mm, cut to a ball around the nose tip; what of it can be seen.
      start: from the reference's frame to the scan's.
    """

    mesh: Mesh
    start: SimilarityTransform


class Registered(NamedTuple):
    """A mesh where it fits its scan best, and how far from it that is."""

    transform: SimilarityTransform
    errors: SurfaceErrors


def prepare_scan(
    mesh: Mesh,
    landmarks: Mapping[str, np.ndarray],
    reference: Reference,
    radius_mm: float = CROP_MM,
) -> Scan:
    """Finds where a scan's face is, and cuts it out.

    With three landmarks or more that the reference has, too, the reference is brought to them;
    else onto the scan by its shape. Where the landmarks name no nose tip, it is the scan's foremost
    point, as the reference looks, near the reference's. All methods meet the same cut.
    """
    points = shared_landmarks(reference.landmarks, landmarks)
    if points is not None:
        start = umeyama(*points)
    else:
        start = register(mesh, reference.mesh).inverse()
    tip = landmarks.get(NOSE_TIP)
    if tip is None:
        tip = _nose_tip(mesh, start, reference.landmarks[NOSE_TIP])
    # Cut wide at first, so that nothing is laid open that the head's other side covers.
    seen = visible_part(mesh.within(tip, 2.0 * radius_mm), start.inverse())
    return Scan(seen.within(tip, radius_mm), start)


def _nose_tip(mesh: Mesh, start: SimilarityTransform, expected: np.ndarray) -> np.ndarray:
    seen = start.inverse()(mesh.vertices)
    distances = np.linalg.norm(seen - expected, axis=1)
    near = distances <= max(_TIP_SOUGHT_MM, distances.min())
    return mesh.vertices[np.flatnonzero(near)[seen[near, 2].argmax()]]


def measure(
    meshes: Sequence[Mesh],
    scans: Sequence[Scan],
    starts: Sequence[SimilarityTransform] | None = None,
) -> dict[str, list[Registered]]:
    """One method's meshes, each fitted to and measured against its scan.

    Args:
      meshes: N.
      scans: N, of whom each mesh is to show.
      starts: from each mesh's frame to the reference's; None where they are the same.

    Returns:
      By scaling: `GLOBAL`, all meshes at the one scale that is best by least squares over all of
      them; `PER_MESH`, each at its own best.
    """
    pairs = [SurfacePair(mesh, scan.mesh) for mesh, scan in zip(meshes, scans, strict=True)]
    transforms = [scan.start for scan in scans]
    if starts is not None:
        transforms = [scan.after(own) for scan, own in zip(transforms, starts, strict=True)]
    alone = icp(pairs, transforms, _RULES._replace(scaling=PER_MESH))
    scale = float(np.exp(np.median([np.log(transform.scale) for transform in alone])))
    levelled = [
        transform.scaled(scale, pair.moving.vertices.mean(axis=0))
        for transform, pair in zip(alone, pairs, strict=True)
    ]
    together = icp(pairs, levelled, _RULES._replace(scaling=GLOBAL))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {
            scaling: [
                Registered(*each)
                for each in zip(found, pool.map(surface_errors, pairs, found), strict=True)
            ]
            for scaling, found in ((GLOBAL, together), (PER_MESH, alone))
        }


# The meshes that are compared.


@dataclass
class Candidates:
    """One method's meshes, N.

    Attributes:
      people: of each mesh the row of whom it is to show.
      conditions: what it was predicted from.
      meshes: what can be seen of them; in the reference's frame once aligned by `starts`.
      starts: from each mesh's frame to the reference's.
    """

    people: list[int] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    meshes: list[Mesh] = field(default_factory=list)
    starts: list[SimilarityTransform] = field(default_factory=list)

    def add(
        self, person: int, condition: str, mesh: Mesh, start: SimilarityTransform = IDENTITY
    ) -> None:
        """One more mesh."""
        self.people.append(person)
        self.conditions.append(condition)
        self.meshes.append(visible_part(mesh, start))
        self.starts.append(start)


def mean_face(run: Run) -> Reference:
    """The run's mean face, in whose frame all its faces come."""
    vertices = run.model.vertices(np.zeros(0, np.float32)).numpy()
    return Reference(Mesh.of(vertices, run.model.triangles), run.model.landmarks)


def candidates(
    context: Context, people: Sequence[ScannedPerson], reference: Reference
) -> dict[str, Candidates]:
    """By method: a face a frame, a face a video, those other methods made, and bounds.

    Raises:
      InputError: the decoder gives coefficients that are not finite, or a mesh cannot be read.
    """
    found = {SINGLE: Candidates(), POOLED: Candidates()}
    for row, person in enumerate(people):
        for condition, images in person.frames.items():
            faces = predict_faces(context.run, images)
            for shape in faces.shape[spread(len(images), MOST_SINGLE)]:
                found[SINGLE].add(row, condition, _mesh(context.run, shape))
            pooled = faces.shape.mean(axis=0)
            found[POOLED].add(row, condition, _mesh(context.run, pooled))
    for name, folder in context.methods:
        found[name] = _others(folder, people, reference)
    return {name: each for name, each in found.items() if each.meshes} | _bounds(
        context, people, reference
    )


def _mesh(run: Run, shape: np.ndarray) -> Mesh:
    return Mesh.of(run.model.vertices(shape).numpy(), run.model.triangles)


def _others(folder, people: Sequence[ScannedPerson], reference: Reference) -> Candidates:
    """FOLDER/<subject>/<condition>.obj or .ply, wherever they stand and in whatever unit."""
    found = Candidates()
    for row, person in enumerate(tqdm(people, f"meshes in {folder.name}", leave=False)):
        for condition in person.frames:
            path = find_mesh(folder / person.name, condition)
            if path is None:
                continue
            mesh, marked = read_mesh(path), read_landmarks(path)
            points = shared_landmarks(marked, reference.landmarks)
            found.add(row, condition, mesh, register(mesh, reference.mesh, points))
    return found


def _bounds(context: Context, people, reference: Reference) -> dict[str, Candidates]:
    shapes, _ = coefficient_counts(context.run.config, context.run.model)
    random = prior_sample((len(people), shapes), context.seed).astype(np.float32)
    found = {MEAN_FACE: Candidates(), RANDOM_FACE: Candidates(), TRUE_FACE_IN_MODEL: Candidates()}
    for row, person in enumerate(people):
        found[MEAN_FACE].add(row, ANY, reference.mesh)
        found[RANDOM_FACE].add(row, ANY, _mesh(context.run, random[row]))
        if person.true is not None:
            found[TRUE_FACE_IN_MODEL].add(row, ANY, person.true)
    return {name: each for name, each in found.items() if each.meshes}


class Measured(NamedTuple):
    """One method's meshes with where each fits its scan, by scaling."""

    candidates: Candidates
    fitted: Mapping[str, list[Registered]]

    def of_person(self, row: int, scaling: str = GLOBAL) -> tuple[Mesh, Registered]:
        """The first mesh of a person; raises `ValueError` where there is none."""
        index = self.candidates.people.index(row)
        return self.candidates.meshes[index], self.fitted[scaling][index]


def measure_all(candidates: Mapping[str, Candidates], scans: Sequence[Scan]) -> dict[str, Measured]:
    """Fits and measures every method's meshes; scans are of the people in their order."""
    found = {}
    bar = tqdm(candidates.items(), "meshes to scans", unit="method")
    for name, each in bar:
        whose = [scans[row] for row in each.people]
        found[name] = Measured(each, measure(each.meshes, whose, each.starts))
    return found


def each_mesh(measured: Mapping[str, Measured], names: Sequence[str]) -> pd.DataFrame:
    """A row a mesh and scaling, see `EACH_COLUMNS`; `names` are the people's."""
    rows = [
        (scaling, method, names[row], condition, number, *fitted.errors, fitted.transform.scale)
        for scaling in SCALING_WORDS
        for method, of_method in measured.items()
        for number, (row, condition, fitted) in enumerate(
            zip(
                of_method.candidates.people,
                of_method.candidates.conditions,
                of_method.fitted[scaling],
                strict=True,
            )
        )
    ]
    return pd.DataFrame(rows, columns=list(EACH_COLUMNS))


def summary(each: pd.DataFrame) -> pd.DataFrame:
    """A row a scaling, method and condition, see `COLUMNS`.

    A person's meshes are averaged first; `deviation_mm` is the standard deviation of the people's
    means, and `scale` the geometric mean.
    """
    rows = []
    for (scaling, method, condition), part in each.groupby(
        ["scaling", "method", "condition"], sort=False
    ):
        people = part.groupby("person")[list(_FIGURES)].mean()
        mean, rmse, *ways = people.mean()
        scale = float(np.exp(np.log(part["scale"]).mean()))
        spread = float(people["mean"].std(ddof=1))
        rows.append(
            (scaling, method, condition, mean, spread, rmse, *ways, scale, len(people), len(part))
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
