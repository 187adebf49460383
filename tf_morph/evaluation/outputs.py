"""Files of an evaluation, written only once all of them are known."""

import os
import tempfile
from collections.abc import Mapping
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".evaluation-") as staging:
            for name, content in files.items():
                data = content.encode() if isinstance(content, str) else content
                (Path(staging) / name).write_bytes(data)
            for name in files:
                os.replace(Path(staging) / name, folder / name)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); free it") from error
