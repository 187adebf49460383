"""How this package's compiled CPU kernels are made and called from TensorFlow."""

import threading
from collections.abc import Callable, Sequence

import numba
import numpy as np
import tensorflow as tf

compiled = numba.njit(parallel=True, nogil=True, cache=True, error_model="numpy")

# numba's portable threading layer ends the process when two threads enter it at once, and
# TensorFlow runs independent operations at once.
_one_at_a_time = threading.Lock()


@numba.njit(nogil=True, cache=True)
def zeros(shape):
    """float32 zeros. Written out in a parallel function they would be filled one by one."""
    return np.zeros(shape, np.float32)


def run_kernel(
    kernel: Callable[..., np.ndarray], inputs: Sequence[tf.Tensor], output_type: tf.DType
) -> tf.Tensor:
    """`kernel` of the inputs' values, eagerly or inside a `tf.function`; no gradient, no shape."""

    @tf.autograph.experimental.do_not_convert
    def locked(*arrays):
        with _one_at_a_time:
            return kernel(*arrays)

    return tf.numpy_function(locked, inputs, output_type, stateful=False)
