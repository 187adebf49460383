"""The model's ops against NumPy, their gradients, and what the model refuses."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.morphable_model.synthetic_models import random_basis, small_model
from tf_morph.errors import InputError
from tf_morph.morphable_model import LinearBasis
from tf_morph.morphable_model.landmarks import five_points


def _naive(linear: LinearBasis, coefficients: np.ndarray) -> np.ndarray:
    """One face at a time in float64."""
    values = linear.mean.astype(np.float64).copy()
    for k, coefficient in enumerate(coefficients):
        column = linear.basis[:, k].astype(np.float64).reshape(-1, 3)
        values += coefficient * linear.standard_deviations[k] * column
    return values


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (0,), (1, 1, 2)])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_any_leading_dimensions_and_any_number_of_components(model, leading, count):
    coefficients = np.random.default_rng(0).standard_normal((*leading, count)).astype(np.float32)
    vertices, albedo = model.vertices(coefficients), model.albedo(coefficients)
    assert vertices.shape == albedo.shape == (*leading, model.num_vertices, 3)
    neutral = 0.0 if model.expression is None else model.expression.mean
    for index in np.ndindex(leading):
        expected = _naive(model.shape, coefficients[index]) + neutral
        np.testing.assert_allclose(vertices[index], expected, rtol=1e-5, atol=1e-5)
        expected = _naive(model.color, coefficients[index])
        np.testing.assert_allclose(albedo[index], expected, rtol=1e-5, atol=1e-5)


def test_more_coefficients_than_components_are_an_error(model):
    with pytest.raises(InputError, match="7 coefficients for a basis of 6"):
        model.vertices(np.zeros((2, 7), np.float32))
    with pytest.raises(InputError, match="5 coefficients for a basis of 4"):
        model.albedo(np.zeros((2, 5), np.float32))


def test_inside_a_function_of_unknown_batch_size(model):
    traced = tf.function(model.vertices, input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    for batch in (1, 5):
        coefficients = tf.random.stateless_normal([batch, 3], [1, batch])
        np.testing.assert_array_equal(traced(coefficients), model.vertices(coefficients))
    assert traced.get_concrete_function().structured_outputs.shape[-2] == model.num_vertices


def test_a_function_captures_the_basis_instead_of_holding_a_copy():
    model = small_model(vertices=3000)

    @tf.function
    def traced(coefficients):
        return model.vertices(coefficients)

    graph = traced.get_concrete_function(tf.TensorSpec([None, 6])).graph
    assert graph.as_graph_def().ByteSize() < model.shape.basis.nbytes / 10


def test_gradient_is_the_numeric_jacobian(model):
    point = tf.constant([[0.3, -1.2, 0.7, 2.0]])
    for op in (model.vertices, model.albedo):
        theoretical, numerical = tf.test.compute_gradient(op, [point], delta=1e-2)
        np.testing.assert_allclose(theoretical[0], numerical[0], rtol=1e-3, atol=2e-3)


def test_immutable(model):
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.name = "other"
    for array in (model.triangles, model.shape.mean, model.color.basis, model.reference):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(TypeError):
        model.landmarks["center.nose.tip"] = np.zeros(3)


@pytest.mark.parametrize("triangles", [[[0, 1, 12]], [[0, -1, 2]], [[0.0, 1.0, 2.0]], [[0, 1]]])
def test_triangles_that_do_not_fit_the_basis(triangles):
    with pytest.raises(InputError, match="triangles"):
        small_model(triangles=np.array(triangles))


def test_parts_of_different_vertex_counts():
    with pytest.raises(InputError, match="color basis is of 13 vertices, the shape of 12"):
        small_model(color=random_basis(13, 4, 0))


@pytest.mark.parametrize("field", ["mean", "basis", "standard_deviations"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(field, value):
    linear = random_basis(12, 4, 0)
    array = getattr(linear, field).copy()
    array.flat[-1] = value
    with pytest.raises(InputError, match="not finite"):
        dataclasses.replace(linear, **{field: array})


def test_five_points_are_the_eyes_middles_nose_and_mouth():
    landmarks = {
        "right.eye.corner_outer": [-45.0, 30.0, 80.0],
        "right.eye.corner_inner": [-15.0, 32.0, 90.0],
        "left.eye.corner_outer": [46.0, 30.0, 80.0],
        "left.eye.corner_inner": [16.0, 32.0, 90.0],
        "center.nose.tip": [0.0, 0.0, 130.0],
        "right.lips.corner": [-25.0, -33.0, 98.0],
        "left.lips.corner": [24.0, -33.0, 98.0],
    }
    points = five_points(landmarks)
    np.testing.assert_array_equal(points[:2], [[-30, 31, 85], [31, 31, 85]])
    np.testing.assert_array_equal(points[2:], [[0, 0, 130], [-25, -33, 98], [24, -33, 98]])
    del landmarks["left.lips.corner"]
    with pytest.raises(InputError, match="left.lips.corner"):
        five_points(landmarks)
