"""What is made of heads beyond the neutral mesh, and what cannot be."""

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.reconstruction.finish import Finish
from tf_morph.reconstruction.reconstruct_files import Settings, reconstruct_files


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


@pytest.mark.slow  # fits
def test_photographed_head_is_drawn_and_written_in_its_colours(regressor, portrait):
    plain = regressor.reconstruct(portrait[0], fit=True)
    head = regressor.finished(plain, portrait[0], Finish("photograph"))
    own = len(plain.mesh.vertices)
    assert head.mesh.is_textured and len(head.mesh.vertices) >= own
    np.testing.assert_array_equal(head.surface.colors, head.mesh.colors[:own])
    assert (head.surface.triangles == plain.mesh.triangles).all()
    assert (head.render(size=64) != plain.render(size=64)).any()
