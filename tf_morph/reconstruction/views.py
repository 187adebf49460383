"""Views fitted to a run's photographs, and drawings laid over them."""

import functools
from collections.abc import Sequence

import ml_collections
import numpy as np
from PIL import Image

from tf_morph.morphable_model import MorphableModel
from tf_morph.reconstruction.fitting import FittedView, ViewFitter
from tf_morph.reconstruction.fitting.overlay import Overlay
from tf_morph.reconstruction.found_faces import FoundFace
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.texturing import PhotographTexture
from tf_morph.regression.components import make_drawer

_MOST = 16  # faces fitted at once


class Views:
    """Fits and shows how heads stand in their photographs, framed as a run's are."""

    def __init__(self, config: ml_collections.ConfigDict, model: MorphableModel):
        framing, size = make_drawer(config, model).renderer.framing, config.photographs.size
        self._frame = (model, framing, size)
        self._kernels = config.rendering.kernels
        self._fitter = ViewFitter(model, framing, size, config.rendering.kernels)
        self._overlay = Overlay(model, framing, size, config.rendering.kernels)

    def fit(
        self, vertices: np.ndarray, colors: np.ndarray, found: Sequence[FoundFace]
    ) -> list[FittedView]:
        """The views of faces.

        Args:
          vertices: [N, V, 3] mm, without expression.
          colors: [N, V, 3] sRGB-coded albedo in [0, 1].
          found: N, in their photographs.
        """
        crops = np.stack([face.crop for face in found])
        points = np.stack([face.five_points_in_crop for face in found])
        views = []
        for start in range(0, len(found), _MOST):
            some = slice(start, start + _MOST)
            views += self._fitter.fit(vertices[some], colors[some], crops[some], points[some])
        return views

    def photographed_mesh(
        self, face: FoundFace, view: FittedView, photograph: Image.Image, mesh: Mesh, expression
    ) -> Mesh:
        """A face's neutral mesh with the photograph's pixels, see `PhotographTexture`."""
        return self._textures.photographed_mesh(mesh, view, photograph, face.alignment, expression)

    @functools.cached_property
    def _textures(self) -> PhotographTexture:
        return PhotographTexture(*self._frame, kernels=self._kernels)

    def overlay(
        self, photograph: Image.Image, mesh: Mesh, view: FittedView, alignment: np.ndarray
    ) -> Image.Image:
        """A photograph with a head drawn over it; see `Overlay`."""
        return self._overlay(photograph, mesh.vertices, mesh.colors, view, alignment)
