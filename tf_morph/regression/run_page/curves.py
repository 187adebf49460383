"""The courses of all numbers a run has written down by step."""

import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tf_morph.regression.run_page.chart import chart
from tf_morph.regression.run_page.numbers import STEP, read_course
from tf_morph.web_pages.markup import Html, element

_FIRST = ("metrics", "validation", "speed")  # of the files; the others by name


def curves_section(folder: Path, steps: int, begins: Mapping[str, int]) -> Html | None:
    """A chart of every column of every CSV file in the run's folder that has a column `step`.

    Args:
      steps: where the charts' axes end.
      begins: the first step of each stage, by its name.
    """
    paths = sorted(folder.glob("*.csv"), key=lambda path: (_rank(path.stem), path.name))
    groups = [_group(path, steps, begins) for path in paths]
    groups = [group for group in groups if group is not None]
    if not groups:
        return None
    note = element("p", "Means over the steps between two points. ", class_="note")
    return element("section", element("h2", "Curves"), note, *groups)


def newest_step(metrics: Path) -> tuple[int, float]:
    """The last step a file of numbers has, and when it was written, in seconds since 1970; 0 and
    now where there is none."""
    course = read_course(metrics)
    if course is None:
        return 0, time.time()
    return int(course[STEP].iloc[-1]), metrics.stat().st_mtime


def _rank(stem: str) -> int:
    return _FIRST.index(stem) if stem in _FIRST else len(_FIRST)


def _group(path: Path, steps: int, begins: Mapping[str, int]) -> Html | None:
    course = read_course(path)
    if course is None:
        return None
    charts = [_course(name, course, steps, begins) for name in _ordered(course)]
    link = element("a", path.name, href=path.name)
    return element(
        "div", element("h3", link), element("div", *charts, class_="charts"), class_="group"
    )


def _ordered(course: pd.DataFrame) -> list[str]:
    """The columns but `step`, the whole loss first."""
    names = [name for name in course if name != STEP and len(course[name])]
    return sorted(names, key=lambda name: name != "loss")


def _course(name: str, course: pd.DataFrame, steps: int, begins: Mapping[str, int]) -> Html:
    """Rows where a column is empty, as in one that began later, are no gaps of its own."""
    first, last = course[name].first_valid_index(), course[name].last_valid_index()
    part = course if first is None else course.loc[first:last]
    return chart(str(name), part[STEP].to_numpy(), part[name].to_numpy(), steps, begins)
