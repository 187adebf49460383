"""Files that are whole or absent."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a temporary path beside `path`, which takes its place if the block ends without error.

    The folder is made where it is missing. After an error nothing is left behind, and an older
    file at `path` is as it was. Several processes, on several machines, may write the same file at
    once: one of theirs stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
