"""TF-Graphics' own rasterizer, compiled from its wheel where g++ is present, as an oracle.

It reckons in fixed point of 16 binary places, so it is given coordinates that have no more; pixels'
centres have no more where an image's sides are powers of two, so it draws others inside of these.
"""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.peers import tfg_rasterizer
from tests.rendering import soups
from tests.rendering.faces import FIVE_POINTS, TARGETS, face_mesh
from tf_morph.rendering import fit_framing
from tf_morph.rendering.camera import clip_coordinates, pose_vertices
from tf_morph.rendering.rasterizer import rasterize

STEP = 2.0**-13  # 8 of the oracle's: an eighth of a coordinate is one of its numbers, too
LARGEST = 16.0  # of clip coordinates: beyond it the oracle's products of three overflow
MAY_DIFFER = 1e-3  # of the pixels
ON_AN_EDGE = 1e-3  # a weight smaller than this
WEIGHT_TOLERANCE = 1e-4
pytestmark = pytest.mark.slow  # compiling takes some ten seconds, once


@pytest.fixture(scope="module")
def oracle():
    try:
        return tfg_rasterizer.build()
    except tfg_rasterizer.Unavailable as reason:
        pytest.skip(f"TF-Graphics' rasterizer: {reason}")


def drawn_by(oracle, clip, triangles, size, cull):
    """Its ids [size, size], -1 on the background, and weights, row 0 the top; size: k/8 2^n."""
    around = 2 ** int(np.ceil(np.log2(size)))
    inside = slice((around - size) // 2, (around + size) // 2)
    clip = (clip * [size / around, size / around, 1, 1]).astype(np.float32)
    weights, ids, _ = oracle.rasterize_triangles(clip, triangles, around, around, 1, int(cull))
    weights, ids = (drawn.numpy()[0, ::-1][inside, inside] for drawn in (weights, ids))
    return np.where(weights.sum(-1) > 0, ids, -1), weights


def face(side, yaw, size):
    """A posed face-like mesh's clip coordinates [V, 4] and triangles."""
    vertices, triangles = face_mesh(side)
    framing = fit_framing(FIVE_POINTS, TARGETS * size, size, 20.0)
    pose = tf.constant([[yaw, 0.1, 0.2]])
    posed = pose_vertices(framing, tf.constant(vertices[np.newaxis]), pose, tf.zeros([1, 3]))
    return clip_coordinates(framing, posed, 1.0)[0].numpy(), triangles


def assert_agrees(oracle, scenes, size, cull, kernels):
    differing, total = 0, 0
    for clip, triangles in scenes:
        clip = (np.round(clip * (LARGEST / np.abs(clip).max() / STEP)) * STEP).astype(np.float32)
        expected, weights = drawn_by(oracle, clip, triangles, size, cull)
        seen = rasterize(tf.constant(clip[np.newaxis]), triangles, size, size, cull, kernels)
        ids, found = seen.triangle_ids.numpy()[0], seen.barycentrics.numpy()[0]
        assert (expected >= 0).mean() > 0.1
        same = ids == expected
        np.testing.assert_allclose(found[same], weights[same], atol=WEIGHT_TOLERANCE)
        edges = [np.where(i < 0, 1, w.min(-1)) for i, w in ((ids, found), (expected, weights))]
        assert (np.minimum(*edges)[~same] < ON_AN_EDGE).all(), "a difference away from edges"
        differing, total = differing + (~same).sum(), total + same.size
    assert differing <= MAY_DIFFER * total, f"{differing} of {total} pixels differ"


@pytest.mark.parametrize("cull", [False, True])
def test_random_scenes(oracle, cull, kernels):
    scenes = [soups.generic_mesh(seed) for seed in range(10)]
    assert_agrees(oracle, scenes, 64, cull, kernels)


@pytest.mark.parametrize("side, size", [(24, 64), (61, 112), (231, 64), (231, 224)])
def test_faces(oracle, side, size, kernels):
    scenes = [face(side, yaw, size) for yaw in (-0.9, 0.0, 0.5)]
    assert_agrees(oracle, scenes, size, True, kernels)
