"""Meshes held against scans: ours, other methods', bounds; their distances as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from tf_morph.evaluation.coefficients import prior_sample
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.image_sets import predict_faces
from tf_morph.evaluation.mesh import Mesh, find_mesh, read_landmarks, read_mesh
from tf_morph.evaluation.methods import MEAN_FACE, RANDOM_FACE, TRUE_FACE_IN_MODEL
from tf_morph.evaluation.scan_metrics import Fitted, Reference, Scan, measure, shared_landmarks
from tf_morph.evaluation.scan_registration import (
    GLOBAL,
    IDENTITY,
    PER_MESH,
    Placement,
    bring_onto,
    seen_part,
)
from tf_morph.evaluation.scanned_people import (
    ScannedPerson,
    spread,
)
from tf_morph.regression.components import coefficient_counts
from tf_morph.regression.run import Run

SINGLE, POOLED = "ours_single", "ours_pooled"
ANY = "any"  # of faces that no photograph was read for
MOST_SINGLE = 10  # frames a video whose own meshes are measured, evenly spread


@dataclass
class Candidates:
    """One method's meshes, N.

    Attributes:
      people: of each mesh the row of whom it is to show.
      conditions: what it was read from.
      meshes: what can be seen of them; in the reference's frame once placed by `starts`.
      starts: from each mesh's frame to the reference's.
    """

    people: list[int] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    meshes: list[Mesh] = field(default_factory=list)
    starts: list[Placement] = field(default_factory=list)

    def add(self, person: int, condition: str, mesh: Mesh, start: Placement = IDENTITY) -> None:
        """One more mesh."""
        self.people.append(person)
        self.conditions.append(condition)
        self.meshes.append(seen_part(mesh, start))
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
            found.add(row, condition, mesh, bring_onto(mesh, reference.mesh, points))
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


SCALING_WORDS = {GLOBAL: "one for the method", PER_MESH: "each mesh its own"}
_FIGURES = ("mean", "rmse", "scan_to_mesh", "mesh_to_scan", "median")
EACH_COLUMNS = ("scaling", "method", "person", "condition", "mesh", *_FIGURES, "scale")
COLUMNS = (
    *("scaling", "method", "condition", "mean_mm", "deviation_mm", "rmse_mm"),
    *("scan_to_mesh_mm", "mesh_to_scan_mm", "median_mm", "scale", "subjects", "meshes"),
)


class Measured(NamedTuple):
    """One method's meshes with where each fits its scan, by scaling."""

    candidates: Candidates
    fitted: Mapping[str, list[Fitted]]

    def of_person(self, row: int, scaling: str = GLOBAL) -> tuple[Mesh, Fitted]:
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
        (scaling, method, names[row], condition, number, *fitted.errors, fitted.placement.scale)
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
