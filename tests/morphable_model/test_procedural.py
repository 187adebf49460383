"""The procedural face: a sound mesh, whose variation the file's components carry."""

import subprocess
import sys

import numpy as np
import pytest

from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.morphable_model.procedural import full_model, leading_components
from tf_morph.morphable_model.procedural_layout import face_layout
from tf_morph.morphable_model.procedural_modes import face_modes
from tf_morph.morphable_model.procedural_surface import EYE_CENTER, average_surface, eye_opening


@pytest.fixture(scope="module")
def surface():
    return average_surface()


@pytest.fixture(scope="module")
def full():
    return full_model(0, painted_people=60)


@pytest.fixture(scope="module")
def model(full):
    return leading_components(full)


def _normals(vertices, triangles):
    corners = vertices[triangles]
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def test_every_edge_joins_two_triangles_of_one_orientation_or_is_a_border(surface):
    edges = np.concatenate([surface.triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    _, directed = np.unique(edges, axis=0, return_counts=True)
    _, undirected = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    assert directed.max() == 1
    assert undirected.max() == 2


def test_triangles_face_outwards(surface):
    normals = _normals(surface.vertices, surface.triangles)
    outwards = surface.vertices[surface.triangles].mean(1) - [0, -20, -80]
    outside = np.sum(normals * outwards, 1) > 0
    assert np.linalg.norm(normals, axis=1).min() > 0
    # Only wings, nostrils and lids turn away from the head's middle somewhere.
    assert outside.mean() > 0.99


def test_the_surface_is_symmetric(surface):
    mirrored = surface.vertices * [-1, 1, 1]
    order = np.lexsort(surface.vertices.round(3).T), np.lexsort(mirrored.round(3).T)
    np.testing.assert_allclose(surface.vertices[order[0]], mirrored[order[1]], atol=2e-3)


def test_eyeballs_show_in_the_openings_alone(surface):
    skin = surface.vertices[~surface.eyeball]
    center = np.array(EYE_CENTER) * np.where(skin[:, :1] < 0, [[-1, 1, 1]], [[1, 1, 1]])
    from_center = np.linalg.norm(skin - center, axis=1)
    depth = eye_opening(skin[:, 0], skin[:, 1])
    front = skin[:, 2] > -25
    across = np.linalg.norm((skin - center)[:, :2], axis=1)
    assert from_center[front & (depth > 1.0) & (across < 8)].max() < 12.0
    assert from_center[front & (depth < -1.0)].min() > 12.2


def test_landmarks_lie_on_the_mesh_where_a_face_has_them(full):
    vertices = full.shape.mean
    for name, point in full.landmarks.items():
        distance = np.linalg.norm(vertices - point, axis=1).min()
        assert distance < 3.5, (name, distance)
    right_eye, left_eye, nose, right_mouth, left_mouth = five_points(full.landmarks)
    assert right_eye[0] < 0 < left_eye[0]
    assert 58 < left_eye[0] - right_eye[0] < 68
    assert nose[2] > max(right_eye[2], right_mouth[2]) + 10
    assert right_mouth[1] < nose[1] < right_eye[1]
    np.testing.assert_allclose(right_mouth * [-1, 1, 1], left_mouth, atol=1e-6)


def test_contours_are_symmetric_in_ibugs_order(surface):
    contours = face_layout(surface).contours
    assert contours.shape == (68, 3)
    swapped = [16, 8, 0, 26, 22, 17, 21, 27, 35, 31, 45, 42, 44, 47, 36, 39, 37, 40, 54, 48, 57, 51]
    original = [
        0,
        8,
        16,
        17,
        21,
        26,
        22,
        27,
        31,
        35,
        36,
        39,
        37,
        40,
        45,
        42,
        44,
        47,
        48,
        54,
        57,
        51,
    ]
    np.testing.assert_allclose(contours[original] * [-1, 1, 1], contours[swapped], atol=1e-6)


def test_amounts_are_standard_normal_and_factors_join_them(surface):
    modes = face_modes(surface, seed=0)
    np.testing.assert_allclose(np.sum(modes.loadings**2, axis=1), 1.0)
    amounts = modes.sample(20_000, [1])
    correlation = np.corrcoef(amounts.T)
    brow, jaw = modes.names.index("brow ridge"), modes.names.index("jaw breadth")
    assert correlation[brow, jaw] == pytest.approx(0.7 * 0.6, abs=0.03)


def test_the_model_has_the_distribution_of_the_modes(surface, full):
    modes = face_modes(surface, seed=0)
    amounts = modes.sample(4000, [2])
    vertex = [100, 2000, 3000, 4600]
    drawn = np.tensordot(amounts, modes.displacements[:, vertex], 1).reshape(4000, -1)
    scaled = full.shape.basis * full.shape.standard_deviations
    rows = (3 * np.array(vertex)[:, None] + np.arange(3)).ravel()
    expected = scaled[rows] @ scaled[rows].T
    np.testing.assert_allclose(
        np.cov(drawn.T), expected, atol=0.08 * np.abs(np.diag(expected)).max()
    )


def test_what_the_file_leaves_out_is_its_noise(full, model):
    for whole, kept in ((full.shape, model.shape), (full.color, model.color)):
        total = np.sum(np.square(whole.standard_deviations, dtype=float))
        left = np.sum(np.square(kept.standard_deviations, dtype=float))
        assert kept.noise_variance > whole.noise_variance
        noise = (kept.noise_variance - whole.noise_variance) * kept.mean.size
        assert left + noise == pytest.approx(total, rel=1e-4)
    assert (model.shape_components, model.texture_components) == (60, 40)


def test_random_faces_fold_over_nowhere(full):
    coefficients = np.random.default_rng(0).standard_normal((60, full.shape_components))
    mean = _normals(full.shape.mean, full.triangles)
    flipped = [
        np.mean(np.sum(_normals(v, full.triangles) * mean, axis=1) < 0)
        for v in full.vertices(coefficients.astype(np.float32)).numpy()
    ]
    assert max(flipped) < 0.01


def test_same_seed_same_model_other_seed_another(full):
    again, other = full_model(0, 60), full_model(1, 60)
    np.testing.assert_array_equal(again.shape.basis, full.shape.basis)
    np.testing.assert_array_equal(again.color.basis, full.color.basis)
    assert np.abs(other.shape.basis - full.shape.basis).max() > 1e-3


def test_the_file_reads_back(model, tmp_path):
    model.save(tmp_path / "face.h5")
    read = MorphableModel.load(tmp_path / "face.h5")
    np.testing.assert_array_equal(read.triangles, model.triangles)
    np.testing.assert_allclose(read.shape.basis, model.shape.basis, atol=1e-6)
    np.testing.assert_allclose(read.color.mean, model.color.mean, atol=1e-6)
    np.testing.assert_allclose(five_points(read.landmarks), five_points(model.landmarks), atol=1e-4)


@pytest.mark.slow
def test_the_command_writes_the_model_and_says_so(tmp_path):
    command = [sys.executable, "-m", "tf_morph.morphable_model.procedural"]
    done = subprocess.run([*command, tmp_path / "a.h5"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "60 shape and 40 colour components" in done.stdout
    assert MorphableModel.load(tmp_path / "a.h5").texture_components == 40
    assert subprocess.run(command, capture_output=True).returncode == 2
