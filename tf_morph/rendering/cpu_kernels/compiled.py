"""How this package's compiled CPU kernels are made, kept and called from TensorFlow."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numba
import numpy as np
import tensorflow as tf
from absl import logging

_ALIGNMENT = 64  # bytes
_CACHE = Path("~/.cache/tf_morph/kernels")


def _folder_by_content() -> str | None:
    """Where compiled code is kept, by what all the kernels are written in; None: nowhere.

    By itself numba looks at the one file a kernel stands in, and would go on with old code where a
    file that kernel calls has changed.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
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


_FOLDER = _folder_by_content()


def kept(**options) -> Callable[[Callable], Callable]:
    """numba's decorator with these options; what it compiles is kept where it can be."""

    def decorate(function):
        if _FOLDER is None:
            return numba.njit(**options)(function)
        # numba asks where to while it decorates. What others compile goes where it went.
        others, numba.config.CACHE_DIR = numba.config.CACHE_DIR, _FOLDER
        try:
            return numba.njit(cache=True, **options)(function)
        finally:
            numba.config.CACHE_DIR = others

    return decorate


compiled = kept(parallel=True, nogil=True, error_model="numpy")
helper = kept(nogil=True, error_model="numpy")
# Of what takes arrays: they are costly to hand over, a dozen words each.
inlined = kept(nogil=True, error_model="numpy", forceinline=True)

# numba's portable threading layer ends the process when two threads enter it at once, and
# TensorFlow runs independent operations at once.
_one_at_a_time = threading.Lock()


def zeros(shape: Sequence[int]) -> np.ndarray:
    """float32 zeros for a kernel to add to. Made within a parallel kernel they are ten times as
    slow: numba writes them one by one."""
    return np.zeros(shape, np.float32)


def _aligned(array: np.ndarray) -> np.ndarray:
    """The array at an address as TensorFlow's own tensors have.

    TensorFlow takes over NumPy's memory, which begins anywhere, and sums in an order that depends
    on where: the same kernel's result would give other last bits from call to call.
    """
    if array.ctypes.data % _ALIGNMENT == 0:
        return array
    memory = np.empty(array.nbytes + _ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % _ALIGNMENT
    aligned = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    aligned[...] = array
    return aligned


def run_kernel(
    kernel: Callable[..., np.ndarray], inputs: Sequence[tf.Tensor], output_type: tf.DType
) -> tf.Tensor:
    """`kernel` of the inputs' values, eagerly or inside a `tf.function`; no gradient, no shape."""

    @tf.autograph.experimental.do_not_convert
    def locked(*arrays):
        with _one_at_a_time:
            outputs = kernel(*arrays)
        if isinstance(outputs, tuple):
            return tuple(map(_aligned, outputs))
        return _aligned(outputs)

    return tf.numpy_function(locked, inputs, output_type, stateful=False)
