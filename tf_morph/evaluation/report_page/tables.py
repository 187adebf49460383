"""Tables of the report, each with files of it to keep."""

from pathlib import Path

from tf_morph.evaluation.report_page.downloads import downloads
from tf_morph.evaluation.report_page.prose import line
from tf_morph.evaluation.report_page.saved_section import Item
from tf_morph.web_pages.markup import Html, element, joined

_FILES = {"csv": "CSV", "md": "Markdown", "tex": "LaTeX"}
_OPEN_ROWS = 40  # longer tables are folded
_OURS = "ours"


def report_table(folder: Path, table: Item, number: int) -> Html:
    """A table with its number, caption and files; a long one folded."""
    words = element(
        "div",
        element("p", element("b", f"Table {number}. "), line(table.caption)),
        downloads(folder, table.name, _FILES),
        class_="caption",
    )
    grid = element("div", _grid(table), class_="scroll", tabindex=0)
    rows = len(table.columns[0].cells) if table.columns else 0
    if rows > _OPEN_ROWS:
        grid = element("details", element("summary", f"{rows:,} rows"), grid)
    return element("div", joined((words, grid)), class_="table", id=f"table-{number}")


def _grid(table: Item) -> Html:
    head = (
        element("th", c.heading, scope="col", class_="number" if c.right else None)
        for c in table.columns
    )
    rows = zip(*(column.cells for column in table.columns), strict=True)
    return element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *(_row(table, row) for row in rows)),
    )


def _row(table: Item, row: tuple[str, ...]) -> Html:
    cells = (
        element(
            "td" if position else "th",
            text,
            class_="number" if column.right else None,
            scope=None if position else "row",
        )
        for position, (column, text) in enumerate(zip(table.columns, row, strict=True))
    )
    return element("tr", *cells, class_="ours" if row[0] == _OURS else None)
