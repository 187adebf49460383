"""Files of an evaluation, written only once all of them are known."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tf_morph.errors import InputError


def write_outputs(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Writes `files` (name to content) into `folder`, which is made if need be.

    All are first written in full beside it and then moved in, in their order, so that neither a
    failure nor a full disk leaves half a file or destroys an older evaluation. Other files in the
    folder stay.

    Raises:
      InputError: the folder cannot be written.
    """
    with _writing(folder), _staged(folder, files) as staging:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            os.replace(staging / name, folder / name)


def write_folder(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Makes `folder` one that holds `files` (name to content) and nothing else.

    It is written in full beside it and takes its place; after a failure the folder is as it was.

    Raises:
      InputError: the folder cannot be written.
    """
    with _writing(folder), _staged(folder, files) as staging:
        older = staging.with_name(f"{staging.name}-older")
        if folder.exists():
            os.replace(folder, older)
        try:
            shutil.copymode(folder.parent, staging)  # a temporary folder's is the owner's alone
            os.replace(staging, folder)
        except OSError:
            if older.exists():
                os.replace(older, folder)
            raise
        shutil.rmtree(older, ignore_errors=True)


@contextlib.contextmanager
def _staged(folder: Path, files: Mapping[str, bytes | str]) -> Iterator[Path]:
    """A folder beside `folder` with the files in it, gone at the end if it is still there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".evaluation-"))
    try:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (staging / name).write_bytes(data)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); free it") from error
