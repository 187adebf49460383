"""The meshes that are held against scans: ours, those of other methods, and what bounds them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from tf_morph.evaluation.coefficients import prior_sample
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.mesh_files import find_mesh, read_landmarks, read_mesh
from tf_morph.evaluation.geometry.onto_reference import bring_onto
from tf_morph.evaluation.geometry.placement import IDENTITY, Placement
from tf_morph.evaluation.geometry.protocol import Reference, shared_landmarks
from tf_morph.evaluation.geometry.scanned_people import ScannedPerson, spread
from tf_morph.evaluation.geometry.seen_part import seen_part
from tf_morph.evaluation.methods import MEAN_FACE, RANDOM_FACE, TRUE_FACE_IN_MODEL
from tf_morph.evaluation.reading import read_faces
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
            faces = read_faces(context.run, images)
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
