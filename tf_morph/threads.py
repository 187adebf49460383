"""How many threads the numerical libraries use."""

import ctypes
import os
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from tf_morph.errors import InputError

_BLAS = ("../numpy.libs/libscipy_openblas64_*", ".dylibs/libscipy_openblas64_*")
_NUMBA_VARIABLE = "NUMBA_NUM_THREADS"


def use_threads(count: int) -> None:
    """Has TensorFlow, numba and NumPy's BLAS use so many threads; 0: as many as they find cores.

    Sums split over threads round otherwise, from run to run; on one thread they do not. It has to
    be said before TensorFlow and numba start, and holds for the whole process.

    Raises:
      InputError: they have started with another number.
    """
    if not count:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)
    except RuntimeError as error:
        raise _too_late(count) from error
    _use_numba_threads(count)
    openblas = numpys_openblas()
    if openblas is not None:
        openblas.scipy_openblas_set_num_threads64_(count)


def numpys_openblas() -> ctypes.CDLL | None:
    """The OpenBLAS that NumPy brought and has loaded; None where it uses another BLAS."""
    package = Path(np.__file__).parent
    for pattern in _BLAS:
        parent, name = (package / pattern).parent, Path(pattern).name
        for path in sorted(parent.glob(name)):
            library = ctypes.CDLL(str(path))  # already loaded: this is NumPy's own handle
            if hasattr(library, "scipy_openblas_set_num_threads64_"):
                return library
    return None


def _use_numba_threads(count: int) -> None:
    os.environ[_NUMBA_VARIABLE] = str(count)  # read when numba is first imported
    numba = sys.modules.get("numba")
    if numba is not None and numba.config.NUMBA_NUM_THREADS != count:
        raise _too_late(count)


def _too_late(count: int) -> InputError:
    return InputError(
        f"training.threads {count}: this process has started its threads already; "
        "train in a process of its own, as train.py does"
    )
