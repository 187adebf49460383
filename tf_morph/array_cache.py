"""Arrays kept on disk between runs: whole, or as good as not there."""

import math
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError

MOST_BYTES = 16 * 2**30
# Of damaged bytes any of these comes: an array's header is a Python expression.
DAMAGES = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError, SyntaxError, OverflowError),
    *(TypeError, MemoryError, zipfile.BadZipFile, zlib.error),
)


def read_arrays(path: Path, names: tuple[str, ...]) -> list[np.ndarray] | None:
    """The arrays of these names in a .npz file; None where it is missing, damaged or lacks one."""
    try:
        arrays = read_npz(path, names)
        return [arrays[name] for name in names]
    except DAMAGES:
        return None


def read_npz(
    file: Path | BinaryIO, names: Iterable[str] | None = None, most: int = MOST_BYTES
) -> dict[str, np.ndarray]:
    """Arrays of a .npz file that may be anybody's.

    What an array's header says must be what the archive holds of it, before it is made: a file of a
    few bytes can claim any size. Nothing is unpickled, and the archive's checksums are checked.

    Args:
      file: its path, or itself.
      names: of the arrays; None: all.
      most: bytes of an array.

    Raises:
      One of `DAMAGES`: a file that is missing or damaged, or lacks an array.
    """
    with zipfile.ZipFile(file) as archive:
        wanted = [name.removesuffix(_NPY) for name in archive.namelist() if name.endswith(_NPY)]
        return {name: _array(archive, name, most) for name in (names or wanted)}


_NPY = ".npy"


def _array(archive: zipfile.ZipFile, name: str, most: int) -> np.ndarray:
    size = archive.getinfo(name + _NPY).file_size
    if size > most:
        raise ValueError(f"{name} is too large")
    with archive.open(name + _NPY) as member:
        version = np.lib.format.read_magic(member)
        read_header = _HEADERS.get(version)
        if read_header is None:
            raise ValueError(f"{name} is of a version of the format that is not known")
        shape, in_fortran_order, dtype = read_header(member)
        if dtype.hasobject:
            raise ValueError(f"{name} holds Python objects")
        if math.prod(shape) * dtype.itemsize != size - member.tell():
            raise ValueError(f"{name} is of another size than its shape {shape}")
        values = np.frombuffer(bytearray(member.read()), dtype)
        return values.reshape(shape, order="F" if in_fortran_order else "C")


_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def write_arrays(path: Path, /, **arrays: np.ndarray) -> None:
    """Writes a .npz file of arrays by name, whole or not at all; its folder is made."""
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)


def keep_arrays(path: Path, what: str, **arrays: np.ndarray) -> None:
    """Writes a .npz file as `write_arrays` does.

    Args:
      path: of the file; its folder is made.
      what: the arrays are, in words, for the error.
      arrays: by name.

    Raises:
      InputError: its folder cannot be written.
    """
    try:
        write_arrays(path, **arrays)
    except OSError as error:
        raise InputError(
            f"{path.parent}: {what} cannot be kept there ({error.strerror}); "
            "name a folder that can be written"
        ) from error
