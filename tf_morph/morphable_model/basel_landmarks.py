"""Landmarks as Basel files keep them: JSON or lines of text under `metadata/landmarks`."""

import json
from collections.abc import Mapping

import h5py
import numpy as np

from tf_morph.errors import InputError

_JSON = "metadata/landmarks/json"
_TEXT = "metadata/landmarks/text"


def read(file: h5py.File) -> dict[str, np.ndarray]:
    """Landmark id -> float64 [3], mm; empty where the file has none.

    JSON is a list of `{"id", "coordinates"}`; text is a line `id visible x y z` each, of which
    those with visible = 0 are left out.

    Raises:
      InputError: landmarks of neither form.
    """
    try:
        if _JSON in file:
            entries = json.loads(_string(file[_JSON]))
            return {entry["id"]: _point(entry["coordinates"]) for entry in entries}
        if _TEXT in file:
            rows = [line.split() for line in _string(file[_TEXT]).splitlines() if line.strip()]
            return {row[0]: _point(row[2:5]) for row in rows if int(row[1])}
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"metadata/landmarks cannot be read: {error!r}") from error
    return {}


def write(file: h5py.File, landmarks: Mapping[str, np.ndarray]) -> None:
    """Writes both forms, so that any reader finds one; numbers keep all their digits."""
    points = {name: [float(value) for value in point] for name, point in landmarks.items()}
    entries = [{"id": name, "coordinates": point} for name, point in points.items()]
    lines = [f"{name} 1 {x!r} {y!r} {z!r}\n" for name, (x, y, z) in points.items()]
    file[_JSON] = np.bytes_(json.dumps(entries).encode())
    # An HDF5 string of length zero cannot be written.
    file[_TEXT] = np.bytes_("".join(lines).encode() or b"\n")


def _string(dataset: h5py.Dataset) -> str:
    value = np.ravel(dataset[()])[0]
    return value.decode() if isinstance(value, bytes) else str(value)


def _point(values) -> np.ndarray:
    point = np.array([float(value) for value in values])
    if point.shape != (3,):
        raise ValueError(f"{len(point)} coordinates, expected 3")
    return point
