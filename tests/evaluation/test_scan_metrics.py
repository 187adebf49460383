"""Scans made from faces whose right place and distance are known: found to 0.02 mm."""

import numpy as np
import pytest

from tests.evaluation.surfaces import NOSE, grid_face, height, moved, somewhere
from tf_morph.evaluation.mesh import NOSE_TIP, Mesh
from tf_morph.evaluation.scan_metrics import (
    CROP_MM,
    Reference,
    measure,
    prepare_scan,
    surface_errors,
)
from tf_morph.evaluation.scan_registration import GLOBAL, PER_MESH, SurfacePair
from tf_morph.evaluation.similarity_transform import IDENTITY

KNOWN_MM = 0.02
LANDMARKS = {
    NOSE_TIP: NOSE,
    "right.eye.corner_inner": np.array([-16.0, 30.0, height(-16.0, 30.0)]),
    "left.eye.corner_inner": np.array([16.0, 30.0, height(16.0, 30.0)]),
    "center.chin.tip": np.array([0.0, -70.0, height(0.0, -70.0)]),
}


@pytest.fixture(scope="module")
def reference():
    return Reference(grid_face(step=3.0), LANDMARKS)


def _with_holes(mesh, seed, count=8, radius=7.0):
    centres = mesh.vertices[np.random.default_rng(seed).permutation(len(mesh.vertices))[:count]]
    distances = np.linalg.norm(mesh.vertices[:, None] - centres, axis=-1)
    return mesh.of_vertices((distances > radius).all(axis=1))


def _scan(face, reference, seed, *, landmarks=True):
    """Elsewhere, as a scanner would have it; its landmarks 2 mm off."""
    place = somewhere(seed, degrees=180.0 if landmarks else 25.0, shift=50.0)
    noise = np.random.default_rng([seed, 5]).normal(size=(len(LANDMARKS), 3)) * 1.2
    points = {
        name: place(point + off)
        for (name, point), off in zip(LANDMARKS.items(), noise, strict=True)
    }
    return prepare_scan(moved(face, place), points if landmarks else {}, reference)


@pytest.mark.parametrize("landmarks", [True, False])
def test_the_same_faces_at_another_scale_cut_otherwise_with_holes_are_zero_mm_away(
    reference, landmarks
):
    seeds = range(3)
    scans = [
        _scan(
            _with_holes(grid_face(step=1.7, seed=seed, shear=0.2), seed),
            reference,
            seed,
            landmarks=landmarks,
        )
        for seed in seeds
    ]
    meshes = [
        moved(grid_face(step=2.0, seed=seed), IDENTITY._replace(scale=1.06)) for seed in seeds
    ]
    found = measure(meshes, scans)
    for scaling in (GLOBAL, PER_MESH):
        worst = max(fitted.errors.rmse for fitted in found[scaling])
        scales = [fitted.transform.scale for fitted in found[scaling]]
        # What the two ways of cutting the same surface into triangles lie apart is within this.
        assert worst < KNOWN_MM
        np.testing.assert_allclose(scales, 1.0 / 1.06, atol=3e-4)
    assert len({round(fitted.transform.scale, 12) for fitted in found[GLOBAL]}) == 1


def test_noise_along_the_normals_gives_its_mean_size(reference):
    sigma, face = 0.3, grid_face(step=2.0, seed=3)
    random = np.random.default_rng(0)
    noise = sigma * random.normal(size=(len(face.vertices), 1))
    scan = _scan(Mesh(face.vertices + noise * face.vertex_normals, face.triangles), reference, 3)
    errors = measure([face], [scan])[PER_MESH][0].errors
    assert errors.scan_to_mesh == pytest.approx(sigma * np.sqrt(2 / np.pi), abs=KNOWN_MM)
    assert errors.median == pytest.approx(sigma * 0.6745, abs=KNOWN_MM)


def test_a_part_pushed_out_is_measured_and_moves_nothing(reference):
    face = grid_face(step=1.5, seed=4)
    x, y, _ = face.vertices.T
    bump = 5.0 * np.exp(-(((x - 45) / 11) ** 2) - (((y + 30) / 11) ** 2))
    scan_face = Mesh(face.vertices + bump[:, None] * face.vertex_normals, face.triangles)
    scan = _scan(scan_face, reference, 4)
    fitted = measure([face], [scan])[GLOBAL][0]
    back = somewhere(4, degrees=180.0, shift=50.0)
    known = surface_errors(SurfacePair(face, scan.mesh), back)
    assert known.mean > 0.05
    np.testing.assert_allclose(fitted.errors, known, atol=KNOWN_MM)
    offsets = fitted.transform(face.vertices) - back(face.vertices)
    assert np.linalg.norm(offsets, axis=1).max() < 3 * KNOWN_MM


def test_one_scale_for_all_leaves_a_face_too_large_too_large(reference):
    sizes = [0.95, 1.0, 1.05]
    scans = [_scan(grid_face(step=2.0, seed=seed), reference, seed) for seed in range(3)]
    meshes = [
        moved(grid_face(step=2.0, seed=seed), IDENTITY._replace(scale=size))
        for seed, size in enumerate(sizes)
    ]
    found = measure(meshes, scans)
    assert max(fitted.errors.mean for fitted in found[PER_MESH]) < KNOWN_MM
    assert found[GLOBAL][0].transform.scale == pytest.approx(1.0, abs=0.01)
    assert min(found[GLOBAL][at].errors.mean for at in (0, 2)) > 10 * KNOWN_MM


def test_distances_are_those_of_flat_sheets(reference):
    sheet = grid_face(step=5.0)
    flat = Mesh(sheet.vertices * [1, 1, 0], sheet.triangles)
    errors = surface_errors(
        SurfacePair(flat, flat), IDENTITY._replace(translation=np.array([0, 0, 1.5]))
    )
    np.testing.assert_allclose(errors, 1.5)


def test_the_face_is_cut_out_around_the_nose(reference):
    place = somewhere(9, degrees=20.0, shift=30.0)
    scan = prepare_scan(moved(grid_face(step=2.0, extent=140.0), place), {}, reference)
    far = np.linalg.norm(scan.mesh.vertices - place(NOSE), axis=1)
    assert CROP_MM - 4.0 < far.max() < CROP_MM + 2.0
