"""Tables of the page."""

from collections.abc import Sequence
from numbers import Real

import pandas as pd

from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.numbers import short

_MOST_ROWS = 60
_SHARES = ("top1", "top5")  # begin the names of columns that hold shares


def facts_table(rows: Sequence[tuple[str, object]]) -> Html:
    """Pairs of what and value."""
    return element(
        "table",
        element(
            "tbody",
            *(
                element("tr", element("th", what, scope="row"), element("td", value))
                for what, value in rows
            ),
        ),
        class_="facts",
    )


def number_table(table: pd.DataFrame) -> Html:
    """A table of numbers and words, its first rows if there are many."""
    shown = table.head(_MOST_ROWS)
    head = element("tr", *(element("th", str(n).replace("_", " "), scope="col") for n in table))
    body = [
        element("tr", *(_cell(column, value) for column, value in zip(table, row, strict=True)))
        for row in shown.itertuples(index=False, name=None)
    ]
    left_out = len(table) - len(shown)
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *body)),
        element("p", f"and {left_out:,} more rows in the file") if left_out else None,
        class_="scroll",
    )


def _cell(column: str, value: object) -> Html:
    if not isinstance(value, Real):
        return element("td", "–" if pd.isna(value) else value)
    if pd.isna(value):
        return element("td", "–", class_="number")
    if str(column).startswith(_SHARES):
        return element("td", f"{100 * value:.1f} %", class_="number")
    return element("td", short(float(value)), class_="number")
