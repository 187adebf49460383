"""Ground-truth faces of the people photographed, read from a folder.

FOLDER/face_model.h5   the morphable model they were drawn from, Basel layout; it may hold more
                       than the regressor's, but the two share vertices and triangles
FOLDER/people.npz      identities [N], names as the photographs have them; shape [N, K] and
                       texture [N, L], their coefficients in that model
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.array_cache import DAMAGES, read_npz
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel

MODEL_FILE, PEOPLE_FILE = "face_model.h5", "people.npz"
_ARRAYS = ("identities", "shape", "texture")


class Coefficients(NamedTuple):
    """Faces of a morphable model: shape [N, K] and texture [N, L] in standard deviations."""

    shape: np.ndarray
    texture: np.ndarray

    def rows(self, chosen: np.ndarray | slice) -> "Coefficients":
        """Some of the faces."""
        return Coefficients(self.shape[chosen], self.texture[chosen])


@dataclasses.dataclass(frozen=True)
class GroundTruth:
    """Who has which face.

    Attributes:
      model: of all true faces.
      faces: [N] people's coefficients in it.
      rows: name to row of `faces`.
      path: the file of the people.
    """

    model: MorphableModel
    faces: Coefficients
    rows: dict[str, int]
    path: Path

    def of(self, identities: Sequence[str]) -> Coefficients:
        """The true faces of the people named, a row each.

        Raises:
          InputError: somebody's is not known.
        """
        unknown = sorted(set(identities) - self.rows.keys())
        if unknown:
            raise InputError(
                f"{self.path}: the true face of {unknown[0]} is not in it (and of "
                f"{len(unknown) - 1} more); name another folder as `truth`, or none"
            )
        return self.faces.rows(np.array([self.rows[name] for name in identities], int))


def load_ground_truth(folder: Path, regressed: MorphableModel) -> GroundTruth:
    """Reads a folder of true faces.

    Args:
      folder: see above.
      regressed: the model whose coefficients are predicted.

    Raises:
      InputError: the folder or a file is missing, one is damaged, they disagree, or the true faces
        are another mesh.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one of true faces as `truth`, or none")
    model, path = MorphableModel.load(folder / MODEL_FILE), folder / PEOPLE_FILE
    if not np.array_equal(model.triangles, regressed.triangles):
        raise InputError(
            f"{folder / MODEL_FILE}: another mesh than the run's face model has; "
            "true and regressed faces are compared vertex by vertex"
        )
    identities, shape, texture = _read_people(path)
    for name, values, count in (
        ("shape", shape, model.shape_components),
        ("texture", texture, model.texture_components),
    ):
        if values.shape != (len(identities), count) or not np.isfinite(values).all():
            raise InputError(
                f"{path}: {name} must hold {count} finite numbers for each of the "
                f"{len(identities)} people; its dimensions are {values.shape}"
            )
    rows = {str(name): row for row, name in enumerate(identities)}
    if len(rows) < len(identities):
        twice = next(name for row, name in enumerate(identities) if rows[str(name)] != row)
        raise InputError(f"{path}: {twice} twice; a person has one face")
    return GroundTruth(model, Coefficients(shape, texture), rows, path)


def _read_people(path: Path) -> list[np.ndarray]:
    try:
        identities, *coefficients = read_npz(path, _ARRAYS).values()
        return [identities.astype(str), *(values.astype(np.float32) for values in coefficients)]
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; name a folder of true faces as `truth`") from error
    except DAMAGES as error:
        raise InputError(f"{path}: not the arrays {', '.join(_ARRAYS)} ({error})") from error
