"""Tables as CSV for machines and as Markdown for people."""

from collections.abc import Callable, Mapping

import pandas as pd


def to_csv(table: pd.DataFrame) -> str:
    """CSV with a header row; fractions with six digits, what is missing left empty."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def to_markdown(
    table: pd.DataFrame,
    headings: Mapping[str, str] | None = None,
    formats: Mapping[str, Callable[[object], str]] | None = None,
) -> str:
    """A pipe table, its columns padded to one width, numbers to the right.

    Args:
      table: its columns are shown in their order.
      headings: column to the heading shown in its place; with it, only its columns are shown.
      formats: column to how a value is written; the others as `str`, floats with four digits.
    """
    headings = headings or {column: column for column in table.columns}
    formats = formats or {}
    columns = []
    for column, heading in headings.items():
        values = table[column]
        cells = [_cell(value, formats.get(column, _plain)) for value in values]
        width = max(3, len(_escape(heading)), *(len(cell) for cell in cells), 3)
        right = column in formats or pd.api.types.is_numeric_dtype(values)
        justify = str.rjust if right else str.ljust
        rule = "-" * (width - 1) + (":" if right else "-")
        columns.append(
            [justify(_escape(heading), width), rule, *(justify(c, width) for c in cells)]
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in zip(*columns, strict=True))


def percent(value: float) -> str:
    """A fraction as a percentage with one digit, `12.3 %`."""
    return f"{100 * value:.1f} %"


def decimals(digits: int) -> Callable[[float], str]:
    """A format with that many digits after the point, and no minus before a zero.

    A million and more is written in powers of ten.
    """
    return lambda value: f"{value:.2e}" if abs(value) >= 1e6 else f"{value:z.{digits}f}"


def _cell(value: object, write: Callable[[object], str]) -> str:
    return "–" if pd.isna(value) else _escape(write(value))


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
