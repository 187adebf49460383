"""Compiled kernels: once for each, and found again."""

import numpy as np
import tensorflow as tf

from tf_morph.rendering import kernel_cache
from tf_morph.rendering.camera import Framing
from tf_morph.rendering.cpu_kernels import normals, shading
from tf_morph.rendering.rasterizer import checked_triangles
from tf_morph.rendering.renderer import Renderer


def test_numba_keeps_kernels_by_the_names_that_are_looked_for():
    kernels = shading._forward, shading._backward
    names = {kernel._cache._impl.filename_base.split("-")[0] for kernel in kernels}
    assert names == set(kernel_cache._SLOWEST)


def test_triangles_that_may_be_written_ask_for_no_kernel_of_their_own():
    points = tf.constant([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]])
    frozen = np.array([[0, 1, 2]], np.int32)
    frozen.flags.writeable = False
    normals.vertex_normals(points, frozen)
    before = len(normals._forward.signatures)
    for triangles in (frozen, frozen.copy(), frozen.astype(np.int64)):
        framing = Framing((0.0, 0.0, 10.0), 0.5, (0.0, 0.0, 0.0))
        renderer = Renderer(triangles, 8, 8, framing, kernels="cpu")
        drawn, _ = renderer.triangles_and_gloss(3)
        assert not drawn.flags.writeable
        normals.vertex_normals(points, drawn)
    assert len(normals._forward.signatures) == before


def test_checking_leaves_the_callers_array_as_it_was():
    triangles = np.array([[0, 1, 2]], np.int32)
    checked = checked_triangles(triangles, 3)
    assert triangles.flags.writeable and not checked.flags.writeable
