"""Arrays kept on disk between runs: whole, or as good as not there."""

import zipfile
from pathlib import Path

import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError


def read_arrays(path: Path, names: tuple[str, ...]) -> list[np.ndarray] | None:
    """The arrays of these names in a .npz file; None where it is missing, damaged or lacks one."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return [file[name] for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


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
