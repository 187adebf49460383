"""Alignment, projection, correlation and supervised regressors against what is known of faces."""

import h5py
import numpy as np
import pytest
import tensorflow as tf
from scipy.spatial.transform import Rotation

from tf_morph.errors import InputError
from tf_morph.evaluation.ground_truth import (
    align_rigidly,
    correlation_summary,
    correlation_table,
    correlations,
    geometry_table,
    linear_prediction,
    project_faces,
    train_supervised,
    vertex_errors,
)
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.decoder import Decoder
from tf_morph.regression.ground_truth_faces import Coefficients, load_ground_truth

VERTICES = 40


def _moved(points, seed):
    """Each set rotated by any angle about any axis, and moved."""
    rotations = Rotation.random(len(points), rng=seed).as_matrix()
    shift = np.random.default_rng(seed).normal(scale=100.0, size=(len(points), 1, 3))
    return points @ rotations.swapaxes(1, 2) + shift


def test_a_rigid_motion_is_undone():
    points = np.random.default_rng(0).normal(scale=50.0, size=(20, VERTICES, 3))
    np.testing.assert_allclose(align_rigidly(_moved(points, 1), points), points, atol=1e-9)
    np.testing.assert_allclose(vertex_errors(_moved(points, 1), points), 0.0, atol=1e-9)


def test_alignment_is_scipys():
    random = np.random.default_rng(2)
    fixed = random.normal(size=(10, VERTICES, 3))
    moving = _moved(fixed + 0.5 * random.normal(size=fixed.shape), 3)
    aligned = align_rigidly(moving, fixed)
    for ours, source, target in zip(aligned, moving, fixed, strict=True):
        source, centre = source - source.mean(axis=0), target.mean(axis=0)
        rotation, _ = Rotation.align_vectors(target - centre, source)
        np.testing.assert_allclose(ours, rotation.apply(source) + centre, atol=1e-9)


def test_neither_size_nor_a_mirror_image_is_aligned_away():
    points = np.random.default_rng(4).normal(size=(1, VERTICES, 3))
    points -= points.mean(axis=1, keepdims=True)
    larger = vertex_errors(1.1 * points, points)
    np.testing.assert_allclose(larger, 0.1 * np.linalg.norm(points, axis=-1).mean(axis=1))
    assert vertex_errors(points * [-1.0, 1.0, 1.0], points)[0] > 0.3


def _model(shapes, colors, seed=0, mean_of=None):
    random = np.random.default_rng(seed)
    bases = [np.linalg.qr(random.normal(size=(3 * VERTICES, 12)))[0] for _ in range(2)]
    mean = random.normal(scale=50.0, size=(VERTICES, 3)) if mean_of is None else mean_of.shape.mean
    return MorphableModel(
        shape=LinearBasis(mean, bases[0][:, :shapes], np.linspace(30, 5, 12)[:shapes]),
        color=LinearBasis(
            np.full((VERTICES, 3), 0.5), bases[1][:, :colors], np.linspace(0.5, 0.1, 12)[:colors]
        ),
        triangles=np.arange(VERTICES - VERTICES % 3, dtype=np.int32).reshape(-1, 3),
    )


def _faces(count, shapes, colors, seed=5):
    random = np.random.default_rng(seed)
    return Coefficients(
        random.normal(size=(count, shapes)).astype(np.float32),
        random.normal(size=(count, colors)).astype(np.float32),
    )


def test_faces_of_a_larger_model_keep_their_leading_coefficients():
    faces = _faces(6, 12, 12)
    found = project_faces(faces, _model(12, 12), _model(7, 5), (7, 4))
    np.testing.assert_allclose(found.shape, faces.shape[:, :7], atol=1e-3)
    np.testing.assert_allclose(found.texture, faces.texture[:, :4], atol=1e-3)


def test_projection_onto_another_model_is_least_squares():
    source, target, faces = _model(12, 12, seed=1), _model(4, 4, seed=2), _faces(3, 12, 12)
    found = project_faces(faces, source, target, (4, 4))
    scaled = (target.shape.basis * target.shape.standard_deviations).astype(np.float64)
    wanted = source.vertices(faces.shape).numpy() - target.shape.mean
    expected = np.linalg.lstsq(scaled, wanted.reshape(3, -1).T, rcond=None)[0].T
    np.testing.assert_allclose(found.shape, expected, rtol=1e-3, atol=1e-3)


def test_geometry_of_the_truth_itself_and_of_a_face_too_dark():
    model, faces = _model(5, 3), _faces(70, 5, 3)
    methods = {"itself": faces, "nobody": Coefficients(0 * faces.shape, 0 * faces.texture)}
    table = geometry_table(model, methods, model, faces).set_index("method")
    assert table.loc["itself", ["vertex_mm", "color_rms"]].to_list() == pytest.approx(
        [0, 0], abs=1e-4
    )
    shown = np.clip(model.albedo(faces.texture).numpy(), 0, 1)
    expected = np.sqrt(np.square(shown - 0.5).mean(axis=(1, 2)))
    assert table.loc["nobody", "color_rms"] == pytest.approx(expected.mean(), rel=1e-4)
    assert table.loc["nobody", "color_rms_deviation"] == pytest.approx(
        expected.std(ddof=1), rel=1e-3
    )
    mean = np.broadcast_to(model.shape.mean, (70, VERTICES, 3))
    expected = vertex_errors(mean, model.vertices(faces.shape).numpy())
    assert table.loc["nobody", "vertex_mm"] == pytest.approx(expected.mean(), rel=1e-4)
    assert (table["people"] == 70).all()


def test_correlations_are_numpys_and_0_where_nothing_varies():
    true, predicted = (np.random.default_rng(seed).normal(size=(50, 3)) for seed in (6, 7))
    predicted[:, 1] = 0.5
    predicted[:, 2] = -2.0 * true[:, 2] + 1.0
    expected = [np.corrcoef(predicted[:, 0], true[:, 0])[0, 1], 0.0, -1.0]
    np.testing.assert_allclose(correlations(predicted, true), expected, atol=1e-12)


def test_summary_takes_the_first_ten_and_all():
    true = _faces(200, 15, 4)
    noise = _faces(200, 15, 4, seed=8)
    shape = np.where(np.arange(15) < 10, true.shape, noise.shape)
    table = correlation_table({"some": Coefficients(shape, true.texture)}, true)
    assert list(table["coefficients"]) == ["shape"] * 15 + ["texture"] * 4
    assert list(table["component"]) == [*range(15), *range(4)]
    summary = correlation_summary(table)
    assert summary[["coefficients", "components"]].values.tolist() == [
        ["shape", 10],
        ["shape", 15],
        ["texture", 4],
    ]
    np.testing.assert_allclose(summary["some"], [1.0, 2 / 3, 1.0], atol=0.06)


@pytest.fixture
def folder(tmp_path):
    _model(5, 3).save(tmp_path / "face_model.h5")
    faces = _faces(4, 5, 3)
    np.savez(tmp_path / "people.npz", identities=np.array(list("abcd")), **faces._asdict())
    return tmp_path


def test_true_faces_are_found_by_name(folder):
    truth, faces = load_ground_truth(folder, _model(2, 2)), _faces(4, 5, 3)
    found = truth.of(["c", "a", "c"])
    np.testing.assert_array_equal(found.shape, faces.shape[[2, 0, 2]])
    np.testing.assert_array_equal(found.texture, faces.texture[[2, 0, 2]])
    with pytest.raises(InputError, match=r"people.npz"):
        truth.of(["a", "y", "x"])


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": np.zeros((4, 6))},
        {"texture": np.zeros((3, 3))},
        {"shape": np.full((4, 5), np.nan)},
        {"shape": np.array([["x"] * 5] * 4)},
        {"identities": np.array([{}] * 4)},
        {"identities": np.array(list("abca"))},
    ],
)
def test_arrays_that_fit_nobody_are_named(folder, changes):
    arrays = {"identities": np.array(list("abcd")), **_faces(4, 5, 3)._asdict()} | changes
    np.savez(folder / "people.npz", **arrays)
    with pytest.raises(InputError, match="people.npz"):
        load_ground_truth(folder, _model(2, 2))


def test_files_that_are_missing_damaged_or_of_another_mesh_are_named(folder):
    other = _model(2, 2)
    other = MorphableModel(other.shape, other.color, other.triangles[:-1])
    with pytest.raises(InputError, match=r"face_model.h5"):
        load_ground_truth(folder, other)
    (folder / "people.npz").write_bytes(b"PK\3\4")
    with pytest.raises(InputError, match=r"people.npz"):
        load_ground_truth(folder, _model(2, 2))
    np.savez(folder / "people.npz", identities=np.array(["a"]))
    with pytest.raises(InputError, match=r"people.npz"):
        load_ground_truth(folder, _model(2, 2))
    (folder / "people.npz").unlink()
    with pytest.raises(InputError, match=r"people.npz"):
        load_ground_truth(folder, _model(2, 2))
    with h5py.File(folder / "face_model.h5", "w"):
        pass
    with pytest.raises(InputError, match=r"face_model.h5"):
        load_ground_truth(folder, _model(2, 2))


FEATURES, SHAPES, COLORS = 24, 4, 3


def _people(count, seed, noise):
    """Features [N, F] linear in the coefficients but for noise, and the coefficients."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, SHAPES + COLORS)).astype(np.float32)
    mixing = np.random.default_rng(0).normal(size=(values.shape[1], FEATURES))
    features = 3.0 + values @ mixing + noise * random.normal(size=(count, FEATURES))
    return features.astype(np.float32), Coefficients(values[:, :SHAPES], values[:, SHAPES:])


def _decoded(features, true, asked, seed=0):
    decoder = Decoder(SHAPES, COLORS, (64, 64), seed=seed)
    decoder.build((None, FEATURES))
    train_supervised(decoder, features, true, seed)
    return Coefficients(*(values.numpy() for values in decoder(tf.constant(asked))))


def _linear(features, true, asked):
    return linear_prediction(features, true, asked)


@pytest.mark.parametrize("regressed", [_decoded, _linear])
def test_what_the_features_hold_is_found(regressed):
    asked, wanted = _people(300, 2, 0.5)
    found = regressed(*_people(3000, 1, 0.5), asked)
    for predicted, true in zip(found, wanted, strict=True):
        assert predicted.shape == true.shape and predicted.dtype == np.float32
        # The mean face's error is 1.
        assert np.mean(np.square(predicted - true)) < 0.2


def test_features_that_say_nothing_give_the_mean_face():
    random = np.random.default_rng(3)
    _, true = _people(400, 1, 0.0)
    features = random.normal(size=(400, FEATURES)).astype(np.float32)
    found = linear_prediction(features, true, random.normal(size=(50, FEATURES)))
    assert np.abs(np.concatenate(found, axis=1)).max() < 0.3


def test_a_feature_that_never_varies_does_no_harm():
    features, true = _people(400, 1, 0.1)
    features[:, 0] = 7.0
    found = linear_prediction(features, true, features[:20])
    assert np.mean(np.square(found.shape - true.shape[:20])) < 0.1


def test_the_seed_alone_decides():
    data, asked = _people(300, 1, 0.5), _people(20, 2, 0.5)[0]
    first, again, other = (_decoded(*data, asked, seed).shape for seed in (1, 1, 2))
    np.testing.assert_allclose(first, again, atol=1e-5)
    assert np.abs(first - other).max() > 1e-3
