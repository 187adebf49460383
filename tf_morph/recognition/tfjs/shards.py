"""The weights beside a TensorFlow.js model's JSON: the files' bytes as arrays.

Every size is checked before anything is read. Quantised weights are
`stored * scale + min` (uint8, uint16), or half precision (float16).

Source: github.com/tensorflow/tfjs, tfjs-core/src/io/io_utils.ts, decodeWeights.
"""

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.recognition.tfjs.model_file import ModelFile, WeightGroup

MOST_BYTES = 2**30  # of all weights as they are used: a GraphDef holds at most twice that
_MOST_DIMENSIONS = 8
_STORED = {
    name: np.dtype(dtype)
    for name, dtype in {
        "float32": "<f4",
        "float16": "<f2",
        "int32": "<i4",
        "uint16": "<u2",
        "uint8": "u1",
        "bool": "u1",
    }.items()
}
_USED = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}
_QUANTIZED = ("float16", "uint16", "uint8")


class StoredWeight(NamedTuple):
    """One entry of a manifest, checked.

    Attributes:
      name: of the constant it is the value of.
      shape: its shape.
      dtype: what it is used as, "float32", "int32" or "bool".
      stored: what its bytes are.
      scale: what the stored numbers are multiplied by; None where they are used as they are.
      least: what is added then.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    stored: np.dtype
    scale: float | None = None
    least: float = 0.0

    @property
    def stored_bytes(self) -> int:
        """Their number in the files."""
        return math.prod(self.shape) * self.stored.itemsize

    @property
    def used_bytes(self) -> int:
        """Their number in memory."""
        return math.prod(self.shape) * np.dtype(_USED[self.dtype]).itemsize

    def decode(self, data: memoryview) -> np.ndarray:
        """Its bytes as the array it is used as."""
        numbers = np.frombuffer(data, self.stored).reshape(self.shape)
        if self.scale is not None:
            numbers = numbers * self.scale + self.least
            if self.dtype == "int32":
                numbers = np.floor(numbers + 0.5)  # as JavaScript rounds
        return numbers.astype(_USED[self.dtype])


def stored_weights(model: ModelFile) -> tuple[tuple[StoredWeight, ...], ...]:
    """The manifest's entries, group by group; no file is looked at.

    Raises:
      InputError: an entry that makes no sense, two of one name, or too much of it all.
    """
    groups = tuple(
        tuple(_stored_weight(model.path, entry) for entry in group.weights)
        for group in model.groups
    )
    weights = [weight for group in groups for weight in group]
    names = [weight.name for weight in weights]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{model.path}: weight {twice!r} is there twice; fetch it again")
    total = sum(weight.used_bytes for weight in weights)
    if total > MOST_BYTES:
        raise InputError(
            f"{model.path}: {total:,} bytes of weights; at most {MOST_BYTES:,} are read"
        )
    return groups


def _stored_weight(path: Path, entry: dict[str, Any]) -> StoredWeight:
    name, shape, dtype = (entry.get(key) for key in ("name", "shape", "dtype"))
    where = f"{path}: weight {str(name)[:100]!r}"
    if not isinstance(name, str) or not name:
        raise InputError(f"{path}: a weight without a name in its weightsManifest; fetch it again")
    if not _is_shape(shape):
        raise InputError(f"{where}: its shape {str(shape)[:60]} is none; fetch it again")
    if not isinstance(dtype, str) or dtype not in _USED:
        raise InputError(f"{where}: dtype {dtype!r}; read are {', '.join(_USED)}")
    quantization = entry.get("quantization")
    if quantization is None:
        return StoredWeight(name, tuple(shape), dtype, _STORED[dtype])
    if not isinstance(quantization, dict) or quantization.get("dtype") not in _QUANTIZED:
        raise InputError(
            f"{where}: quantization {str(quantization)[:60]}; read are {', '.join(_QUANTIZED)}"
        )
    stored = _STORED[quantization["dtype"]]
    if stored.kind == "f":
        return StoredWeight(name, tuple(shape), dtype, stored)
    scale, least = quantization.get("scale"), quantization.get("min")
    if not (_finite(scale) and _finite(least)) or dtype == "bool":
        raise InputError(f"{where}: quantization without a finite scale and min; fetch it again")
    return StoredWeight(name, tuple(shape), dtype, stored, float(scale), float(least))


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, list) or len(shape) > _MOST_DIMENSIONS:
        return False
    if not all(type(size) is int and size >= 0 for size in shape):
        return False
    return math.prod(max(size, 1) for size in shape) <= MOST_BYTES


def _finite(value: Any) -> bool:
    # A JSON integer may be too long for a float.
    return type(value) in (int, float) and abs(value) < 1e38


def shard_files(model: ModelFile) -> list[Path]:
    """The files of all weights, in order.

    Raises:
      InputError: one is missing, or lies elsewhere than in the JSON's folder or below it.
    """
    return [_shard(model.path, path) for group in model.groups for path in group.paths]


def _shard(json_path: Path, name: str) -> Path:
    folder = json_path.resolve().parent
    relative = PurePosixPath(name)
    stays = name and "\0" not in name and not relative.is_absolute() and ".." not in relative.parts
    if not stays or not (folder / name).resolve().is_relative_to(folder):
        raise InputError(
            f"{json_path}: names weights at {name[:100]!r}; only files in its own folder are read"
        )
    if not (folder / name).is_file():
        raise InputError(
            f"{json_path.parent / name}: no such file; {json_path.name} keeps its weights there: "
            "put it beside"
        )
    return folder / name


def read_weights(model: ModelFile) -> dict[str, np.ndarray]:
    """All weights by name: float32, int32 or bool.

    Raises:
      InputError: see `stored_weights` and `shard_files`; files that are shorter or longer than
        their weights.
    """
    arrays = {}
    for group, weights in zip(model.groups, stored_weights(model), strict=True):
        data = _group_bytes(model.path, group, sum(weight.stored_bytes for weight in weights))
        arrays.update(_decoded(weights, data))
    return arrays


def _group_bytes(json_path: Path, group: WeightGroup, wanted: int) -> memoryview:
    files = [_shard(json_path, path) for path in group.paths]
    there = sum(file.stat().st_size for file in files)
    if there != wanted:
        names = ", ".join(group.paths[:3]) + (" …" if len(group.paths) > 3 else "")
        fault = "cut off" if there < wanted else "of another model"
        raise InputError(
            f"{json_path.parent / names}: {there:,} bytes, but the weights {json_path.name} lists "
            f"have {wanted:,}; {fault}: fetch it again"
        )
    return memoryview(b"".join(file.read_bytes() for file in files))


def _decoded(
    weights: tuple[StoredWeight, ...], data: memoryview
) -> Iterator[tuple[str, np.ndarray]]:
    start = 0
    for weight in weights:
        yield weight.name, weight.decode(data[start : start + weight.stored_bytes])
        start += weight.stored_bytes
