"""Procedural faces as people: their measures, and what the regressor's model cannot say."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from tf_morph.morphable_model.procedural import full_model, leading_components
from tf_morph.morphable_model.procedural_distances import PUBLISHED, facial_distances
from tf_morph.morphable_model.procedural_layout import face_layout
from tf_morph.morphable_model.procedural_modes import face_modes
from tf_morph.morphable_model.procedural_residual import FIELDS
from tf_morph.morphable_model.procedural_surface import average_surface

_DIGEST = """
import hashlib
from tf_morph.morphable_model.procedural import full_model
model = full_model(0, 40)
arrays = [getattr(basis, name) for basis in (model.shape, model.color)
          for name in ("mean", "basis", "standard_deviations")]
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


@pytest.fixture(scope="module")
def surface():
    return average_surface()


@pytest.fixture(scope="module")
def full():
    return full_model(0, painted_people=40)


@pytest.fixture(scope="module")
def distances(surface, full):
    drawn = np.random.default_rng(5).standard_normal((400, full.shape_components))
    return facial_distances(surface, full.vertices(drawn.astype(np.float32)).numpy())


@pytest.mark.parametrize("name", PUBLISHED)
def test_distances_are_those_of_people(distances, name):
    mean, deviation = PUBLISHED[name].pooled()
    assert abs(distances[name].mean() - mean) < deviation
    assert 0.5 < distances[name].std() / deviation < 1.5


def test_the_mesh_is_fine_and_light_enough(full):
    assert 6000 <= full.num_vertices <= 9000


def test_the_residual_lies_outside_the_named_modes_and_is_moderate(surface, full):
    named = len(face_modes(surface, 0).names)
    assert full.shape_components == named + FIELDS
    residual = full.shape.standard_deviations[-FIELDS:].astype(float)
    assert 0.5 < np.sqrt(np.sum(residual**2) / full.num_vertices) < 0.8
    overlap = full.shape.basis[:, :-FIELDS].T @ full.shape.basis[:, -FIELDS:]
    assert np.abs(overlap).max() < 1e-4
    assert leading_components(full).shape_components < named


def test_hair_is_one_colour_at_the_rim_and_none_on_the_face(surface):
    under = face_layout(surface).under_hair
    x, y, z = surface.vertices.T
    assert under[(y > 75) & (np.abs(x) < 30)].min() > 0.99
    assert under[(y < 45) & (np.abs(x) < 40)].max() < 0.01
    assert under[surface.ear].max() == 0


def test_nostrils_are_painted_where_the_nose_is_hollow(surface):
    layout = face_layout(surface)
    for side, nostril in zip((-1, 1), layout.nostrils, strict=True):
        assert 4 < side * nostril[0] < 10
        sill = np.linalg.norm(surface.vertices[:, :2] - [side * 6.8, -53.0], axis=1).argmin()
        tip = np.linalg.norm(surface.vertices[:, :2] - [0, -41.0], axis=1).argmin()
        assert surface.vertices[sill, 1] < nostril[1] < surface.vertices[tip, 1]


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit():
    digests = [
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env=os.environ | {"OPENBLAS_NUM_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in (1, 2)
    ]
    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 2 * hashlib.sha256().digest_size
