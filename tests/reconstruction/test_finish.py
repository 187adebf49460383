"""What is made of heads beyond the neutral mesh, and what cannot be."""

import dataclasses

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.morphable_model import LinearBasis
from tf_morph.reconstruction.finish import Finish
from tf_morph.reconstruction.fitting.view import FittedView
from tf_morph.reconstruction.reconstruct_files import Settings, reconstruct_files
from tf_morph.reconstruction.regressor import Regressor
from tf_morph.reconstruction.run_parts import open_run


@pytest.mark.parametrize("wish", [{"texture": "photograph"}, {"expression": True}])
def test_what_the_photograph_gives_needs_the_fit(regressor, portrait, wish):
    with pytest.raises(InputError, match="needs the fit"):
        regressor.reconstruct(portrait[0], **wish)


def test_unknown_texture_is_refused(regressor, portrait):
    with pytest.raises(InputError, match="give one of model, photograph"):
        regressor.reconstruct(portrait[0], fit=True, texture="gold")


def test_expression_of_a_model_without_is_refused_before_anything_is_written(regressor, tmp_path):
    assert regressor.model.expression is None
    with pytest.raises(InputError, match="no expressions"):
        reconstruct_files(regressor, [], tmp_path / "out", Settings(expression=True))
    assert not (tmp_path / "out").exists()


def test_fitted_expression_moves_the_mesh_when_asked_for(run_folder, portrait):
    parts = open_run(run_folder)
    size = 3 * parts.model.num_vertices
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(size, 2)))[0]
    expression = LinearBasis(np.full((size // 3, 3), 0.5), basis, [30.0, 20.0])
    model = dataclasses.replace(parts.model, expression=expression)
    regressor = Regressor(dataclasses.replace(parts, model=model))
    read, none = regressor.reconstruct(portrait[0]), np.zeros(3)
    view = FittedView(none, none, 1.0, np.zeros((0, 3)), np.zeros((0, 3)), none, [1.0, -0.5], 0.0)
    neutral = dataclasses.replace(read, fitted=view)
    moved = regressor.finished(neutral, portrait[0], Finish(expression=True))
    wanted = (basis @ [30.0, -10.0]).reshape(-1, 3)
    np.testing.assert_allclose(moved.mesh.vertices - neutral.mesh.vertices, wanted, atol=1e-3)
    np.testing.assert_array_equal(moved.surface.vertices, moved.mesh.vertices)


@pytest.mark.slow  # fits
def test_photographed_head_is_drawn_and_written_in_its_colours(regressor, portrait):
    plain = regressor.reconstruct(portrait[0], fit=True)
    head = regressor.finished(plain, portrait[0], Finish("photograph"))
    own = len(plain.mesh.vertices)
    assert head.mesh.is_textured and len(head.mesh.vertices) >= own
    np.testing.assert_array_equal(head.surface.colors, head.mesh.colors[:own])
    assert (head.surface.triangles == plain.mesh.triangles).all()
    assert (head.render(size=64) != plain.render(size=64)).any()


def test_hair_is_laid_around_the_head(regressor, portrait, tmp_path):
    plain = regressor.reconstruct(portrait[0])
    head = regressor.reconstruct(portrait[0], hair="long")
    assert plain.hair is None
    np.testing.assert_array_equal(head.mesh.vertices, plain.mesh.vertices)
    assert head.hair.vertices[:, 1].min() < head.mesh.vertices[:, 1].min()
    assert (head.render(size=64) != plain.render(size=64)).any()
    head.save(tmp_path / "head.ply")
    whole = len(head.mesh.vertices) + len(head.hair.vertices)
    assert f"element vertex {whole}".encode() in (tmp_path / "head.ply").read_bytes()


def test_hair_that_cannot_be_is_refused(regressor, portrait):
    with pytest.raises(InputError, match="hair 'mohawk': give one of none, bald"):
        regressor.reconstruct(portrait[0], hair="mohawk")
    with pytest.raises(InputError, match="hair=bald: a photograph's texture"):
        regressor.reconstruct(portrait[0], fit=True, texture="photograph", hair="bald")
