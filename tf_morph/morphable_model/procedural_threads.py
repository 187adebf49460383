"""Linear algebra on one thread, so that its rounding is the same however many there are."""

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_LIBRARIES = ("../numpy.libs/libscipy_openblas64_*", ".dylibs/libscipy_openblas64_*")


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """NumPy's own OpenBLAS uses one thread inside; with another BLAS nothing changes.

    Sums split over threads round otherwise, and an eigenvector can differ by more than rounding.
    It holds for the whole process, so other threads' products are slower meanwhile.
    """
    openblas = _numpys_openblas()
    if openblas is None:
        yield
        return
    before = openblas.scipy_openblas_get_num_threads64_()
    openblas.scipy_openblas_set_num_threads64_(1)
    try:
        yield
    finally:
        openblas.scipy_openblas_set_num_threads64_(before)


def _numpys_openblas() -> ctypes.CDLL | None:
    package = Path(np.__file__).parent
    for pattern in _LIBRARIES:
        parent, name = (package / pattern).parent, Path(pattern).name
        for path in sorted(parent.glob(name)):
            library = ctypes.CDLL(str(path))  # already loaded: this is NumPy's own handle
            if hasattr(library, "scipy_openblas_set_num_threads64_"):
                return library
    return None
