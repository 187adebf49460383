"""From photographs to heads, by a trained run."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path

import ml_collections
import numpy as np
import tensorflow as tf
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.hairstyles import NO_HAIR
from tf_morph.morphable_model import MorphableModel
from tf_morph.photographs.crop_rules import CROP_RULES, CropRule, FivePointCrop
from tf_morph.reconstruction.face import Face
from tf_morph.reconstruction.finish import MODEL, PHOTOGRAPH, PLAIN, Finish
from tf_morph.reconstruction.fitting.view import with_expression
from tf_morph.reconstruction.found_faces import (
    FoundFace,
    Photograph,
    find_faces,
    no_face,
    open_photograph,
)
from tf_morph.reconstruction.hairdresser import Hairdresser
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.open_parts import open_parts
from tf_morph.reconstruction.portraits import Portraits
from tf_morph.reconstruction.run_parts import RunParts
from tf_morph.reconstruction.views import Views
from tf_morph.rendering.kernel_cache import kernels_are_kept
from tf_morph.rendering.kernels import AUTO, TENSORFLOW

_FEW = 4  # photographs, that TensorFlow's kernels draw in less time than the CPU's are compiled in


class Regressor:
    """Reads heads from photographs."""

    def __init__(self, parts: RunParts):
        self._parts = parts
        model = parts.model
        self.portraits = Portraits(
            model.shape.mean, model.triangles, parts.config.rendering.kernels
        )

    @staticmethod
    def load(source: str | Path | None = None, photographs: int | None = None) -> "Regressor":
        """Opens a trained run, or what was made of one.

        Args:
          source: a run's folder, or a file that `python -m tf_morph.export` made; None: the
            regressor that comes with the package, for photographs of real people.
          photographs: how many it is going to read. For a few, heads are drawn by TensorFlow's
            kernels where the CPU's have not been compiled yet; None: as the run's config says.

        Raises:
          InputError: it is neither, has no checkpoint, or a file its config names is missing or
            wrong.
        """
        parts = open_parts(source)
        if photographs is not None and photographs <= _FEW:
            parts = dataclasses.replace(parts, config=_without_compiling(parts.config))
        return Regressor(parts)

    @property
    def name(self) -> str:
        """What to call it, such as the run's folder."""
        return self._parts.name

    @property
    def fingerprint(self) -> str:
        """Hex; equal where the same photographs give the same heads, else different."""
        return self._parts.fingerprint

    @property
    def config(self) -> ml_collections.ConfigDict:
        """Of the run."""
        return self._parts.config

    @property
    def model(self) -> MorphableModel:
        """The face model of the heads."""
        return self._parts.model

    @property
    def crop_size(self) -> int:
        """Side of the pictures of faces that are read, pixels."""
        return self.config.photographs.size

    @functools.cached_property
    def crop_rule(self) -> CropRule:
        """How a face is cut out of any photograph.

        As the run's config says where that goes by the face; a fixed crop fits the run's own
        photographs alone, and any others are brought to where the run's drawings have the face.
        """
        crop = self.config.photographs.crop
        if isinstance(crop, str):
            return CROP_RULES[crop]
        return FivePointCrop(tuple(map(tuple, self.config.rendering.five_points)))

    def reconstruct(
        self,
        image: Photograph,
        *,
        fit: bool = False,
        texture: str = MODEL,
        expression: bool = False,
        hair: str = NO_HAIR,
    ) -> Face:
        """The head of a photograph's prominent face.

        Args:
          image: a file's path, a Pillow image, or an array uint8 sRGB [H, W, 3].
          fit: pose, camera and light of the photograph, too, which takes longer.
          texture: of the mesh: "model", or "photograph", its pixels; that needs `fit`.
          expression: the fitted one in the mesh, not the neutral one; that needs `fit`.
          hair: a style of `hairstyles.STYLES` around it; "none": as the face model has it.

        Raises:
          InputError: it cannot be decoded, or shows no face; `fit` is needed; the face model has
            no expressions; there is no such hair.
        """
        finish = Finish(texture, expression, hair)
        (face,) = self.reconstruct_all([image], fit=fit, finish=finish)
        if isinstance(face, InputError):
            raise face
        return face

    def reconstruct_all(
        self, images: Sequence[Photograph], *, fit: bool = False, finish: Finish = PLAIN
    ) -> list[Face | InputError]:
        """The head of each photograph's prominent face, or what is wrong with the photograph.

        All are held at once; `python -m tf_morph.reconstruct` goes through folders of any size.
        """
        self.check(finish, fit)
        opened = [_opened(image) for image in images]
        usable = [photograph for photograph in opened if not isinstance(photograph, InputError)]
        found = iter(find_faces(usable, self.crop_rule, self.crop_size))
        faces = [p if isinstance(p, InputError) else next(found) for p in opened]
        results = [
            f if isinstance(f, InputError) else (f[0] if f else no_face(image))
            for f, image in zip(faces, images, strict=True)
        ]
        heads = iter(self.heads([f for f in results if isinstance(f, FoundFace)], fit))
        return [
            self.finished(next(heads), photograph, finish) if isinstance(f, FoundFace) else f
            for f, photograph in zip(results, opened, strict=True)
        ]

    def check(self, finish: Finish, fit: bool) -> None:
        """Whether heads can be finished so.

        Raises:
          InputError: it needs `fit`, or the face model has no expressions.
        """
        finish.check(fit)
        if finish.expression and self.model.expression is None:
            raise InputError(f"{self.name}: its face model has no expressions; ask for none")

    def finished(self, face: Face, photograph: Image.Image, finish: Finish) -> Face:
        """A head, neutral and fitted to its upright photograph, as it is wished."""
        if not finish.needs_photograph:
            return self.dressed(face, finish.hair)
        surface = face.surface
        if finish.texture == PHOTOGRAPH:
            mesh = self._views.photographed_mesh(
                face.found, face.fitted, photograph, surface, finish.expression
            )
            own = slice(len(surface.vertices))
            surface = Mesh(mesh.vertices[own], mesh.colors[own], surface.triangles)
        else:
            moved = with_expression(self.model, surface.vertices, face.fitted)
            mesh = surface = dataclasses.replace(surface, vertices=moved)
        return self.dressed(dataclasses.replace(face, mesh=mesh, surface=surface), finish.hair)

    def dressed(self, face: Face, hair: str) -> Face:
        """A head with hair of one of `HAIR_CHOICES`.

        Raises:
          InputError: the face model has no landmarks to place it by.
        """
        if hair == NO_HAIR:
            return face
        surface, shell = self.hairdresser.dress(face.surface, hair)
        mesh = face.mesh if face.mesh.is_textured else surface
        return dataclasses.replace(face, mesh=mesh, surface=surface, hair=shell)

    @functools.cached_property
    def hairdresser(self) -> Hairdresser:
        """Lays hair around the model's heads."""
        return Hairdresser(self.model, self.config.rendering.hair_from_scalp)

    def heads(self, found: Sequence[FoundFace], fit: bool = False) -> list[Face]:
        """The head of each face found; `fit` as `reconstruct` has it.

        Raises:
          InputError: the decoder gives coefficients that are not finite.
        """
        if not found:
            return []
        read = self.read(np.stack([face.crop for face in found]))
        meshes = self._meshes(read["vertices"], read["colors"])
        views = self._views.fit(read["vertices"], read["colors"], found) if fit else None
        return [
            Face(
                read["shape"][row],
                read["texture"][row],
                meshes[row],
                meshes[row],
                self.portraits,
                found=face,
                fitted=views[row] if views else None,
            )
            for row, face in enumerate(found)
        ]

    def overlay(self, photograph: Image.Image, face: Face) -> Image.Image:
        """The upright photograph with the head drawn over the face it was read and fitted from."""
        vertices = self.model.vertices(face.shape[np.newaxis]).numpy()[0]
        neutral = dataclasses.replace(face.surface, vertices=vertices)
        return self._views.overlay(photograph, neutral, face.fitted, face.alignment)

    def pooled(self, faces: Sequence[Face]) -> Face:
        """One head of several of one person: that of their mean coefficients.

        Raises:
          InputError: there are none.
        """
        if not faces:
            raise InputError("no heads to pool: give at least one")
        shape = np.mean([face.shape for face in faces], axis=0)
        texture = np.mean([face.texture for face in faces], axis=0)
        vertices = self.model.vertices(shape[np.newaxis]).numpy()
        colors = np.clip(self.model.albedo(texture[np.newaxis]).numpy(), 0.0, 1.0)
        (mesh,) = self._meshes(vertices, colors)
        return Face(shape, texture, mesh, mesh, self.portraits)

    def read(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        """Heads of crops uint8 sRGB [N, S, S, 3], as `RunParts.read` gives them.

        Raises:
          InputError: the decoder gives coefficients that are not finite.
        """
        read = {name: values.numpy() for name, values in self._read(tf.constant(crops)).items()}
        if not all(np.isfinite(values).all() for values in read.values()):
            raise InputError(f"{self.name}: gives coefficients that are not finite; train it anew")
        return read

    def _meshes(self, vertices: np.ndarray, colors: np.ndarray) -> list[Mesh]:
        coded = np.round(255.0 * colors).astype(np.uint8)
        return [Mesh(*pair, self.model.triangles) for pair in zip(vertices, coded, strict=True)]

    @functools.cached_property
    def _views(self) -> Views:
        return Views(self.config, self.model)

    @functools.cached_property
    def _read(self):
        crops = tf.TensorSpec([None, self.crop_size, self.crop_size, 3], tf.uint8)
        return tf.function(self._parts.read, input_signature=[crops], autograph=False)


def _opened(image: Photograph):
    try:
        return open_photograph(image)
    except InputError as error:
        return error


def _without_compiling(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
    """The config, with TensorFlow's kernels where it has "auto" and the CPU's must be compiled."""
    if config.rendering.kernels != AUTO or kernels_are_kept():
        return config
    changed = config.copy_and_resolve_references()
    changed.rendering.kernels = TENSORFLOW
    return changed
