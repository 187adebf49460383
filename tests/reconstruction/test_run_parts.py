"""A face model is known again by what it gives, not by its last bits."""

import dataclasses

import numpy as np
import pytest

from tests.reconstruction.fitting import toy_face
from tf_morph.morphable_model.modes import basis_of_modes
from tf_morph.reconstruction.run_parts import model_fingerprint, model_probe, same_model


@pytest.fixture(scope="module")
def model():
    toy = toy_face.toy_model()
    modes = np.random.default_rng(1).normal(size=(6, *toy.shape.mean.shape))
    shape = basis_of_modes(toy.shape.mean, modes * np.linspace(2, 1, 6)[:, None, None])
    return dataclasses.replace(toy, shape=shape)


def test_the_same_numbers_but_for_rounding_are_the_same_model(model):
    noise = np.random.default_rng(2).normal(scale=1e-6, size=model.shape.basis.shape)
    rounded = dataclasses.replace(model.shape, basis=model.shape.basis + noise)
    other = dataclasses.replace(model, shape=rounded)
    assert model_fingerprint(other) != model_fingerprint(model)
    assert same_model(other, model_probe(model))


def test_exchanged_components_and_another_mean_are_another_model(model):
    exchanged = dataclasses.replace(model.shape, basis=model.shape.basis[:, ::-1])
    moved = dataclasses.replace(model.shape, mean=model.shape.mean + 1.0)
    shorter = dataclasses.replace(
        model.shape,
        basis=model.shape.basis[:, :-1],
        standard_deviations=model.shape.standard_deviations[:-1],
    )
    for shape in (exchanged, moved, shorter):
        assert not same_model(dataclasses.replace(model, shape=shape), model_probe(model))
