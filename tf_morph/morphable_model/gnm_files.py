"""GNM Head's files: the `gnm_head.npz` of version 3 and the list of its 68 landmarks.

Source: github.com/google/gnm, Apache-2.0. Of the npz are read the template, both linear bases, the
triangles and, where they are there, the groups of vertices; joints, skinning and pose correctives
are not (a head is taken as it is bound), nor texture coordinates (they are per corner and have
seams). The template's frame is taken as published: metres, +X to the subject's left, +Y up, +Z out
of the face.
"""

import dataclasses
import os
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tf_morph.errors import InputError
from tf_morph.morphable_model.linear_basis import all_finite

PAGE = "https://github.com/google/gnm"
LANDMARKS_FILE = "head_sparse_68.txt"

_NUM_LANDMARKS = 68
_MILLIMETRES = 1000.0  # per metre
# Array -> its shape, equal letters being equal numbers, and the kinds of type it may have.
_LAYOUT = {
    "template_vertex_positions": (("V", 3), "f"),
    "vertex_identity_basis": (("I", "V", 3), "f"),
    "expression_basis": (("E", "V", 3), "f"),
    "expression_names": (("E",), "US"),
    "triangles": (("T", 3), "iu"),
}
_GROUPS = {
    "vertex_groups": (("G", "V"), "fbiu"),
    "vertex_group_names": (("G",), "US"),
    "mesh_component_names": (("P",), "US"),
}
_TYPES = {"f": "decimal numbers", "iu": "integers", "US": "text", "fbiu": "numbers"}
# Of damaged bytes any of these comes: the header of an array is a Python expression.
_READING_FAILS = (
    ValueError, OverflowError, KeyError, EOFError, OSError, MemoryError, RuntimeError, SyntaxError,
    tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class GnmHead:
    """What is read of a file; V vertices, T triangles.

    Attributes:
      vertices: float32 [V, 3], the template, mm.
      identities: float32 [I, V, 3], offsets of one standard deviation, mm.
      expressions: float32 [E, V, 3], offsets of one standard deviation, mm.
      expression_names: E of them, such as "lower_face_region_000".
      triangles: integers [T, 3].
      groups: name -> bool [V], such as "left_eye", "teeth"; overlapping.
      components: names of those groups that divide the vertices among them: "skin", ...
    """

    vertices: np.ndarray
    identities: np.ndarray
    expressions: np.ndarray
    expression_names: tuple[str, ...]
    triangles: np.ndarray
    groups: Mapping[str, np.ndarray]
    components: tuple[str, ...]

    @property
    def triangle_parts(self) -> np.ndarray | None:
        """The component of each triangle, int32 [T]; None: the file does not tell."""
        if not self.components or not all(name in self.groups for name in self.components):
            return None
        members = np.stack([self.groups[name] for name in self.components])
        if not np.all(members.sum(axis=0) == 1):
            return None
        return members.argmax(axis=0)[self.triangles[:, 0]].astype(np.int32)


def read_head(path: str | os.PathLike) -> GnmHead:
    """The head of an npz file.

    Raises:
      InputError: no such file, no whole npz, arrays missing, of another shape or type, or pickled
        (nothing is unpickled), or numbers that are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; get gnm_head.npz from {PAGE}")
    try:
        archive = np.load(path, allow_pickle=False)
    except _READING_FAILS as error:
        raise InputError(f"{path}: no whole npz file; get it again from {PAGE}") from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise InputError(f"{path}: a single array, not an npz file; get it from {PAGE}")
    with archive:
        arrays = _read_arrays(archive, path)
    for name in ("template_vertex_positions", "vertex_identity_basis", "expression_basis"):
        arrays[name] = _millimetres(arrays[name], f"{path}: {name}")
    triangles, count = arrays["triangles"], len(arrays["template_vertex_positions"])
    if triangles.size and not 0 <= triangles.min() <= triangles.max() < count:
        raise InputError(
            f"{path}: triangles index vertices {triangles.min()} to {triangles.max()}, "
            f"but the template has {count}"
        )
    return GnmHead(
        vertices=arrays["template_vertex_positions"],
        identities=arrays["vertex_identity_basis"],
        expressions=arrays["expression_basis"],
        expression_names=_names(arrays["expression_names"]),
        triangles=triangles,
        groups=_groups(arrays),
        components=_names(arrays.get("mesh_component_names", ())),
    )


def _read_arrays(archive: np.lib.npyio.NpzFile, path: Path) -> dict[str, np.ndarray]:
    missing = [name for name in _LAYOUT if name not in archive.files]
    if missing:
        raise InputError(f"{path}: no GNM head: it has no {', '.join(missing)}; see {PAGE}")
    has_groups = all(name in archive.files for name in _GROUPS)
    arrays, sizes = {}, {}
    for name, (shape, kinds) in (_LAYOUT | _GROUPS if has_groups else _LAYOUT).items():
        try:
            array = archive[name]
        except _READING_FAILS as error:
            raise InputError(f"{path}: {name} cannot be read from it ({error})") from error
        kind = getattr(array, "dtype", "no array")  # bytes come where there is no array
        if getattr(kind, "kind", None) not in tuple(kinds):
            raise InputError(f"{path}: {name} holds {kind}, expected {_TYPES[kinds]}")
        _check_shape(f"{path}: {name}", array.shape, shape, sizes)
        arrays[name] = array
    return arrays


def _check_shape(what: str, found: tuple, expected: tuple, sizes: dict[str, int]) -> None:
    """Learns the sizes of letters that are new."""
    fits = len(found) == len(expected)
    for number, size in zip(found, expected, strict=False):
        fits &= number == (sizes.setdefault(size, number) if isinstance(size, str) else size)
    if not fits or not all(found):
        words = [f"{size} = {sizes[size]}" for size in expected if size in sizes]
        where = f" with {', '.join(words)}" if words else ""
        expected = ", ".join(map(str, expected))
        raise InputError(f"{what} has shape {found}, expected ({expected}){where}, none of them 0")


def _millimetres(metres: np.ndarray, what: str) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        array = metres.astype(np.float32) * np.float32(_MILLIMETRES)
    if not all_finite(array):
        raise InputError(f"{what} holds a value that is not finite")
    return array


def _names(names) -> tuple[str, ...]:
    return tuple(
        name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names
    )


def _groups(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    names = _names(arrays.get("vertex_group_names", ()))
    return {
        name: weights > 0.5
        for name, weights in zip(names, arrays.get("vertex_groups", ()), strict=True)
    }


def read_landmarks(path: str | os.PathLike, vertices: np.ndarray) -> np.ndarray:
    """The 68 iBUG landmarks of a head, float64 [68, 3], mm.

    Args:
      path: a text of 68 lines in iBUG's order (from the subject's right), each a vertex' number or,
        as the published `head_sparse_68.txt` has them, three numbers of vertices and their weights
        in turn. In the published list a part of the jaw goes backwards; it is put in order here.
      vertices: [V, 3], of the head, mm.

    Raises:
      InputError: no such file, no such list, vertices that the head does not have, or points that
        do not lie as on a face.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the head's {LANDMARKS_FILE}, from {PAGE}")
    try:
        table = np.loadtxt(path, ndmin=2)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no list of numbers ({error})") from error
    if table.shape not in ((_NUM_LANDMARKS, 1), (_NUM_LANDMARKS, 6)):
        raise InputError(
            f"{path}: {table.shape[0]} lines of {table.shape[1]} numbers, expected 68 of one (a "
            "vertex) or of six (three vertices and their weights)"
        )
    ids = table[:, ::2]
    weights = table[:, 1::2] if table.shape[1] == 6 else np.ones_like(ids)
    if not np.all((ids == np.round(ids)) & (ids >= 0) & (ids < len(vertices))):
        raise InputError(f"{path}: a vertex is not one of the head's, 0 to {len(vertices) - 1}")
    if not np.allclose(weights.sum(axis=1), 1.0, atol=0.02):
        raise InputError(f"{path}: the weights of a landmark do not add up to 1")
    places = np.asarray(vertices, np.float64)[ids.astype(int)]
    points = (weights[..., np.newaxis] * places).sum(axis=1)
    _require_face(points, path)
    return _jaw_in_order(points)


def _require_face(points: np.ndarray, path: Path) -> None:
    right, left, mouth = (points[part].mean(axis=0) for part in _RIGHT_LEFT_MOUTH)
    eyes = (right + left) / 2
    if not (right[0] < left[0] and mouth[1] < eyes[1] and points[_NOSE_TIP, 2] > eyes[2]):
        raise InputError(
            f"{path}: its points do not lie as on a face (the right eye at -X, the mouth below, "
            "the nose before the eyes); it must be the list of this head, in iBUG's order"
        )


_RIGHT_LEFT_MOUTH, _NOSE_TIP = (slice(36, 42), slice(42, 48), slice(48, 68)), 30


def _jaw_in_order(points: np.ndarray) -> np.ndarray:
    """The first 17 from the subject's right ear round the chin to the left one."""
    x, y, _ = (points[:17] - points[36:48].mean(axis=0)).T
    return np.concatenate([points[:17][np.argsort(np.arctan2(x, -y))], points[17:]])
