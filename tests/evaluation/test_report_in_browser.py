"""The report opened in a browser: heads turn, figures grow, nothing is wider than the window."""

import pytest

from tests.evaluation.test_report import run as run
from tests.web_pages.browser import tried_in_browser
from tf_morph.evaluation.report import write_report

_HEADS = """
  const [first, second] = document.querySelectorAll("canvas[data-mesh]");
  const soon = () => new Promise(requestAnimationFrame); // after its drawing
  const fire = (type, make, more) => first.dispatchEvent(new make(type, {bubbles: true, ...more}));
  const seen = [first.toDataURL()];
  const other = second.toDataURL();
  const step = async (change) => { await change(); await soon(); seen.push(first.toDataURL()); };
  await step(() => fire("keydown", KeyboardEvent, {key: "ArrowLeft", cancelable: true}));
  await step(() => fire("keydown", KeyboardEvent, {key: "ArrowUp", cancelable: true}));
  await step(() => fire("pointermove", PointerEvent, {buttons: 1, movementX: 60, movementY: 9}));
  await step(() => fire("pointermove", PointerEvent, {buttons: 0, movementX: 60, movementY: 9}));
  await step(() => fire("dblclick", MouseEvent, {}));
  const stayed = second.toDataURL() === other;
  await step(() => document.querySelector("button[data-heads-colour]").click());
  const blank = document.createElement("canvas");
  [blank.width, blank.height] = [first.width, first.height];
  const places = seen.map((picture) => seen.indexOf(picture));
  return {places, stayed, drawn: seen[0] !== blank.toDataURL()};
"""
_FIGURES = """
  document.querySelector("button.zoom").click();
  const dialog = document.getElementById("larger");
  const opened = dialog.open && dialog.querySelector("img").src.startsWith("data:image/");
  dialog.click();
  const images = [...document.querySelectorAll("main img")];
  images.forEach((image) => { image.loading = "eager"; });
  await Promise.all(images.map((image) => image.decode()));
  return {opened, closed: !dialog.open, decoded: images.every((image) => image.naturalWidth > 0),
    overflow: document.documentElement.scrollWidth - innerWidth};
"""


@pytest.mark.slow
def test_heads_turn_by_key_and_pointer_each_by_itself(run, tmp_path):
    page = write_report(run.evaluation, run.path)
    found = tried_in_browser(page, _HEADS, tmp_path)
    assert found["faults"] == [] and found["drawn"] and found["stayed"]
    # Each change shows something new, but moving without a button held, and turning back.
    assert found["places"] == [0, 1, 2, 3, 3, 0, 6]


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1300])
def test_figures_grow_and_the_page_is_no_wider_than_its_window(run, tmp_path, width):
    page = write_report(run.evaluation, run.path)
    found = tried_in_browser(page, _FIGURES, tmp_path, width)
    assert found["faults"] == [] and found["opened"] and found["closed"] and found["decoded"]
    assert found["overflow"] <= 0
