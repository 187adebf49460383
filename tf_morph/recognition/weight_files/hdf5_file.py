"""HDF5 files, opened so that nothing but the file itself is read and every fault is one line."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files import catalogue
from tf_morph.recognition.weight_files.stored import Stored

_UNREADABLE = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, MemoryError)


@contextlib.contextmanager
def opened(path: Path, within: BinaryIO | None = None) -> Iterator[h5py.File]:
    """The file open for reading.

    Args:
      path: the file, for opening and for error lines.
      within: an HDF5 file inside `path`, already taken out of it.

    Raises:
      InputError: the file is truncated or damaged, on opening or by what is done while it is open.
    """
    try:
        with h5py.File(within or path, "r") as file:
            yield file
    except InputError:
        raise
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(
            f"{path}: a truncated or damaged HDF5 file; {catalogue.fetch_again(path)} ({reason})"
        ) from error


def stored(path: Path, dataset: h5py.Dataset, within: BinaryIO | None = None) -> Stored:
    """A dataset of an open file, to be read later.

    Raises:
      InputError: it is no array, lies in another file, or none of its numbers was ever written.
    """
    if not isinstance(dataset, h5py.Dataset):
        raise InputError(f"{path}: {dataset.name} is a group where an array should be")
    name = dataset.name
    if dataset.external or dataset.is_virtual:
        raise InputError(f"{path}: {name} lies in another file; give one that holds all its arrays")
    if dataset.size and not dataset.id.get_storage_size():
        raise InputError(f"{path}: {name} was never written; {catalogue.fetch_again(path)}")

    def read() -> np.ndarray:
        with opened(path, within) as file:
            return file[name][()]

    return Stored(dataset.shape or (), read)


def member(path: Path, group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """A group's member, which must lie in the same file.

    Raises:
      InputError: there is none of that name, or it is a link into another file.
    """
    parts = name.strip("/").split("/")
    for part in parts:
        link = group.get(part, getlink=True)
        if link is None:
            raise InputError(f"{path}: {group.name} has no {name!r}; {catalogue.fetch_again(path)}")
        if isinstance(link, h5py.ExternalLink):
            raise InputError(f"{path}: {name!r} is a link into another file, which is not followed")
        group = group[part]
    return group
