"""The renderer's kernels for the CPU: numba compiles them where they run, with no compiler."""

from tf_morph.rendering.cpu_kernels.barycentrics import barycentrics
from tf_morph.rendering.cpu_kernels.interpolation import interpolate
from tf_morph.rendering.cpu_kernels.normals import vertex_normals
from tf_morph.rendering.cpu_kernels.shading import shade
from tf_morph.rendering.cpu_kernels.visibility import visible_triangles

__all__ = ["barycentrics", "interpolate", "shade", "vertex_normals", "visible_triangles"]
