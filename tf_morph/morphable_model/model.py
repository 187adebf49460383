"""The morphable model: shape and colour of a face from coefficients."""

import collections
import dataclasses
import os
import types
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError
from tf_morph.morphable_model import basel_hdf5
from tf_morph.morphable_model.basel_names import LONGEST_NAME
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
      expression_names: one for each component of `expression`, or none at all where they are
        nameless principal components. A named component is a unit such as "jawOpen", its
        coefficient the unit's strength: 1 is the full unit, 0 is rest (see `LinearBasis`).
      landmarks: id as in the Basel files ("center.nose.tip") -> float64 [3], mm, on the mean face;
        "right" is the subject's right, -X.
      reference: float32 [V, 3], the reference mesh a Basel file carries beside the mean, mm.
      uvs: float32 [U, 2], places in a texture, in [0, 1], v up; None: the mesh lies in none. At a
        seam of the texture's layout a vertex has several.
      uv_triangles: int32 [T, 3], which of `uvs` each corner of a triangle has; None as `uvs`.
      triangle_parts: int32 [T], the index into `part_names` of the part each triangle is of; None:
        the mesh is not divided.
      part_names: of the mesh's parts, such as "skin", "eyes", "teeth".
      attributes: where the model comes from, in words: source, licence, ...
      name: what to call it in tables.

    Raises `InputError` where parts disagree.
    """

    shape: LinearBasis
    color: LinearBasis
    triangles: np.ndarray
    expression: LinearBasis | None = None
    landmarks: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    expression_names: tuple[str, ...] = ()
    reference: np.ndarray | None = None
    uvs: np.ndarray | None = None
    uv_triangles: np.ndarray | None = None
    triangle_parts: np.ndarray | None = None
    part_names: tuple[str, ...] = ()
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    name: str = "morphable model"

    def __post_init__(self):
        _check(self)
        reference = self.shape.mean if self.reference is None else self.reference
        frozen = {
            "triangles": _read_only(self.triangles, np.int32),
            "reference": _read_only(reference, np.float32),
            "expression_names": tuple(self.expression_names),
            "part_names": tuple(self.part_names),
            "landmarks": types.MappingProxyType(
                {key: _read_only(point, np.float64) for key, point in self.landmarks.items()}
            ),
            "attributes": types.MappingProxyType(dict(self.attributes)),
        }
        if self.uvs is not None:
            frozen["uvs"] = _read_only(self.uvs, np.float32)
            frozen["uv_triangles"] = _read_only(self.uv_triangles, np.int32)
        if self.triangle_parts is not None:
            frozen["triangle_parts"] = _read_only(self.triangle_parts, np.int32)
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

    @property
    def expression_components(self) -> int:
        return 0 if self.expression is None else self.expression.num_components

    def vertices(self, shape_coefficients, expression_coefficients=None) -> tf.Tensor:
        """Vertex positions.

        Args:
          shape_coefficients: [..., k], k <= K, in standard deviations.
          expression_coefficients: [..., m], m <= M, in standard deviations, of named units in full
            units; its leading dimensions broadcast against those of the shape. None: the neutral
            expression.

        Returns:
          float32 [..., V, 3], mm.

        Raises:
          InputError: k > K or m > M, or the model has no expressions.
        """
        positions = self.shape.evaluate(shape_coefficients)
        if self.expression is not None:
            positions += self.expression.mean
        if expression_coefficients is None:
            return positions
        if self.expression is None:
            raise InputError(f"{self.name}: this face model has no expressions; ask for none")
        return positions + self.expression.displacements(expression_coefficients)

    def expression_of(self, strengths: Mapping[str, float]) -> np.ndarray:
        """The coefficients, float32 [M], of units by their names; the others rest.

        Args:
          strengths: name -> how strong, 1 being the full unit.

        Raises:
          InputError: the model has no unit of one of the names.
        """
        unknown = [name for name in strengths if name not in self.expression_names]
        if unknown:
            known = ", ".join(self.expression_names) or "no named ones"
            raise InputError(f"no expression {', '.join(unknown)}: {self.name} has {known}")
        wanted = [strengths.get(name, 0.0) for name in self.expression_names]
        return np.array(wanted, np.float32)

    def albedo(self, texture_coefficients) -> tf.Tensor:
        """Vertex colours [..., V, 3], sRGB-coded, not clipped to [0, 1], of texture coefficients
        [..., k], k <= K, in standard deviations. Raises `InputError` for k > K."""
        return self.color.evaluate(texture_coefficients)

    def of_vertices(
        self, kept: np.ndarray, triangles: np.ndarray, triangle_parts: np.ndarray | None = None
    ) -> "MorphableModel":
        """The same faces by fewer vertices, without texture coordinates.

        Args:
          kept: [N] integers, the vertices' indices in this model.
          triangles: [T, 3] integers, indices into `kept`.
          triangle_parts: [T] integers, the parts of the new triangles; None: the new mesh is not
            divided, as of which part a new triangle is cannot be told from its corners.
        """
        expression = self.expression
        return dataclasses.replace(
            self,
            shape=self.shape.of_vertices(kept),
            color=self.color.of_vertices(kept),
            expression=None if expression is None else expression.of_vertices(kept),
            triangles=triangles,
            reference=self.reference[kept],
            uvs=None,
            uv_triangles=None,
            triangle_parts=triangle_parts,
            part_names=() if triangle_parts is None else self.part_names,
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
    _check_expression_names(model)
    _check_uvs(model)
    _check_parts(model)
    for name, point in model.landmarks.items():
        if np.shape(point) != (3,) or not all_finite(np.asarray(point)):
            raise InputError(f"landmark {name} is {point!r}, expected three finite numbers")


def _check_expression_names(model: MorphableModel) -> None:
    names, count = model.expression_names, model.expression_components
    if names and len(names) != count:
        raise InputError(
            f"{len(names)} expression names for {count} expression components: one for each"
        )
    _check_names("expression", names)


def _check_uvs(model: MorphableModel) -> None:
    if (model.uvs is None) != (model.uv_triangles is None):
        raise InputError("texture coordinates and the triangles' corners in them go together")
    if model.uvs is None:
        return
    uvs, corners = np.asarray(model.uvs), np.asarray(model.uv_triangles)
    if uvs.ndim != 2 or uvs.shape[1] != 2:
        raise InputError(f"texture coordinates of shape {uvs.shape}, expected (places, 2)")
    if not (all_finite(uvs) and np.all(uvs >= 0) and np.all(uvs <= 1)):
        raise InputError("a texture coordinate is not within 0 and 1")
    if corners.shape != np.shape(model.triangles) or corners.dtype.kind not in "iu":
        raise InputError(
            f"corners in the texture of shape {corners.shape} and type {corners.dtype}, expected "
            f"integers {np.shape(model.triangles)}, as the triangles"
        )
    if corners.size and not 0 <= corners.min() <= corners.max() < len(uvs):
        raise InputError(
            f"corners have texture coordinates {corners.min()} to {corners.max()}, "
            f"but there are {len(uvs)}"
        )


def _check_parts(model: MorphableModel) -> None:
    _check_names("part", model.part_names)
    if model.triangle_parts is None:
        if model.part_names:
            raise InputError("names of parts, but of no triangle which part it is of")
        return
    parts = np.asarray(model.triangle_parts)
    if parts.shape != (len(model.triangles),) or parts.dtype.kind not in "iu":
        raise InputError(
            f"parts of triangles of shape {parts.shape} and type {parts.dtype}, expected integers "
            f"({len(model.triangles)},), one for each triangle"
        )
    if parts.size and not 0 <= parts.min() <= parts.max() < len(model.part_names):
        raise InputError(
            f"triangles are of parts {parts.min()} to {parts.max()}, "
            f"but {len(model.part_names)} parts have names"
        )


def _check_names(what: str, names: tuple[str, ...]) -> None:
    for number, name in enumerate(names):
        if not isinstance(name, str) or not name.strip() or "\0" in name:
            raise InputError(f"the {what} name at index {number} is {name!r}, expected a word")
        if len(name.encode()) > LONGEST_NAME:
            raise InputError(
                f"the {what} name at index {number} has {len(name.encode())} bytes; "
                f"{LONGEST_NAME} is the most"
            )
    name, times = collections.Counter(names).most_common(1)[0] if names else ("", 1)
    if times > 1:
        raise InputError(f"the {what} name {name!r} is given {times} times, expected once")
