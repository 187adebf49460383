"""The page itself: which part of a run's folder stands where."""

import time
from pathlib import Path

import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.regression.default_config import default_config
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import state as run_states
from tf_morph.regression.run_page.curves import curves_section, newest_step
from tf_morph.regression.run_page.evaluation import evaluation_section
from tf_morph.regression.run_page.facts import read_facts, read_versions
from tf_morph.regression.run_page.histogram import coefficient_figures
from tf_morph.regression.run_page.pictures import contact_sheets
from tf_morph.regression.run_page.state import RunState, load_state
from tf_morph.regression.stages import FIRST_STEP
from tf_morph.web_pages.config_table import config_tables
from tf_morph.web_pages.document import document
from tf_morph.web_pages.heads import HeadViewers, read_mesh, viewer_script
from tf_morph.web_pages.markup import Html, element, joined
from tf_morph.web_pages.pictures import PictureBudget
from tf_morph.web_pages.tables import facts_table

_PICTURE_BYTES = 2_000_000  # of all pictures, as written in the page
_SCRIPTS = ("charts.js", "sheets.js")


def write_page(workdir: str | Path) -> Path:
    """Makes `index.html` in a run's folder from what lies there, whole or not at all.

    Of pictures, tables and the mesh, what is missing or cannot be read is left out.

    Returns:
      The page's path.

    Raises:
      InputError: it is no run's folder, or the page cannot be written.
    """
    folder = RunFolder(workdir)
    page = _page(folder)
    try:
        with whole_file(folder.page) as temporary:
            temporary.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder.page}: cannot be written ({error.strerror}); free it") from error
    return folder.page


def _page(folder: RunFolder) -> str:
    config = folder.read_config()
    title = config.description or folder.path.resolve().name
    budget = PictureBudget(_PICTURE_BYTES)
    state = load_state(folder.state) or _guessed_state(folder, config.training.steps)
    parts = (
        element("header", element("h1", title), _status(state), facts_table(read_facts(folder))),
        _section("Faces", contact_sheets(folder.pictures, budget)),
        _section("One of them to turn", _face(folder)),
        curves_section(folder.path, state.steps, _begins(config)),
        _section("Coefficients of held-out people", _coefficients(folder.coefficients)),
        evaluation_section(folder.run_evaluation, folder.report, budget),
        _section("Config", config_tables(config, default_config())),
        _section("Versions", _versions(folder)),
    )
    return document(title, [element("main", *parts)], __package__, (*_SCRIPTS, viewer_script()))


def _face(folder: RunFolder) -> Html | None:
    viewer = HeadViewers().viewer(read_mesh(folder.face), "a face")
    if viewer is None:
        return None
    note = "Drag it, or use the arrow keys. The first person of the sheet above."
    return joined((viewer, element("p", note, class_="head-note")))


def _section(heading: str, content: Html | None) -> Html | None:
    return element("section", element("h2", heading), content) if content else None


def _guessed_state(folder: RunFolder, steps: int) -> RunState:
    """Of a run that left none: finished if its numbers reach the last step."""
    step, written = newest_step(folder.metrics)
    reached = run_states.FINISHED if step >= steps else run_states.TRAINING
    return RunState(reached, step, steps, written=written)


def _status(state: RunState) -> Html:
    made = f"{state.step:,} of {state.steps:,} steps"
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(state.written))
    if state.state == run_states.STOPPED:
        words = f"Stopped after {made}, {when}: {state.reason}"
    elif state.state == run_states.FINISHED:
        words = f"Finished: {made}, {when}"
        words += f" ({state.reason})" if state.reason else ""
    else:
        words = (
            f"Training: {made} as of {when}. Reload for news; if none comes, the run was broken "
            "off, and the same command goes on with it."
        )
    share = min(1.0, state.step / max(state.steps, 1))
    bar = element("progress", f"{100 * share:.0f} %", value=f"{share:.4f}", max=1)
    return joined((element("p", words, class_=f"status {state.state}", role="status"), bar))


def _begins(config) -> dict[str, int]:
    return {name: stage[FIRST_STEP] for name, stage in config.stages.items()}


def _coefficients(path: Path) -> Html | None:
    """Figures of the coefficients that `Histograms` keeps."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            groups = {name: arrays[name] for name in ("shape", "texture")}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    if any(values.ndim != 2 or not values.size for values in groups.values()):
        return None
    figures = [f for name, values in groups.items() for f in coefficient_figures(name, values)]
    return element("div", *figures, class_="charts")


def _versions(folder: RunFolder) -> Html | None:
    versions = read_versions(folder)
    return facts_table(versions) if versions else None
