"""Figures and the contact sheet: of the expected size, with something on them."""

import io

import numpy as np
import pytest
from PIL import Image

from tf_morph.evaluation.identification import galleries_of
from tf_morph.evaluation.measurements import measure
from tf_morph.evaluation.plots import (
    DOTS_PER_INCH,
    coefficients_figure,
    png,
    recall_figure,
)
from tf_morph.evaluation.renderings import contact_sheet, image_grid, png_file
from tf_morph.evaluation.run_section import run_plots, similarity_name
from tf_morph.evaluation.similarity import similarity_figure
from tf_morph.regression.ground_truth_faces import Coefficients


@pytest.fixture(scope="module")
def measurements(make_features):
    people, identities, judge = make_features(100, 0.8, "net/1", "held_out")
    _, _, training = make_features(100, 0.3, "net/1", "training", seed=1)
    random = np.random.default_rng(0)
    faces = Coefficients(random.normal(size=(100, 9)), random.normal(size=(100, 4)))
    galleries = galleries_of(range(100), {}, seed=0)
    return measure([judge, training], people, identities, galleries, faces, seed=0)


def _pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_all_figures_are_drawn(measurements):
    plots = run_plots(measurements)
    assert {plot.name for plot in plots} == {
        "similarity_held_out_net_1",
        "similarity_training_net_1",
        "recall",
        "coefficients",
    }
    for plot in plots:
        pixels = _pixels(png(plot.figure))
        assert pixels.shape[1] >= 7 * DOTS_PER_INCH
        # White paper, and more than a few hundred pixels of colour.
        assert np.ptp(pixels.astype(int), axis=2).astype(bool).sum() > 2000
    assert similarity_name("a b.pb", "held_out") == "similarity_held_out_a_b_pb"


def test_a_figure_has_its_size_and_the_same_bytes_again(measurements):
    cosines = measurements.cosines["net/1", "held_out"]
    first, second = (png(similarity_figure(cosines, "net/1", "held_out")) for _ in range(2))
    assert first == second
    assert _pixels(first).shape == (4 * DOTS_PER_INCH, 7 * DOTS_PER_INCH, 3)


def test_histograms_hold_every_pair_once(measurements):
    cosines = measurements.cosines["net/1", "held_out"]
    axes = similarity_figure(cosines, "net/1", "held_out").axes[0]
    for group in axes.containers:
        assert sum(bar.get_height() * bar.get_width() for bar in group) == pytest.approx(1.0)
    means = [line.get_xdata()[0] for line in axes.lines]
    expected = [cosines.different.mean(), cosines.same.mean(), cosines.ours.mean()]
    np.testing.assert_allclose(means, expected)


def test_recall_bars_are_the_tables(measurements):
    figure = recall_figure(measurements.recall)
    assert len(figure.axes) == 4
    panel = measurements.recall.iloc[:7]
    widths = [bar.get_width() for bar in figure.axes[0].containers[0]]
    np.testing.assert_allclose(widths, 100 * panel["top1"])


def test_coefficients_of_one_kind(measurements):
    shape = measurements.components[measurements.components["coefficients"] == "shape"]
    figure = coefficients_figure(shape, 100)
    assert len(figure.axes) == 2 and len(png(figure)) > 1000


def test_contact_sheet_places_the_pictures():
    colors = np.arange(5, dtype=np.uint8)[:, None, None, None] * 50
    first = np.broadcast_to(colors, (5, 40, 40, 3))
    second = np.broadcast_to(colors + 3, (5, 20, 20, 3))
    pixels = _pixels(contact_sheet([first, second], ["somebody"] * 4 + ["a name " * 30]))
    # Two people a row, 10 pixels apart; two pictures of 20 pixels each, 2 pixels apart.
    assert pixels.shape[1] == 2 * 42 + 10
    for person in range(5):
        left, top = (person % 2) * 52, (person // 2) * (20 + 18 + 10) + 18
        assert np.all(pixels[top : top + 20, left : left + 20] == 50 * person)
        assert np.all(pixels[top : top + 20, left + 22 : left + 42] == 50 * person + 3)


def test_headings_stand_above_every_column_of_people():
    pictures = np.zeros((2, 60, 60, 3), np.uint8)
    plain = _pixels(contact_sheet([pictures, pictures], ["", ""]))
    headed = _pixels(contact_sheet([pictures, pictures], ["", ""], ["one", "two"]))
    np.testing.assert_array_equal(headed[18:], plain)
    for left in (0, 62, 132, 194):  # pixels: each column's first
        assert np.any(headed[:18, left : left + 60] < 255)


def test_a_sheet_of_one_person_is_as_wide_as_one():
    assert _pixels(contact_sheet([np.zeros((1, 60, 60, 3), np.uint8)], ["a"])).shape[1] == 60


def test_a_grid_places_the_pictures_at_the_last_rows_size():
    rows = [np.full((3, side, side, 3), value, np.uint8) for side, value in ((8, 50), (16, 100))]
    pixels = _pixels(png_file(image_grid(rows)))
    assert pixels.shape == (2 * 16 + 2, 3 * 16 + 4, 3)
    assert np.all(pixels[:16, 36:] == 50) and np.all(pixels[18:, 18:34] == 100)
