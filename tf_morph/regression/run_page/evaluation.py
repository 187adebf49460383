"""What an evaluation of the run's test people left, whatever files they are."""

from pathlib import Path

from tf_morph.regression.run_page.numbers import read_table
from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import PictureBudget
from tf_morph.web_pages.tables import number_table

_FIRST = ("recall", "geometry", "similarity", "coefficients_summary")  # then by name
_PICTURE_WIDTH = 1100
_OPEN_ROWS = 20  # longer tables are folded


def evaluation_section(folder: Path, report: Path, budget: PictureBudget) -> Html | None:
    """The tables and pictures in `folder`; None without any.

    Args:
      folder: of the suite `run`.
      report: of all suites, to which a link leads if it is there.
    """
    parts = [_table(path) for path in _ordered(folder.glob("*.csv"))]
    parts += [_picture(path, budget) for path in _ordered(folder.glob("*.png"))]
    parts = [part for part in parts if part is not None]
    if not parts:
        return None
    return element("section", element("h2", "Evaluation"), _link(report), *parts)


def _link(report: Path) -> Html | None:
    if not report.exists():
        return None
    address = f"{report.parent.name}/{report.name}"
    return element("p", "All suites: ", element("a", report.name, href=address))


def _ordered(paths) -> list[Path]:
    rank = {name: position for position, name in enumerate(_FIRST)}
    return sorted(paths, key=lambda path: (rank.get(path.stem, len(rank)), path.name))


def _table(path: Path) -> Html | None:
    table = read_table(path)
    if table is None:
        return None
    return element(
        "details",
        element("summary", _title(path)),
        number_table(table),
        open=len(table) <= _OPEN_ROWS or path.stem == _FIRST[0],
    )


def _picture(path: Path, budget: PictureBudget) -> Html | None:
    address = budget.embed(path, _PICTURE_WIDTH, 78)
    if address is None:
        return None
    return element(
        "details",
        element("summary", f"{_title(path)} (picture)"),
        element("div", element("img", src=address, alt=_title(path)), class_="scroll picture"),
        open=True,
    )


def _title(path: Path) -> str:
    return path.stem.replace("_", " ")
