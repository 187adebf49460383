"""Tables as CSV for machines, and as Markdown and LaTeX for people."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

Formats = Mapping[str, Callable[[object], str]]

# What TeX reads as something else, or its text fonts lack.
_LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "\n": " "}
    | {"–": "--", "−": "$-$", "±": r"$\pm$", "×": r"$\times$", "°": r"$^\circ$", "…": r"\ldots{}"}
    | {"≤": r"$\leq$", "≥": r"$\geq$", "→": r"$\to$", "\N{NO-BREAK SPACE}": "~"}
    | {"“": "``", "”": "''", "‘": "`", "’": "'", "—": "---"}
)


class ShownColumn(NamedTuple):
    """A column as people read it.

    Attributes:
      cells: a text a row; what is missing is a dash.
      right: numbers, which stand to the right.
    """

    heading: str
    cells: list[str]
    right: bool


def shown_columns(
    table: pd.DataFrame, headings: Mapping[str, str] | None = None, formats: Formats | None = None
) -> list[ShownColumn]:
    """The columns of a table as people read them.

    Args:
      table: its columns are shown in their order.
      headings: column to the heading shown in its place; with it, only its columns are shown.
      formats: column to how a value is written; the others as `str`, floats with four digits.
    """
    headings = headings or {column: str(column) for column in table.columns}
    formats = formats or {}
    return [
        ShownColumn(
            heading,
            [
                "–" if pd.isna(value) else formats.get(column, _plain)(value)
                for value in table[column]
            ],
            column in formats or pd.api.types.is_numeric_dtype(table[column]),
        )
        for column, heading in headings.items()
    ]


def to_csv(table: pd.DataFrame) -> str:
    """CSV with a header row; fractions with six digits, what is missing left empty."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def to_markdown(
    table: pd.DataFrame, headings: Mapping[str, str] | None = None, formats: Formats | None = None
) -> str:
    """A pipe table, its columns padded to one width; arguments as `shown_columns` takes them."""
    columns = map(_padded, shown_columns(table, headings, formats))
    return "".join(f"| {' | '.join(row)} |\n" for row in zip(*columns, strict=True))


def to_latex(
    table: pd.DataFrame,
    headings: Mapping[str, str] | None = None,
    formats: Formats | None = None,
    *,
    caption: str,
    label: str,
) -> str:
    """A floating table for the package booktabs; arguments as `shown_columns` takes them.

    Args:
      caption: plain text.
      label: to refer to it by, letters, digits, `:` and `-`.
    """
    columns = shown_columns(table, headings, formats)
    frame = pd.DataFrame(dict(enumerate([in_latex(c) for c in column.cells] for column in columns)))
    frame.columns = [in_latex(column.heading) for column in columns]
    return frame.to_latex(
        index=False,
        escape=False,
        caption=in_latex(caption),
        label=label,
        column_format="".join("r" if column.right else "l" for column in columns),
    )


def in_latex(text: str) -> str:
    """Plain text as TeX reads it in text mode."""
    return text.translate(_LATEX)


def percent(value: float) -> str:
    """A fraction as a percentage with one digit, `12.3 %`."""
    return f"{100 * value:.1f} %"


def decimals(digits: int) -> Callable[[float], str]:
    """A format with that many digits after the point, and no minus before a zero.

    A million and more is written in powers of ten.
    """
    return lambda value: f"{value:.2e}" if abs(value) >= 1e6 else f"{value:z.{digits}f}"


def intervals(frame: pd.DataFrame, name: str, scale: float, digits: int) -> list[str | None]:
    """The intervals NAME_low to NAME_high, times `scale`; None where there is none."""
    ends = zip(scale * frame[f"{name}_low"], scale * frame[f"{name}_high"], strict=True)
    return [None if low != low else f"{low:.{digits}f} – {high:.{digits}f}" for low, high in ends]


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _padded(column: ShownColumn) -> list[str]:
    """Heading, rule and cells of a pipe table's column."""
    heading, *cells = (
        text.replace("|", "\\|").replace("\n", " ") for text in (column.heading, *column.cells)
    )
    width = max(3, len(heading), *map(len, cells), 3)
    justify = str.rjust if column.right else str.ljust
    rule = "-" * (width - 1) + (":" if column.right else "-")
    return [justify(heading, width), rule, *(justify(cell, width) for cell in cells)]
