"""The part of the ICT-FaceKit mesh a morphable face needs, in millimetres."""

import dataclasses

import numpy as np

from tf_morph.errors import InputError
from tf_morph.morphable_model.ict_files import NEUTRAL_FILE, IctFiles
from tf_morph.morphable_model.mesh_holes import boundary_loops, close_loop

# Derived, not documented: the mean face's eyeball centres are 6.39 units apart, and people's
# pupils 62-65 mm (Dodgson 2004, adults: mean 63.4 mm, from memory). So a unit is a centimetre.
MILLIMETRES_PER_UNIT = 10.0

FACE_MATERIAL = "M_Face"
EYE_MATERIALS = {
    "right": ("M_ScleraRight", "M_IrisRight"),
    "left": ("M_ScleraLeft", "M_IrisLeft"),
}


@dataclasses.dataclass(frozen=True)
class IctMesh:
    """The kept mesh: face proper and both eyes; V vertices, T triangles.

    Attributes:
      kept: int [V], the kept vertices' ids in the ICT-FaceKit mesh.
      vertices: float32 [V, 3], the mean face, mm.
      triangles: int32 [T, 3], quads split, the mouth closed.
      eyes: bool [2, V], the vertices of the right and of the left eyeball.
      contours: float64 [68, 3], the facial landmarks of the mean face, mm.
    """

    kept: np.ndarray
    vertices: np.ndarray
    triangles: np.ndarray
    eyes: np.ndarray
    contours: np.ndarray

    def offsets(self, files: IctFiles, name: str) -> np.ndarray:
        """One identity's or expression's offsets from the mean face: float32 [V, 3], mm.

        Raises:
          InputError: the file has another number of vertices.
        """
        vertices = files.vertices(name)
        if len(vertices) <= self.kept.max():
            raise InputError(
                f"{files.path}: {name} has {len(vertices)} vertices, fewer than {NEUTRAL_FILE}"
            )
        return vertices[self.kept] * np.float32(MILLIMETRES_PER_UNIT) - self.vertices


def read_mesh(files: IctFiles) -> IctMesh:
    """The kept mesh of an ICT-FaceKit folder.

    Raises:
      InputError: the neutral mesh lacks one of the materials, or its parts disagree.
    """
    polygons = files.polygons()
    wanted = [FACE_MATERIAL, *(name for names in EYE_MATERIALS.values() for name in names)]
    missing = [name for name in wanted if name not in polygons]
    if missing:
        raise InputError(f"{files.path}: {NEUTRAL_FILE} has no material {', '.join(missing)}")
    whole = files.vertices(NEUTRAL_FILE)
    triangles = split_polygons([p for name in wanted for p in polygons[name]])
    landmarks = files.landmark_vertices()
    if max(triangles.max(), landmarks.max()) >= len(whole):
        raise InputError(f"{files.path}: {NEUTRAL_FILE} has fewer vertices than its faces index")
    triangles = np.concatenate([triangles, _mouth_curtain(triangles, whole, landmarks)])
    kept = np.unique(triangles)
    vertices = whole * np.float32(MILLIMETRES_PER_UNIT)
    eyes = [
        np.isin(kept, np.concatenate([p for name in names for p in polygons[name]]))
        for names in EYE_MATERIALS.values()
    ]
    return IctMesh(
        kept=kept,
        vertices=vertices[kept],
        triangles=np.searchsorted(kept, triangles).astype(np.int32),
        eyes=np.stack(eyes),
        contours=vertices[landmarks].astype(np.float64),
    )


def _mouth_curtain(
    triangles: np.ndarray, vertices: np.ndarray, landmarks: np.ndarray
) -> np.ndarray:
    """Triangles across the rim behind the lips: without the mouth's inside, which is not kept, the
    background would show between them."""
    mouth = vertices[landmarks[[62, 66]]].mean(axis=0)
    loops = boundary_loops(triangles)
    if not loops:
        return np.empty((0, 3), np.int32)
    nearest = min(loops, key=lambda loop: np.linalg.norm(vertices[loop].mean(axis=0) - mouth))
    return close_loop(nearest, vertices)


def split_polygons(polygons: list[list[int]]) -> np.ndarray:
    """Convex polygons as triangles fanned from their first corner: int32 [T, 3]."""
    triangles = [
        (corners[0], second, third)
        for corners in polygons
        for second, third in zip(corners[1:-1], corners[2:], strict=True)
    ]
    return np.array(triangles, np.int32).reshape(-1, 3)
