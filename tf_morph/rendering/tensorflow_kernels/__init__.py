"""The renderer's kernels in TensorFlow operations, for any device.

Every operation on arrays has a kernel for GPUs: indices are worked out in int64 or float64, because
TensorFlow keeps int32 arithmetic on the host. No GPU was at hand: they were only run on a CPU.
"""

from tf_morph.rendering.tensorflow_kernels.barycentrics import barycentrics
from tf_morph.rendering.tensorflow_kernels.interpolation import interpolate
from tf_morph.rendering.tensorflow_kernels.normals import vertex_normals
from tf_morph.rendering.tensorflow_kernels.shading import shade
from tf_morph.rendering.tensorflow_kernels.visibility import visible_triangles

__all__ = ["barycentrics", "interpolate", "shade", "vertex_normals", "visible_triangles"]
