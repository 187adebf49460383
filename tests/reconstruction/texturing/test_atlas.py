"""Unrolled meshes."""

import numpy as np

from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.reconstruction.texturing import uv_atlas
from tf_morph.reconstruction.texturing.atlas import model_atlas
from tf_morph.reconstruction.texturing.texels import texels


def tube(around=40, rings=6):
    """A closed upright tube, and beside it a triangle of its own."""
    angles = np.arange(around) * 2 * np.pi / around
    ring = np.stack([80 * np.sin(angles), np.zeros(around), 80 * np.cos(angles)], axis=1)
    vertices = np.concatenate([ring + [0, 30.0 * row, 0] for row in range(rings)])
    a = np.arange(around)
    b = (a + 1) % around
    quads = [
        np.stack(corners, 1) + around * row
        for row in range(rings - 1)
        for corners in ((a, b, b + around), (a, b + around, a + around))
    ]
    alone = np.array([[0, 60, 100.0], [9, 60, 100], [0, 69, 100]])
    triangles = np.concatenate([*quads, [[len(vertices) + i for i in range(3)]]])
    return np.concatenate([vertices, alone]), triangles.astype(np.int32)


def signed_areas(uv, triangles):
    one, two = (uv[triangles[:, i]] - uv[triangles[:, 0]] for i in (1, 2))
    return one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]


def test_every_triangle_keeps_its_corners_and_its_outside():
    vertices, triangles = tube()
    atlas = uv_atlas(vertices, triangles)
    np.testing.assert_array_equal(atlas.vertices[atlas.triangles], triangles)
    assert (signed_areas(atlas.uv.astype(float), atlas.triangles) > 1e-6).all()
    assert (atlas.uv > 0).all()
    assert (atlas.uv < 1).all()


def test_no_texel_is_of_two_triangles():
    vertices, triangles = tube()
    atlas = uv_atlas(vertices, triangles)
    side = 256
    covered = texels(atlas, side)
    total = signed_areas(atlas.uv.astype(float), atlas.triangles).sum() / 2
    # Were triangles on top of one another, fewer texels would be covered than their areas add to.
    assert abs(len(covered.rows) / side**2 - total) < 0.01


def test_texels_show_what_the_surface_has_and_gaps_what_is_near():
    vertices, triangles = tube()
    atlas = uv_atlas(vertices, triangles)
    covered = texels(atlas, 128)
    places = covered.of(vertices)
    uv = np.stack([(covered.columns + 0.5) / 128, 1 - (covered.rows + 0.5) / 128], axis=1)
    tall = uv[:, 1] > 0.17
    height = np.interp(uv[tall, 1], [0.16, 0.99], [0.0, 150.0])
    np.testing.assert_allclose(places[tall, 1], height, atol=0.5)
    image = covered.image(places)
    assert image.shape == (128, 128, 3)
    np.testing.assert_allclose(image[0], image[2], atol=3.0)  # the margin


def test_a_models_own_layout_is_kept_island_by_island():
    vertices, triangles = tube()
    drawn = uv_atlas(vertices, triangles)  # a layout with a seam, and an island of its own
    nothing = LinearBasis(vertices, np.zeros((vertices.size, 1)), [0.0])
    corners = np.random.default_rng(0).permutation(len(drawn.uv))  # in no order of the vertices
    uvs = np.empty_like(drawn.uv)
    uvs[corners] = 0.2 + 0.1 * drawn.uv
    model = MorphableModel(
        nothing, nothing, triangles, uvs=uvs, uv_triangles=corners[drawn.triangles]
    )
    atlas = model_atlas(model)
    np.testing.assert_array_equal(atlas.vertices[: len(vertices)], np.arange(len(vertices)))
    np.testing.assert_array_equal(atlas.vertices[atlas.triangles], triangles)
    # Stretched to fill the texture, as the layout it came from does already.
    np.testing.assert_allclose(atlas.uv[atlas.triangles], drawn.uv[drawn.triangles], atol=1e-5)
