"""The faces' colours seen from afar: which pixels they are means of, and what moves them."""

import colorsys

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tf_morph.config import identity_config
from tf_morph.errors import InputError
from tf_morph.photographs.prepare import prepare
from tf_morph.regression.batches import training_batches
from tf_morph.regression.components import make_networks
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.face_colors import GRID, FaceColors, compared_colors, inner_face
from tf_morph.regression.losses import low_frequency_color_loss
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.train import train
from tf_morph.regression.training_input import training_input

POINTS = ((0.35, 0.45), (0.65, 0.45), (0.5, 0.6), (0.37, 0.78), (0.63, 0.78))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def config(tiny_config):
    config = tiny_config.copy_and_resolve_references()
    config.loss.low_frequency_color = 0.5
    return config


def pictures(count=2, height=40, width=56, seed=0):
    shape = (count, height, width, 3)
    return np.random.default_rng(seed).uniform(0.05, 0.6, size=shape).astype(np.float32)


def colors(images):
    return FaceColors(POINTS)(tf.constant(images))["color"].numpy()


def naive_colors(image, fine=2000):
    """By counting the points of a fine grid, each taking the pixel that it lies in."""
    height, width = image.shape[:2]
    left, top, right, bottom = 0.35, 0.45, 0.65, 0.78
    cells = np.zeros((GRID, GRID, 3))
    for row in range(GRID):
        for column in range(GRID):
            y = top + (bottom - top) * (row + (np.arange(fine) + 0.5) / fine) / GRID
            x = left + (right - left) * (column + (np.arange(fine) + 0.5) / fine) / GRID
            rows, columns = (y * height).astype(int), (x * width).astype(int)
            cells[row, column] = image[rows].mean(axis=0)[columns].mean(axis=0)
    return (cells / cells.mean()).ravel()


@pytest.mark.parametrize("size", [(40, 56), (24, 24), (7, 9), (160, 160)])
def test_cells_are_means_of_the_pixels_they_cover(size):
    images = pictures(2, *size)
    expected = [naive_colors(image.astype(np.float64)) for image in images]
    np.testing.assert_allclose(colors(images), expected, rtol=2e-3)


def test_a_flat_picture_is_one_in_every_cell_and_another_size_changes_nothing():
    np.testing.assert_allclose(colors(np.full((1, 40, 56, 3), 0.3, np.float32)), 1.0, rtol=1e-5)
    images = pictures()
    larger = images.repeat(3, axis=1).repeat(3, axis=2)
    np.testing.assert_allclose(colors(larger), colors(images), rtol=1e-4)


def loss(images, others):
    return float(low_frequency_color_loss(colors(images), colors(others)))


def test_brightness_does_not_matter_and_hue_does():
    images = pictures()
    assert loss(images * 0.4, images) == pytest.approx(0.0, abs=1e-9)
    skin = np.broadcast_to(np.float32([0.8, 0.6, 0.5]), (1, 40, 56, 3))
    hue, saturation, value = colorsys.rgb_to_hsv(0.8, 0.6, 0.5)
    turned = np.float32(colorsys.hsv_to_rgb(hue + 0.5, saturation, value))
    blue = np.broadcast_to(turned, skin.shape)
    expected = np.mean((turned / turned.mean() - skin[0, 0, 0] / skin[0, 0, 0].mean()) ** 2)
    assert loss(blue, skin) == pytest.approx(expected, rel=1e-4) and expected > 0.05
    assert loss(skin * 0.5, skin) < 1e-9 < expected
    grey = np.broadcast_to(skin.mean(-1, keepdims=True), skin.shape)
    assert loss(grey, skin) > 0.01  # chroma
    shaded = skin * np.linspace(0.5, 1.0, 40, dtype=np.float32)[:, None, None]
    assert loss(shaded, skin) > 0.001  # relative lightness


def test_what_is_beyond_the_inner_face_has_no_part_and_no_gradient():
    images = tf.constant(pictures())
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(FaceColors(POINTS)(images)["color"] ** 2)
    moved = np.abs(tape.gradient(total, images)).max(axis=(0, 3))
    inside = np.zeros((40, 56), bool)
    inside[18:32, 19:37] = True  # rows 18 to 31.2, columns 19.6 to 36.4
    assert (moved[inside] > 0).all() and (moved[~inside] == 0).all()


def test_a_black_drawing_has_finite_colors_and_gradient():
    images = tf.zeros((1, 40, 56, 3))
    with tf.GradientTape() as tape:
        tape.watch(images)
        found = FaceColors(POINTS)(images)["color"]
        total = tf.reduce_sum((found - 1.0) ** 2)
    assert np.isfinite(found).all() and np.isfinite(tape.gradient(total, images)).all()


def test_photographs_and_their_mirror_images_are_in_the_batches(config):
    photographs = split_photographs(config).training
    features = training_input(config, *make_networks(config), photographs)
    images = photographs.images.astype(np.float32) / 255
    found = FaceColors(config.rendering.five_points)
    both = np.concatenate([images, images[:, :, ::-1]])
    np.testing.assert_allclose(features["color"], found(tf.constant(both))["color"], rtol=1e-5)
    config.loss.low_frequency_color = 0.0
    assert "color" not in training_input(config, *make_networks(config), photographs)


def test_a_stage_alone_may_compare_colors(config):
    config.loss.low_frequency_color = 0.0
    assert compared_colors(config) == ()
    config.stages.late = {"first_step": 2, "loss": {"low_frequency_color": 0.1}}
    assert len(compared_colors(config)) == 1


def test_a_run_with_colors_and_covariance_trains_and_is_the_same_prepared(config, tmp_path):
    config.loss.batch_covariance = 1.0
    train(config, tmp_path / "run")
    rows = pd.read_csv(tmp_path / "run" / "metrics.csv")
    assert {"low_frequency_color", "batch_covariance"} <= set(rows)
    assert (rows["low_frequency_color"] > 0).all() and rows["batch_covariance"].between(0, 1).all()
    weights = {"identity": 10, "batch_shape": 0.5, "batch_texture": 0.5, "loopback": 1}
    weights |= {"low_frequency_color": 0.5, "batch_covariance": 1}
    total = sum(weight * rows[name] for name, weight in weights.items())
    np.testing.assert_allclose(rows["loss"], total, rtol=1e-2)  # and the decoder's weight decay
    photographs = split_photographs(config).training
    in_memory = training_input(config, *make_networks(config), photographs)
    prepare(config, config.photographs.folder, str(tmp_path / "prepared"), processes=1)
    config.photographs.folder = str(tmp_path / "prepared")
    prepared = training_input(config, *make_networks(config), split_photographs(config).training)
    batch = next(iter(training_batches(prepared, 0, 5, 0, 1)))
    expected = in_memory["color"][batch["photograph"].numpy()]
    np.testing.assert_allclose(batch["color"], expected, rtol=1e-5)
    train(config, tmp_path / "of_prepared")


def test_a_folder_prepared_without_colors_is_refused(config, tmp_path):
    config.loss.low_frequency_color = 0.0
    prepare(config, config.photographs.folder, str(tmp_path / "prepared"), processes=1)
    config.photographs.folder = str(tmp_path / "prepared")
    config.loss.low_frequency_color = 0.1
    with pytest.raises(InputError, match=r"prepared with trained_on .*loss.low_frequency_color"):
        train(config, tmp_path / "run")


@pytest.mark.parametrize(
    "points",
    [
        ((0.4, 0.8), (0.6, 0.8), (0.5, 0.5), (0.4, 0.4), (0.6, 0.4)),
        ((0.5, 0.4), (0.5, 0.4), (0.5, 0.5), (0.4, 0.8), (0.6, 0.8)),
        ((-0.1, 0.4), (0.6, 0.4), (0.5, 0.5), (0.4, 0.8), (0.6, 0.8)),
    ],
)
def test_points_that_enclose_no_face_are_named(config, points):
    config.rendering.five_points = points
    with pytest.raises(InputError, match="five_points"):
        check_config(config)
    config.loss.low_frequency_color = 0.0
    check_config(config)
    with pytest.raises(InputError, match="five_points"):
        inner_face(points)


def test_colors_that_are_compared_alone_draw_and_train(config, second_network, tmp_path):
    config.identity.second = identity_config(second_network)
    off = dict.fromkeys(("identity", "batch_shape", "batch_texture", "loopback"), 0.0)
    config.loss.update(off)
    train(config, tmp_path / "run")
    assert set(pd.read_csv(tmp_path / "run" / "metrics.csv")) == {
        *("step", "low_frequency_color", "coefficient_drift", "loss", "gradient_norm")
    }
