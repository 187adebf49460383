"""The HDF5 layout of the Basel Face Models of 2017 and 2019, read and written.

Source of the layout: the published readers of the model and the two sample files of scalismo-faces
(`random-l4.h5`, `random-momo.h5`). Beside what the Basel files have, a file of ours may have
more, which other readers pass over:

    expression/names                UTF-8 strings [M], a name for each column of the basis
    shape/representer/uvs           float32 [2, U], texture coordinates in [0, 1], v up
    shape/representer/uvCells       int32 [3, T], each triangle's corners in them
    shape/representer/parts         int32 [T], of which part of the mesh each triangle is
    shape/representer/partNames     UTF-8 strings, those parts' names

Of a file's `modelinfo` (build dates, scores) and of per-vertex
values of the reference mesh nothing is kept.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.morphable_model import basel_landmarks, basel_names, official_files
from tf_morph.morphable_model.linear_basis import LinearBasis

if TYPE_CHECKING:
    from tf_morph.morphable_model.model import MorphableModel

_VERSIONS = {"0.8": (0, 8), "0.9": (0, 9)}
_PARTS = {
    "shape": "gravis::MeshShapeRepresenter",
    "color": "gravis::MeshColorRepresenter",
    "expression": "gravis::MeshExpressionRepresenter",
}
_KINDS = {
    "shape": "POLYGON_MESH_MODEL",
    "color": "POLYGON_MESH_DATA_MODEL",
    "expression": "POLYGON_MESH_DATA_MODEL",
}
_EXPRESSION_NAMES = "expression/names"
_CELLS = ("shape/representer/cells", "representer/cells")
_UV_CELLS = "shape/representer/uvCells"
_PARTS_PLACE = "shape/representer/parts"
_PART_NAMES = "shape/representer/partNames"


def read(path: str | os.PathLike) -> dict:
    """The fields of a `MorphableModel` from a file in the Basel layout.

    Reads versions 0.8 (basis times standard deviation, divided out here) and 0.9, triangles of any
    integer type under `shape/representer` or `representer`, with or without an expression model,
    landmarks as JSON or text.

    Raises:
      InputError: no such file, a truncated file or no HDF5, no face model, arrays that disagree.
    """
    path = Path(path)
    _require_file(path)
    try:
        with h5py.File(path, "r") as file:
            return _read_model(file, path.stem)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{path}: no face model in the Basel layout: a part is of another kind ({error})"
        ) from error
    except OSError as error:
        raise InputError(
            f"{path}: not a readable HDF5 file, perhaps truncated: fetch it again ({error})"
        ) from error


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(official_files.missing(path))


def _read_model(file: h5py.File, stem: str) -> dict:
    missing = [part for part in ("shape/model", "color/model") if part not in file]
    if missing:
        raise InputError(f"no face model in the Basel layout: it has no {' and no '.join(missing)}")
    version = _read_version(file)
    attributes = {
        key: _text(value) for key, value in file.attrs.items() if not isinstance(value, h5py.Empty)
    }
    expression = _read_linear(file, "expression", version) if "expression/model" in file else None
    parts = _read_parts(file)
    return {
        "shape": _read_linear(file, "shape", version),
        "color": _read_linear(file, "color", version),
        "expression": expression,
        "expression_names": _read_expression_names(file, expression),
        "triangles": _read_triangles(file),
        "reference": _read_points(file, "points"),
        "uvs": _read_points(file, "uvs"),
        "uv_triangles": _read_cells(file, _UV_CELLS) if _UV_CELLS in file else None,
        "triangle_parts": parts,
        "part_names": () if parts is None else basel_names.read(file, _PART_NAMES),
        "landmarks": basel_landmarks.read(file),
        "name": attributes.pop("name", stem),
        "attributes": attributes,
    }


def _read_version(file: h5py.File) -> tuple[int, int]:
    for folder in ("version", "shape/version"):
        if folder in file:
            version = tuple(
                int(np.ravel(_dataset(file, f"{folder}/{name}")[()])[0])
                for name in ("majorVersion", "minorVersion")
            )
            if version not in _VERSIONS.values():
                raise InputError(
                    f"version {version[0]}.{version[1]} of the layout is not known; "
                    f"known are {', '.join(_VERSIONS)}"
                )
            return version
    return _VERSIONS["0.9"]


def _read_linear(file: h5py.File, part: str, version: tuple[int, int]) -> LinearBasis:
    mean, basis, variance = (
        _floats(file, f"{part}/model/{name}") for name in ("mean", "pcaBasis", "pcaVariance")
    )
    if mean.size % 3:
        raise InputError(f"{part}/model/mean has {mean.size} numbers, not three a vertex")
    if not np.all(variance >= 0):
        raise InputError(f"{part}/model/pcaVariance holds a negative number or NaN")
    deviations = np.sqrt(variance.ravel())
    if version == _VERSIONS["0.8"] and basis.ndim == 2 and basis.shape[1] == deviations.size:
        basis /= np.where(deviations > 0, deviations, 1)
    noise = f"{part}/model/noiseVariance"
    try:
        return LinearBasis(
            mean=mean.reshape(-1, 3),
            basis=basis,
            standard_deviations=deviations,
            noise_variance=float(_floats(file, noise).ravel()[0]) if noise in file else 0.0,
        )
    except InputError as error:
        raise InputError(f"{part}/model: {error}") from error


def _read_triangles(file: h5py.File) -> np.ndarray:
    for name in _CELLS:
        if name in file:
            return _read_cells(file, name)
    raise InputError(f"no face model in the Basel layout: it has no {_CELLS[0]}")


def _read_cells(file: h5py.File, name: str) -> np.ndarray:
    cells = _dataset(file, name)[()]
    if cells.ndim != 2 or cells.shape[0] != 3 or cells.dtype.kind not in "iu":
        raise InputError(f"{name} has shape {cells.shape}, expected integers (3, triangles)")
    if cells.size and cells.max() > np.iinfo(np.int32).max:
        raise InputError(f"{name} indexes vertex {cells.max()}: the file is damaged")
    return np.ascontiguousarray(cells.T, np.int32)


def _read_points(file: h5py.File, name: str) -> np.ndarray | None:
    place = f"shape/representer/{name}"
    return _floats(file, place).T if place in file else None


def _read_expression_names(file: h5py.File, expression: LinearBasis | None) -> tuple[str, ...]:
    if expression is None:
        return ()
    return basel_names.read(file, _EXPRESSION_NAMES, expression.num_components)


def _read_parts(file: h5py.File) -> np.ndarray | None:
    if _PARTS_PLACE not in file:
        return None
    parts = _dataset(file, _PARTS_PLACE)
    if parts.dtype.kind not in "iu" or parts.dtype.itemsize > 4:
        raise InputError(f"{_PARTS_PLACE} holds {parts.dtype}, expected integers of 32 bits")
    return parts[()]


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    if not isinstance(file.get(name), h5py.Dataset):
        raise InputError(f"no face model in the Basel layout: it has no {name}")
    return file[name]


def _floats(file: h5py.File, name: str) -> np.ndarray:
    dataset = _dataset(file, name)
    if dataset.dtype.kind not in "fiu":
        raise InputError(f"{name} holds {dataset.dtype}, expected numbers")
    array = np.empty(dataset.shape, np.float32)
    if array.size:
        dataset.read_direct(array)
    return array


def _text(value) -> str:
    value = np.ravel(value)[0] if np.ndim(value) else value
    return value.decode() if isinstance(value, bytes) else str(value)


def write(
    path: str | os.PathLike, model: "MorphableModel", version: str = "0.9", cells: str = "int32"
) -> None:
    """Writes a model in the Basel layout: to a temporary file that then takes the path's place.

    Raises:
      InputError: an unknown version or cell type, or the path is a folder.
    """
    if version not in _VERSIONS:
        raise InputError(f"version {version!r} of the layout; known are {', '.join(_VERSIONS)}")
    if cells not in ("int32", "uint32"):
        raise InputError(f"cells {cells!r}; known are int32 and uint32")
    check_target(path)
    with whole_file(path) as temporary, h5py.File(temporary, "w") as file:
        _write_model(file, model, version, cells)


def check_target(path: str | os.PathLike) -> None:
    """Checks, before long work, that a file can be written at `path`.

    Raises:
      InputError: it is a folder, or lies where nothing can be written.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the name of a file to write")
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise InputError(f"{path}: cannot be written in {nearest}; name another place")


def _write_model(file: h5py.File, model: "MorphableModel", version: str, cells: str) -> None:
    file.attrs["name"] = model.name
    for key, value in model.attributes.items():
        file.attrs[key] = value
    _write_version(file, version)
    _write_catalog(file, "MorphableModel", "CUSTOM_MODEL", "/")
    basel_landmarks.write(file, model.landmarks)
    parts: Mapping[str, LinearBasis | None] = {name: getattr(model, name) for name in _PARTS}
    for part, linear in parts.items():
        if linear is not None:
            _write_catalog(file, f"MorphableModel.{part}", _KINDS[part], f"/{part}")
            _write_linear(file.create_group(part), linear, version)
            _write_representer(file[part], model, part, cells)
    _write_more(file, model)


def _write_version(group: h5py.Group, version: str) -> None:
    for name, number in zip(("majorVersion", "minorVersion"), _VERSIONS[version], strict=True):
        group[f"version/{name}"] = np.int32(number)


def _write_catalog(file: h5py.File, name: str, kind: str, path: str) -> None:
    file[f"catalog/{name}/modelType"] = np.bytes_(kind)
    file[f"catalog/{name}/modelPath"] = np.bytes_(path)


def _write_linear(group: h5py.Group, linear: LinearBasis, version: str) -> None:
    deviations = linear.standard_deviations
    group["model/mean"] = linear.mean.ravel()
    group["model/pcaBasis"] = linear.basis * deviations if version == "0.8" else linear.basis
    group["model/pcaVariance"] = np.square(deviations)
    group["model/noiseVariance"] = np.float32(linear.noise_variance)
    _write_version(group, version)


def _write_representer(group: h5py.Group, model: "MorphableModel", part: str, cells: str) -> None:
    representer = group.create_group("representer")
    representer.attrs["name"] = np.bytes_(_PARTS[part])
    representer.attrs["datasetType"] = np.bytes_("POLYGON_MESH")
    representer.attrs["version"] = np.bytes_("1.0")
    representer["points"] = np.ascontiguousarray(model.reference.T)
    representer["cells"] = np.ascontiguousarray(model.triangles.T, cells)
    if part == "color":
        representer["colorspace"] = np.bytes_("RGB")
    if part == "shape":
        representer["length-unit"] = np.float32(1e-3)


def _write_more(file: h5py.File, model: "MorphableModel") -> None:
    if model.expression_names:
        basel_names.write(file, _EXPRESSION_NAMES, model.expression_names)
    if model.uvs is not None:
        file["shape/representer/uvs"] = np.ascontiguousarray(model.uvs.T)
        file[_UV_CELLS] = np.ascontiguousarray(model.uv_triangles.T)
    if model.triangle_parts is not None:
        file[_PARTS_PLACE] = model.triangle_parts
        if model.part_names:
            basel_names.write(file, _PART_NAMES, model.part_names)
