"""Which kernels draw: compiled ones on the CPU, or TensorFlow operations on any device."""

from types import ModuleType

import tensorflow as tf

from tf_morph.errors import InputError

AUTO, CPU, TENSORFLOW = "auto", "cpu", "tensorflow"
KERNELS = (AUTO, CPU, TENSORFLOW)


def kernels_named(name: str) -> ModuleType:
    """The package of kernels of a name; "auto": TensorFlow's where it has a GPU, else the CPU's.

    Both have the same functions: visible_triangles, barycentrics, interpolate, vertex_normals,
    shade. Those of the CPU hold first derivatives only, and cannot be saved with a graph.

    Raises:
      InputError: there are no kernels of that name.
    """
    if name not in KERNELS:
        raise InputError(f"rendering kernels {name!r}; use one of {', '.join(KERNELS)}")
    # Imported late: numba takes a second, and each set is of no use to who draws by the other.
    if name == CPU or (name == AUTO and not tf.config.list_logical_devices("GPU")):
        from tf_morph.rendering import cpu_kernels

        return cpu_kernels
    from tf_morph.rendering import tensorflow_kernels

    return tensorflow_kernels
