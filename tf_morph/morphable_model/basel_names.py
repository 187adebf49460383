"""Lists of names as arrays of UTF-8 strings in an HDF5 file."""

import h5py
import numpy as np

from tf_morph.errors import InputError

LONGEST_NAME = 200  # bytes of UTF-8


def read(file: h5py.File, place: str, count: int | None = None) -> tuple[str, ...]:
    """The names of a dataset; none where the file has no such dataset.

    Args:
      place: the dataset, such as "expression/names".
      count: how many there must be; None: any number.

    Raises:
      InputError: it is no list of strings, or of too many, too long or undecodable ones.
    """
    if place not in file:
        return ()
    dataset = file[place]
    is_list = isinstance(dataset, h5py.Dataset) and dataset.ndim == 1
    kind = h5py.check_string_dtype(dataset.dtype) if is_list else None
    if kind is None:
        raise InputError(f"{place} is no list of names")
    if count is not None and len(dataset) != count:
        raise InputError(f"{place} has {len(dataset)} names, expected {count}")
    # Before anything is read: a damaged length would ask for any amount of memory.
    if kind.length is not None and kind.length > LONGEST_NAME:
        raise InputError(f"{place} has names of {kind.length} bytes; {LONGEST_NAME} is the most")
    try:
        return tuple(dataset.asstr("utf-8")[()])
    except UnicodeDecodeError as error:
        raise InputError(f"{place} holds a name that is no UTF-8 ({error})") from error


def write(group: h5py.Group, place: str, names: tuple[str, ...]) -> None:
    """Writes names, of at most `LONGEST_NAME` bytes each and without zeros, at `place`."""
    coded = [name.encode() for name in names]
    kind = h5py.string_dtype("utf-8", max(map(len, coded)))
    group.create_dataset(place, data=np.array(coded, kind), dtype=kind)
