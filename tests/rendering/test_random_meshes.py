"""Both kernels on random meshes: equal to the rule to the bit, and to exact fractions."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering import rational, rule, soups
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.rasterizer import rasterize

KERNELS = ("cpu", "tensorflow")
WEIGHT_TOLERANCE = 1e-5


@settings(soups.steady, max_examples=70)
@given(
    st.one_of(soups.general_meshes(), soups.snapped_meshes()),
    st.sampled_from(soups.SIZES),
    st.booleans(),
)
def test_ids_are_those_of_the_rule_to_the_bit(mesh, size, cull):
    vertices, triangles = mesh
    expected = rule.visible_triangles(vertices, triangles, *size, cull)
    weights = rule.barycentrics(vertices, triangles, expected)
    for kernels in KERNELS:
        seen = rasterize(tf.constant(vertices[None]), triangles, *size, cull, kernels)
        np.testing.assert_array_equal(seen.triangle_ids.numpy()[0], expected, kernels)
        found = seen.barycentrics.numpy()[0]
        np.testing.assert_allclose(found, weights, atol=WEIGHT_TOLERANCE, err_msg=kernels)


@settings(soups.steady, max_examples=30)
@given(soups.snapped_meshes(), st.sampled_from(soups.POWERS_OF_TWO), st.booleans())
def test_ids_are_right_in_exact_fractions(mesh, size, cull):
    """Edges and corners run through pixel centres, and not one of these is excused."""
    vertices, triangles = mesh
    possible = rational.possible_owners(vertices, triangles, *size, cull)
    first = [(triangles == t).all(1).argmax() for t in triangles]
    for kernels in KERNELS:
        ids = visible_triangles(tf.constant(vertices[None]), triangles, *size, cull, kernels)
        owner = np.where(ids[0] < 0, len(triangles), ids[0])[np.newaxis]
        assert np.take_along_axis(possible, owner, 0).all(), kernels
        np.testing.assert_array_equal(np.append(first, -1)[ids], ids, "of copies the first is seen")
