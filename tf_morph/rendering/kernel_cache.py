"""Where compiled CPU kernels are kept between processes, told without importing numba."""

import functools
import hashlib
import os
import tempfile
from pathlib import Path

from absl import logging

_SOURCES = Path(__file__).resolve().parent
_CACHE = Path("~/.cache/tf_morph/kernels")
# Of the kernels the ones that take longest to compile, and that whatever fits a view needs.
_SLOWEST = ("shading._forward", "shading._backward")


@functools.cache
def kernel_folder() -> str | None:
    """Where compiled code is kept, by what all the kernels are written in; None: nowhere.

    By itself numba looks at the one file a kernel stands in, and would go on with old code where a
    file that kernel calls has changed. It never takes what was compiled of a file elsewhere.
    """
    digest = hashlib.sha256(str(_SOURCES).encode())
    for path in sorted(_SOURCES.rglob("*.py")):
        digest.update(path.read_bytes())
    try:
        cache = Path(os.environ.get("NUMBA_CACHE_DIR") or _CACHE.expanduser())
        folder = cache / digest.hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody knows a home
        logging.warning("CPU kernels are compiled anew in each process: %s", error)
        return None


def kernels_are_kept() -> bool:
    """Whether the kernels have been compiled here before, so that drawing begins at once; to
    compile them takes 20 s and more."""
    folder = kernel_folder()
    if folder is None:
        return False
    # What is older than its source numba compiles anew.
    written = max(path.stat().st_mtime for path in (_SOURCES / "cpu_kernels").glob("*.py"))
    return all(
        any(found.stat().st_mtime > written for found in Path(folder).rglob(f"{name}-*.nbi"))
        for name in _SLOWEST
    )
