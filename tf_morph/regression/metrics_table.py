"""A table of numbers by step that outlives the process which writes it."""

import csv
from collections.abc import Mapping
from pathlib import Path

from tf_morph.atomic import whole_file

_STEP = "step"


class MetricsTable:
    """A CSV file, a row a logged step, written as training goes and cut back where it resumes."""

    def __init__(self, path: Path, first_step: int):
        """Takes up the table of a run that has made `first_step` steps, 0: none.

        Later rows are of steps that will be made again, and are dropped; the last row of a run that
        was killed may be half-written.
        """
        self._path = path
        self._columns, rows = _read(path)
        rows = [row for row in rows if int(row[0]) <= first_step]
        if rows:
            self._rewrite(rows)
        else:
            self._columns = []
            path.unlink(missing_ok=True)

    def append(self, step: int, values: Mapping[str, float]) -> None:
        """Adds a row; a value not seen before becomes a column, empty in earlier rows."""
        new = [name for name in (_STEP, *values) if name not in self._columns]
        if new:
            _, rows = _read(self._path)
            self._columns += new
            self._rewrite(rows)
        row = {_STEP: step} | {name: float(value) for name, value in values.items()}
        with open(self._path, "a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(
                [row.get(name, "") for name in self._columns]
            )

    def column(self, name: str) -> dict[int, float]:
        """The values of one column by step, where there are any."""
        return read_column(self._path, name)

    def _rewrite(self, rows: list[list[str]]) -> None:
        width = len(self._columns)
        with whole_file(self._path) as temporary, open(temporary, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self._columns)
            writer.writerows(row + [""] * (width - len(row)) for row in rows)


def read_column(path: Path, name: str) -> dict[int, float]:
    """The values of one column of a table by step, where there are any."""
    columns, rows = _read(path)
    if name not in columns:
        return {}
    index = columns.index(name)
    return {int(row[0]): float(row[index]) for row in rows if row[index]}


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Columns and rows as text, so that what is kept stays as it was to the last digit."""
    if not path.exists():
        return [], []
    whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    columns, *rows = csv.reader(whole) if whole else [[]]
    return columns, rows
