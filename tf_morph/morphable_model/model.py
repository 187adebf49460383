"""The morphable model: shape and colour of a face from coefficients."""

import dataclasses
import os
import types
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.morphable_model import basel_hdf5
from tf_morph.morphable_model.linear_basis import LinearBasis, all_finite


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class MorphableModel:
    """An immutable linear model of neutral faces.

    Frame: right-handed, millimetres, +X to the image's right when the face looks at the camera
    (the subject's left), +Y up, +Z out of the face.

    Attributes:
      shape: vertex positions, mm.
      color: vertex albedo, sRGB-coded, mostly in [0, 1].
      triangles: int32 [T, 3], counter-clockwise seen from outside, indices in [0, V).
      expression: offsets from `shape`, mm; its mean is part of every face, its components rest.
      landmarks: id as in the Basel files ("center.nose.tip") -> float64 [3], mm, on the mean face;
        "right" is the subject's right, -X.
      reference: float32 [V, 3], the reference mesh a Basel file carries beside the mean, mm.
      attributes: where the model comes from, in words: source, licence, ...
      name: what to call it in tables.

    Raises `InputError` where parts disagree.
    """

    shape: LinearBasis
    color: LinearBasis
    triangles: np.ndarray
    expression: LinearBasis | None = None
    landmarks: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    reference: np.ndarray | None = None
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    name: str = "morphable model"

    def __post_init__(self):
        _check(self)
        reference = self.shape.mean if self.reference is None else self.reference
        frozen = {
            "triangles": _read_only(self.triangles, np.int32),
            "reference": _read_only(reference, np.float32),
            "landmarks": types.MappingProxyType(
                {key: _read_only(point, np.float64) for key, point in self.landmarks.items()}
            ),
            "attributes": types.MappingProxyType(dict(self.attributes)),
        }
        for field, value in frozen.items():
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        return (
            f"<MorphableModel {self.name}: {self.num_vertices} vertices, {len(self.triangles)} "
            f"triangles, {self.shape_components} shape components, "
            f"{self.texture_components} colour components>"
        )

    @property
    def num_vertices(self) -> int:
        return self.shape.mean.shape[0]

    @property
    def shape_components(self) -> int:
        return self.shape.num_components

    @property
    def texture_components(self) -> int:
        return self.color.num_components

    def vertices(self, shape_coefficients) -> tf.Tensor:
        """Vertex positions [..., V, 3], mm, of shape coefficients [..., k], k <= K, in standard
        deviations, at the neutral expression. Raises `InputError` for k > K."""
        positions = self.shape.evaluate(shape_coefficients)
        return positions if self.expression is None else positions + self.expression.mean

    def albedo(self, texture_coefficients) -> tf.Tensor:
        """Vertex colours [..., V, 3], sRGB-coded, not clipped to [0, 1], of texture coefficients
        [..., k], k <= K, in standard deviations. Raises `InputError` for k > K."""
        return self.color.evaluate(texture_coefficients)

    def of_vertices(self, kept: np.ndarray, triangles: np.ndarray) -> "MorphableModel":
        """The same faces by fewer vertices.

        Args:
          kept: [N] integers, the vertices' indices in this model.
          triangles: [T, 3] integers, indices into `kept`.
        """
        expression = self.expression
        return dataclasses.replace(
            self,
            shape=self.shape.of_vertices(kept),
            color=self.color.of_vertices(kept),
            expression=None if expression is None else expression.of_vertices(kept),
            triangles=triangles,
            reference=self.reference[kept],
        )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "MorphableModel":
        """Reads a file in the Basel layout (see basel_hdf5.py). Raises `InputError` for no such
        file, no HDF5, no face model, or parts that disagree."""
        fields = basel_hdf5.read(path)
        try:
            return cls(**fields)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    def save(self, path: str | os.PathLike, version: str = "0.9", cells: str = "int32") -> None:
        """Writes the Basel layout, atomically.

        Args:
          path: the file; its folder is made.
          version: "0.9", or "0.8" whose basis carries the standard deviations.
          cells: "int32" or "uint32", the type of the triangle list.

        Raises:
          InputError: another version or type.
        """
        basel_hdf5.write(path, self, version=version, cells=cells)


def _read_only(array, dtype) -> np.ndarray:
    view = np.ascontiguousarray(array, dtype).view()
    view.flags.writeable = False
    return view


def _check(model: MorphableModel) -> None:
    count = model.shape.mean.shape[0]
    for part in ("color", "expression"):
        linear = getattr(model, part)
        if linear is not None and linear.mean.shape[0] != count:
            raise InputError(
                f"the {part} basis is of {linear.mean.shape[0]} vertices, the shape of {count}"
            )
    triangles = np.asarray(model.triangles)
    if triangles.ndim != 2 or triangles.shape[1] != 3 or triangles.dtype.kind not in "iu":
        raise InputError(f"triangles of shape {triangles.shape}, expected integers (triangles, 3)")
    if triangles.size and not 0 <= triangles.min() <= triangles.max() < count:
        raise InputError(
            f"triangles index vertices {triangles.min()} to {triangles.max()}, "
            f"but the basis has {count} vertices: the two are not of one model"
        )
    if model.reference is not None and np.shape(model.reference) != (count, 3):
        raise InputError(f"{np.shape(model.reference)} reference points for {count} vertices")
    for name, point in model.landmarks.items():
        if np.shape(point) != (3,) or not all_finite(np.asarray(point)):
            raise InputError(f"landmark {name} is {point!r}, expected three finite numbers")
