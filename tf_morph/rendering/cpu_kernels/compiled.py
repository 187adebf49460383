"""How this package's compiled CPU kernels are made, kept and called from TensorFlow."""

import threading
from collections.abc import Callable, Sequence

import numba
import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernel_cache import kernel_folder

_ALIGNMENT = 64  # bytes


_FOLDER = kernel_folder()


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
