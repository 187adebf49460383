"""How this package's compiled CPU kernels are made, kept and called from TensorFlow."""

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numba
import numpy as np
import tensorflow as tf

_CACHE = Path("~/.cache/tf_morph/kernels")


def _keep_by_content() -> None:
    """Has numba keep compiled code by what all the kernels are written in.

    By itself it looks at the one file a kernel stands in, and would go on with old code where a
    file that kernel calls has changed.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    numba.config.CACHE_DIR = str(_CACHE.expanduser() / digest.hexdigest()[:16])


_keep_by_content()
compiled = numba.njit(parallel=True, nogil=True, cache=True, error_model="numpy")

# numba's portable threading layer ends the process when two threads enter it at once, and
# TensorFlow runs independent operations at once.
_one_at_a_time = threading.Lock()


def zeros(shape: Sequence[int]) -> np.ndarray:
    """float32 zeros for a kernel to add to. Made within a parallel kernel they are ten times as
    slow: numba writes them one by one."""
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
