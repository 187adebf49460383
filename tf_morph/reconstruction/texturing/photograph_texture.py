"""The photograph's own pixels on the part of a face it shows, the model's colours on the rest."""

import dataclasses

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy.ndimage import map_coordinates

from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.photographs.alignment import warp
from tf_morph.reconstruction.fitting.face_region import off_centre
from tf_morph.reconstruction.fitting.view import FittedView, with_expression
from tf_morph.reconstruction.fitting.wider_crop import wider_alignment, wider_framing
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.texturing.atlas import model_atlas
from tf_morph.reconstruction.texturing.texels import texels
from tf_morph.reconstruction.texturing.visible_surface import VisibleSurface, visible_surface
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.color import linear_to_srgb, srgb_to_linear

TEXTURE_SIDE = 1024  # texels
_PATCH = 512  # pixels, of the photograph around the face
# Ours: cosines to the camera, and shares of the way from the face's middle to its rim, between
# which the photograph gives way to the model.
_GRAZING, _FACING = 0.2, 0.6
_CORE, _RIM = 0.65, 1.0
_LEAST_LIGHT = 0.4  # of the mean; shadows are lifted no further, for they are never fitted well
_LARGEST_CHANGE = 2.5  # of the model's linear colour, so that a highlight is no white skin


class PhotographTexture:
    """Makes textured meshes of one model's faces."""

    def __init__(
        self,
        model: MorphableModel,
        framing: Framing,
        size: int,
        side: int = TEXTURE_SIDE,
        kernels: str = "auto",
    ):
        """
        Args:
          model, framing, size, kernels: the `ViewFitter`'s.
          side: of the texture, texels.

        Raises:
          InputError: the model lacks one of the landmarks that make the five points.
        """
        mean = model.vertices(np.zeros(1, np.float32)).numpy()
        self._model, self._size, self._kernels = model, size, kernels
        self._framing = wider_framing(framing)
        self._atlas = model_atlas(model)
        self._texels = texels(self._atlas, side, kernels)
        rim = off_centre(self._texels.of(mean), five_points(model.landmarks))
        self._central = _smooth_step(_RIM, _CORE, rim)

    def mesh(self, face: Mesh, albedo: np.ndarray | None = None) -> Mesh:
        """A face's mesh with a texture, whose colours at the vertices are the mesh's.

        Its first V vertices are the face's own; where it is cut open, copies follow.

        Args:
          face: of the model.
          albedo: linear RGB [N, 3] of the texels; None: the model's own colours.
        """
        if albedo is None:
            albedo = self._own_albedo(face)
        coded = linear_to_srgb(tf.constant(np.clip(albedo, 0, 1), tf.float32)).numpy()
        texture = self._texels.image(np.round(255 * coded).astype(np.uint8))
        uv, of = self._atlas.uv, self._atlas.vertices
        places = len(texture) * (np.float32([0, 1]) + uv * np.float32([1, -1]))
        colors = np.round(_sampled(texture.astype(np.float32), places)).astype(np.uint8)
        return Mesh(face.vertices[of], colors, self._atlas.triangles, uv, texture)

    def photographed_mesh(
        self,
        face: Mesh,
        view: FittedView,
        photograph: Image.Image,
        alignment: np.ndarray,
        expression: bool = False,
    ) -> Mesh:
        """The same with the photograph's pixels where it shows the face, its light taken off.

        Args:
          face: of the model, neutral; the texture is made with the view's expression.
          view: fitted to the photograph's crop.
          photograph: 8-bit RGB.
          alignment: [2, 3], (x, y, 1) of the photograph to (x, y) of the crop, pixels.
          expression: the mesh has the view's, too.
        """
        own = self._own_albedo(face)
        vertices = with_expression(self._model, face.vertices, view)
        seen = visible_surface(
            self._framing, vertices, self._model.triangles, self._texels, view, _PATCH,
            self._kernels,
        )  # fmt: skip
        inside = wider_alignment(alignment, self._size, _PATCH)
        patch = np.asarray(warp(photograph, inside, _PATCH))
        linear = srgb_to_linear(tf.constant(patch / 255.0, tf.float32)).numpy()
        pixels = _sampled(linear, seen.places)
        light = _irradiance(seen, view)
        unlit = pixels / np.maximum(light, 1e-3)
        unlit = np.minimum(unlit, _LARGEST_CHANGE * own)
        share = self._central * seen.visible * _smooth_step(_GRAZING, _FACING, seen.cosines)
        share = share * _within(photograph, inside, seen.places)
        shown = dataclasses.replace(face, vertices=vertices) if expression else face
        return self.mesh(shown, own + share[:, np.newaxis] * (unlit - own))

    def _own_albedo(self, face: Mesh) -> np.ndarray:
        coded = tf.constant(face.colors / 255.0, tf.float32)
        return self._texels.of(srgb_to_linear(coded).numpy())


def _sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Bilinear samples [N, C] of an image [H, W, C] at places [N, 2] (x, y), pixels."""
    rows, columns = places[:, 1] - 0.5, places[:, 0] - 0.5
    return np.stack(
        [
            map_coordinates(c, [rows, columns], order=1, mode="nearest")
            for c in image.T.swapaxes(1, 2)
        ],
        axis=1,
    )


def _irradiance(seen: VisibleSurface, view: FittedView) -> np.ndarray:
    """[N, 3] linear RGB: what a white, matt surface would show, at least some."""
    facing = np.maximum(seen.normals @ view.light_directions.T, 0.0)
    light = facing @ view.light_colors + view.ambient
    return np.maximum(light, _LEAST_LIGHT * view.exposure)


def _within(photograph: Image.Image, inside: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whether places [N, 2] in the patch lie in the photograph and in the patch."""
    back = np.linalg.solve(inside[:, :2], (places - inside[:, 2]).T).T
    in_photograph = ((back > 0) & (back < photograph.size)).all(1)
    return in_photograph & ((places > 0) & (places < _PATCH)).all(1)


def _smooth_step(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """From 0 at `low` to 1 at `high`, without corners."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return share * share * (3 - 2 * share)
