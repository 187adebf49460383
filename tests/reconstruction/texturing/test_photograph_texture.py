"""A face whose true colours are known gets them back from its photograph."""

import numpy as np
import pytest
from PIL import Image

from tests.reconstruction.fitting import toy_face
from tests.rendering.faces import FIVE_POINTS
from tf_morph.reconstruction.fitting import ViewFitter
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.texturing import PhotographTexture

LARGER = 4
FRONTAL = 2  # of the toy's views


@pytest.fixture(scope="module")
def textured():
    """The texture's colours at the texels, as they are in truth, and the mesh made."""
    model = toy_face.toy_model()
    framing, size = toy_face.toy_framing(), toy_face.SIZE
    crop = toy_face.photographs(model, model.shape.mean)[FRONTAL]
    points = toy_face.points_seen(FIVE_POINTS)[[FRONTAL]]
    faces = (model.shape.mean[np.newaxis], model.color.mean[np.newaxis])
    (view,) = ViewFitter(model, framing, size).fit(*faces, crop[np.newaxis], points)
    sharp = toy_face.photographs(model, model.shape.mean, size=LARGER * size)[FRONTAL]
    plain = np.full((model.num_vertices, 3), 160, np.uint8)
    textures = PhotographTexture(model, framing, size, side=128)
    face = Mesh(model.shape.mean, plain, model.triangles)
    alignment = np.array([[1 / LARGER, 0, 0], [0, 1 / LARGER, 0.0]])
    mesh = textures.photographed_mesh(face, view, Image.fromarray(sharp), alignment)
    return model, textures, face, mesh


def texture_near(mesh, model, point):
    nearest = np.argmin(np.linalg.norm(mesh.vertices - point, axis=1))
    side = len(mesh.texture)
    column, row = (mesh.uv[nearest] * (1, -1) + (0, 1)) * side
    true = 255 * model.color.mean[np.argmin(np.linalg.norm(model.shape.mean - point, axis=1))]
    return mesh.texture[int(row), int(column)].astype(float), true


def test_what_the_photograph_shows_has_its_true_colours(textured):
    model, _, _, mesh = textured
    off = [
        np.abs(np.subtract(*texture_near(mesh, model, point))).mean()
        for point in FIVE_POINTS[[0, 1, 3, 4]]
    ]
    plain = np.abs(160 - 255 * model.color.mean).mean()
    assert np.mean(off) < 20
    assert np.mean(off) < 0.6 * plain


def test_the_rest_keeps_the_models_colour(textured):
    _, textures, face, mesh = textured
    own = textures.mesh(face).texture
    assert (np.abs(own.astype(int) - 160) <= 1).all()
    rim = np.abs(mesh.texture[:, :6].astype(int) - 160)
    assert rim.max() <= 1


def test_the_surface_stays_that_of_the_face(textured):
    model, _, _, mesh = textured
    np.testing.assert_array_equal(mesh.vertices[mesh.triangles], model.shape.mean[model.triangles])


def test_vertices_have_the_textures_colours(textured):
    model, _, _, mesh = textured
    near = [texture_near(mesh, model, point)[0] for point in FIVE_POINTS]
    distances = np.linalg.norm(mesh.vertices[:, np.newaxis] - FIVE_POINTS, axis=-1)
    np.testing.assert_allclose(mesh.colors[distances.argmin(0)], near, atol=12)


def test_normals_show_no_cut(textured):
    model, _, face, mesh = textured
    count = model.num_vertices
    assert len(mesh.vertices) > count
    np.testing.assert_allclose(mesh.vertex_normals[:count], face.vertex_normals, atol=1e-4)
