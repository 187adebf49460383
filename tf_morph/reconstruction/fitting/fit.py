"""Pose, camera, light and expression of faces in their photographs, by drawing them."""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.reconstruction.fitting.comparison import Comparison, Lighting, Photographed
from tf_morph.reconstruction.fitting.descent import descend
from tf_morph.reconstruction.fitting.face_points import FacePoints
from tf_morph.reconstruction.fitting.face_region import face_region
from tf_morph.reconstruction.fitting.light import light_directions
from tf_morph.reconstruction.fitting.lighting import FIRST_SPREAD, light_photographs
from tf_morph.reconstruction.fitting.placement import interocular, place_by_points
from tf_morph.reconstruction.fitting.unknowns import search_axes, start_vector, unknowns
from tf_morph.reconstruction.fitting.view import FittedView
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.color import clipped_to_linear
from tf_morph.rendering.renderer import Renderer

_MOST_VERTICES = 4000  # compared; photographs of a hundred pixels show no more
_SAMPLED = 200  # of them that say how the picture changes with each number
_STEPS = 20  # between two solutions of the light
_RATES = (1.0, 0.5)  # of each run of steps
_UNIT_STRENGTH = 0.4  # of named units, searched for in standard deviations as others are
# Corrections of other units, what no photograph of a hundred pixels shows, and gaze.
_NOT_SEARCHED = re.compile("mouthclose|mouthroll|mouthshrug|mouthpress|tongue|eyelook", re.I)


class ViewFitter:
    """Fits views of one model's faces in crops of one size; the first call compiles."""

    def __init__(self, model: MorphableModel, framing: Framing, size: int, kernels: str = "auto"):
        """
        Args:
          model: the faces'.
          framing: what crops are framed by, roughly: the regressor's own.
          size: side of the crops, pixels.
          kernels: what draws, see `rendering.kernels`.

        Raises:
          InputError: the model lacks one of the landmarks that make the five points.
        """
        mean = model.vertices(np.zeros(1, np.float32)).numpy()
        rest = five_points(model.landmarks)
        points = FacePoints.near(mean, rest)
        region = face_region(
            mean, model.triangles, model.color.mean, rest, _MOST_VERTICES, points.vertices
        )
        self._kept = region.vertices
        self._unit = _searched_strengths(model.expression_names)
        searched = model.expression and _scaled(model.expression, self._unit)
        expression = searched and searched.of_vertices(region.vertices)
        renderer = Renderer(region.triangles, size, size, framing, kernels=kernels)
        self._compare = Comparison(
            renderer, points.of_vertices(region.vertices), expression, bool(model.expression_names)
        )
        self._whole = points
        self._sampled = region.vertices[:: max(1, len(region.vertices) // _SAMPLED)]
        self._expression_mm = _displacements(searched, self._sampled)
        self._expressions = self._expression_mm.shape[-1]
        # Autograph would take seconds, at the first photograph, to read all code that draws.
        self._descend = tf.function(self._descend_eagerly, reduce_retracing=True, autograph=False)

    def fit(
        self, vertices: np.ndarray, colors: np.ndarray, crops: np.ndarray, points_px: np.ndarray
    ) -> list[FittedView]:
        """The views of faces in their crops; the faces stay as they are but for expression.

        Args:
          vertices: [B, V, 3] mm, model frame, without expression.
          colors: [B, V, 3] sRGB-coded albedo, in [0, 1] where it is to be seen.
          crops: uint8 [B, S, S, 3] sRGB.
          points_px: [B, 5, 2] (x, y), as detected, in pixels of the crops.

        Raises:
          InputError: crops of another size, or a point that is not finite.
        """
        self._check(crops, points_px)
        points_mm = self._whole.on(tf.constant(vertices, tf.float32)).numpy()
        photographed = self._photographed(vertices, colors, crops, points_px, points_mm)
        vectors = self._placed(points_mm, points_px)
        axes = self._axes(vertices, photographed, vectors)
        vectors, axes = (tf.constant(values, tf.float32) for values in (vectors, axes))
        lighting = self._light(photographed, vectors, np.full(len(crops), FIRST_SPREAD))
        for rate in _RATES:
            vectors = self._descend(photographed, lighting, vectors, axes, tf.constant(rate))
            lighting = self._light(photographed, vectors, lighting.spread.numpy())
        return self._views(photographed, lighting, vectors)

    def _check(self, crops, points_px):
        size = self._compare.renderer.height
        if crops.shape[1:] != (size, size, 3) or crops.dtype != np.uint8:
            raise InputError(
                f"crops of shape {crops.shape}, {crops.dtype}: expected uint8 [B, {size}, {size}, "
                "3]"
            )
        if points_px.shape != (len(crops), 5, 2) or not np.isfinite(points_px).all():
            raise InputError(
                f"five points of shape {points_px.shape} for {len(crops)} crops: expected finite "
                f"numbers [{len(crops)}, 5, 2]"
            )

    def _photographed(self, vertices, colors, crops, points_px, points_mm) -> Photographed:
        sizes = [interocular(*pair) for pair in zip(points_mm, points_px, strict=True)]
        return Photographed(
            tf.constant(vertices[:, self._kept], tf.float32),
            clipped_to_linear(tf.constant(colors[:, self._kept], tf.float32)),
            tf.constant(crops / 255.0, tf.float32),
            tf.constant(points_px, tf.float32),
            tf.constant(sizes, tf.float32),
        )

    def _descend_eagerly(self, photographed, lighting, vectors, axes, rate):
        def moved(along):
            return vectors + tf.linalg.matvec(axes, along)

        def loss(along):
            return self._compare.loss(photographed, lighting, unknowns(moved(along)))

        return moved(descend(loss, tf.zeros_like(vectors), _STEPS, rate))

    def _axes(self, vertices, photographed, vectors) -> np.ndarray:
        framing, size = self._compare.renderer.framing, self._compare.renderer.height
        shares = photographed.interocular_px.numpy() / size
        points = vertices[:, self._sampled]
        return np.stack(
            [
                search_axes(framing, *row[:2], self._expression_mm, row[2])
                for row in zip(vectors, points, shares, strict=True)
            ]
        )

    def _placed(self, points_mm, points_px) -> np.ndarray:
        framing, size = self._compare.renderer.framing, self._compare.renderer.height
        placements = [
            place_by_points(framing, *pair, size) for pair in zip(points_mm, points_px, strict=True)
        ]
        return np.stack([start_vector(placed, self._expressions) for placed in placements])

    def _light(self, photographed, vectors, spread) -> Lighting:
        return light_photographs(self._compare, photographed, unknowns(vectors), spread)

    def _views(self, photographed, lighting, vectors) -> list[FittedView]:
        view = unknowns(vectors)
        apart = self._compare.places(photographed.vertices, view) - photographed.points_px
        eyes = photographed.points_px[:, 1] - photographed.points_px[:, 0]
        errors = tf.reduce_mean(tf.norm(apart, axis=-1), 1) / tf.norm(eyes, axis=-1)
        columns = (*view, lighting.colors, lighting.ambient, 100.0 * errors)
        rows = zip(*(column.numpy().astype(np.float64) for column in columns), strict=True)
        return [self._view(*row) for row in rows]

    def _view(self, angles, translation, distance, expression, colors, ambient, error):
        return FittedView(
            angles,
            translation,
            float(distance),
            light_directions(),
            colors,
            ambient,
            self._strengths(expression) if self._expressions else None,
            float(error),
        )

    def _strengths(self, searched: np.ndarray) -> np.ndarray:
        """The model's coefficients [M]; of units, which do not run backwards, within 0 and 1."""
        strengths = self._unit * searched
        return np.clip(strengths, 0.0, 1.0) if self._compare.one_way else strengths


def _searched_strengths(names: Sequence[str]) -> np.ndarray:
    """What a standard deviation of the search is in the model's coefficients: [M], or a scalar
    where they have no names."""
    if not names:
        return np.float32(1.0)
    return np.array([0.0 if _NOT_SEARCHED.search(name) else _UNIT_STRENGTH for name in names])


def _scaled(expression: LinearBasis, unit: np.ndarray) -> LinearBasis:
    deviations = (expression.standard_deviations * unit).astype(np.float32)
    return dataclasses.replace(expression, standard_deviations=deviations)


def _displacements(expression: LinearBasis | None, vertices: np.ndarray) -> np.ndarray:
    """[N, 3, M] mm that each of M expressions moves N vertices by, a standard deviation strong."""
    if expression is None:
        return np.zeros((len(vertices), 3, 0))
    scaled = expression.of_vertices(vertices).basis * expression.standard_deviations
    return scaled.reshape(len(vertices), 3, -1).astype(np.float64)
