"""Linear algebra on one thread, so that its rounding is the same however many there are."""

import contextlib
from collections.abc import Iterator

from tf_morph.threads import numpys_openblas


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """NumPy's own OpenBLAS uses one thread inside; with another BLAS nothing changes.

    Sums split over threads round otherwise, and an eigenvector can differ by more than rounding.
    It holds for the whole process, so other threads' products are slower meanwhile.
    """
    openblas = numpys_openblas()
    if openblas is None:
        yield
        return
    before = openblas.scipy_openblas_get_num_threads64_()
    openblas.scipy_openblas_set_num_threads64_(1)
    try:
        yield
    finally:
        openblas.scipy_openblas_set_num_threads64_(before)
