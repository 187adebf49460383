"""A head read from a photograph."""

import dataclasses
from pathlib import Path

import numpy as np

from tf_morph.reconstruction.fitting import FittedView
from tf_morph.reconstruction.found_faces import FoundFace
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.mesh_files import write_mesh
from tf_morph.reconstruction.portraits import FRONT, Portraits

PORTRAIT_SIZE = 512  # pixels


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Face:
    """A head.

    Attributes:
      shape: float32 [K], the face model's shape coefficients, in standard deviations.
      texture: float32 [L], its colour coefficients, likewise.
      mesh: the head as files have it: neutral and in the model's colours, or as it was finished;
        with a texture its vertices are not the model's alone.
      surface: the same on the model's own vertices and triangles, as drawings have it.
      portraits: draws it.
      found: where it is in its photograph; None for a head pooled from several.
      fitted: pose, camera and light of its photograph; None where they were not asked for.
      hair: around it; None: the head as the face model has it, or a style of none.
    """

    shape: np.ndarray
    texture: np.ndarray
    mesh: Mesh
    surface: Mesh
    portraits: Portraits
    found: FoundFace | None = None
    fitted: FittedView | None = None
    hair: Mesh | None = None

    @property
    def alignment(self) -> np.ndarray | None:
        """float64 [2, 3], (x, y, 1) of the photograph to (x, y) of the crop, pixels; None for a
        head pooled from several photographs."""
        return None if self.found is None else self.found.alignment

    def render(self, pose=FRONT, size: int = PORTRAIT_SIZE) -> np.ndarray:
        """The head drawn, evenly lit, before white.

        Args:
          pose: (yaw, pitch, roll), radians: positive yaw turns the face to the picture's right,
            positive pitch up, positive roll counter-clockwise.
          size: of the picture, pixels.

        Returns:
          uint8 sRGB [size, size, 3].
        """
        return self.render_poses([pose], size)[0]

    def render_poses(self, poses, size: int = PORTRAIT_SIZE) -> np.ndarray:
        """The same for N poses: uint8 sRGB [N, size, size, 3]."""
        surface = self.surface
        return self.portraits.draw(surface.vertices, surface.colors, poses, size, self.hair)

    def save(self, path: str | Path) -> None:
        """Writes mesh and hair, by the path's suffix: .glb (metres), .obj or .ply (millimetres).

        Raises:
          InputError: another suffix.
          OSError: it cannot be written.
        """
        write_mesh(path, self.mesh, self.hair)

    def __repr__(self) -> str:
        return (
            f"<Face: {len(self.shape)} shape and {len(self.texture)} texture coefficients, "
            f"{len(self.mesh.vertices)} vertices>"
        )
