"""Triangles cut by a plane, against a polygon clipper that takes one triangle at a time."""

import numpy as np
import pytest
import scipy.spatial

from tf_morph.morphable_model.makehuman_mesh import clip


def bumpy_sheet(seed: int):
    """A triangulated sheet: triangles [T, 3] and places [V, 3]."""
    rng = np.random.default_rng(seed)
    flat = rng.uniform(-1, 1, (80, 2))
    triangles = scipy.spatial.Delaunay(flat).simplices
    return triangles, np.column_stack([flat, 0.3 * rng.normal(size=80)])


def heights_of(places):
    return places @ [0.4, 1.0, -0.3] - 0.1


def naive_clip(polygon, heights):
    """Sutherland and Hodgman's clipper for one plane: the polygon's part at positive heights."""
    kept = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if heights[i] > 0:
            kept.append(polygon[i])
        if (heights[i] > 0) != (heights[j] > 0):
            share = heights[i] / (heights[i] - heights[j])
            kept.append((1 - share) * polygon[i] + share * polygon[j])
    return kept


def normals(corners):
    """[..., 3], twice the areas, of corners [..., 3, 3]."""
    a, b, c = np.moveaxis(corners, -2, 0)
    return np.cross(b - a, c - a)


@pytest.mark.parametrize("seed", range(5))
def test_each_triangle_keeps_what_the_plain_clipper_keeps(seed):
    triangles, places = bumpy_sheet(seed)
    heights = heights_of(places)
    cut = clip(triangles, heights[triangles], len(places))
    new = normals((cut.matrix @ places)[cut.triangles])
    old = normals(places[triangles])
    for number, triangle in enumerate(triangles):
        polygon = naive_clip(places[triangle], heights[triangle])
        pieces = new[cut.source == number]
        assert len(pieces) == max(len(polygon) - 2, 0)
        whole = sum(
            np.cross(polygon[i] - polygon[0], polygon[i + 1] - polygon[0])
            for i in range(1, len(polygon) - 1)
        )
        np.testing.assert_allclose(pieces.sum(axis=0), whole, atol=1e-12)
        assert (pieces @ old[number] > 0).all()  # turned as it was


def test_the_cut_is_plane_and_leaves_no_gaps():
    triangles, places = bumpy_sheet(7)
    heights = heights_of(places)
    cut = clip(triangles, heights[triangles], len(places))
    new = cut.matrix @ places
    old = len(cut.kept)
    np.testing.assert_array_equal(new[:old], places[cut.kept])
    assert (heights_of(new[:old]) > 0).all()
    np.testing.assert_allclose(heights_of(new[old:]), 0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(cut.matrix.sum(axis=1)).ravel(), 1, atol=1e-12)
    assert set(cut.triangles.ravel()) == set(range(len(new)))
    # A vertex made on an edge serves both triangles there: none is at the place of another.
    assert scipy.spatial.distance.pdist(new).min() > 0
    sides = np.stack([cut.triangles, np.roll(cut.triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    forth = {tuple(side) for side in sides.tolist()}
    rim = np.array([side for side in forth if side[::-1] not in forth])
    on_cut = (rim >= old).all(axis=1)
    assert on_cut.sum() >= 5
    hull = {tuple(edge) for edge in np.sort(_border(triangles))}
    kept = cut.kept
    for a, b in rim[~on_cut]:  # else a border of the whole sheet, or a piece of one
        ends = [cut.matrix[v].indices for v in (a, b)]
        assert tuple(np.unique(np.concatenate(ends))) in hull or a < old > b
        assert a >= old or kept[a] in np.unique(list(hull))


def _border(triangles):
    sides = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    return edges[uses == 1]


def test_texture_coordinates_are_cut_where_places_are():
    triangles, places = bumpy_sheet(3)
    rng = np.random.default_rng(0)
    # Seams: each corner's place in the texture is its own, or another corner's.
    uv_triangles = rng.permutation(np.arange(triangles.size) % 150).reshape(-1, 3)
    uvs = rng.uniform(0, 1, (150, 2))
    heights = heights_of(places)[triangles]
    cut = clip(triangles, heights, len(places))
    uv_cut = clip(uv_triangles, heights, len(uvs))
    np.testing.assert_array_equal(cut.source, uv_cut.source)
    corners = (cut.matrix @ places)[cut.triangles]
    uv_corners = (uv_cut.matrix @ uvs)[uv_cut.triangles]
    for piece, source in enumerate(cut.source):
        # Both are the same mixture of the source's corners.
        shares = np.linalg.lstsq(places[triangles[source]].T, corners[piece].T, rcond=None)[0]
        expected = uvs[uv_triangles[source]].T @ shares
        np.testing.assert_allclose(uv_corners[piece].T, expected, atol=1e-6)


def test_all_or_nothing():
    triangles, places = bumpy_sheet(1)
    whole = clip(triangles, np.ones(triangles.shape), len(places))
    np.testing.assert_array_equal(whole.triangles, triangles)
    np.testing.assert_array_equal(whole.source, np.arange(len(triangles)))
    np.testing.assert_array_equal(whole.matrix @ places, places)
    nothing = clip(triangles, -np.ones(triangles.shape), len(places))
    assert len(nothing.triangles) == nothing.matrix.shape[0] == len(nothing.kept) == 0
