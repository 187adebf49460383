"""Photographs named by a file: a path a line, and after it who is on the photograph."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tf_morph.errors import InputError

COLUMNS = ("path", "identity")
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
LIST_SUFFIXES = tuple(_SEPARATORS)


def read_list(path: Path) -> list[tuple[str, Path]]:
    """(identity, path) of every line of a list, in its order.

    The two cells of a line are separated by a comma in .csv files and by a tab in .tsv and .txt
    files; a line `path,identity` in front may name them. Paths are relative to the list's folder.
    Without a second cell the person is the one the photograph's folder is named after, or for a
    file beside the list its own name, as `list_photographs` has it of folders.

    Raises:
      InputError: the list is no text, names nothing, a line has more cells or no path, or a path is
        in it twice.
    """
    lines: dict[Path, int] = {}
    named = []
    for number, written, identity in _rows(path):
        photograph = path.parent / written
        if photograph in lines:
            raise InputError(
                f"{path}, line {number}: {written} is in line {lines[photograph]} already"
            )
        lines[photograph] = number
        named.append((identity or _usual_identity(path, photograph), photograph))
    if not named:
        raise InputError(f"{path}: names no photograph; give a path a line")
    return named


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line's number, path, identity or "") of the lines that are not empty."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=_SEPARATORS[path.suffix.lower()], strict=True)
            for cells in reader:
                cells = [cell.strip() for cell in cells]
                if not any(cells) or (reader.line_num == 1 and _is_heading(cells)):
                    continue
                if len(cells) > len(COLUMNS) or not cells[0]:
                    raise InputError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells; wanted are a path "
                        "and, if need be, an identity"
                    )
                yield reader.line_num, cells[0], cells[1] if len(cells) > 1 else ""
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a list of photographs ({error})") from error


def _is_heading(cells: list[str]) -> bool:
    return tuple(cell.lower() for cell in cells) in (COLUMNS, COLUMNS[:1])


def _usual_identity(list_file: Path, photograph: Path) -> str:
    beside = photograph.parent == list_file.parent
    return photograph.name if beside else photograph.parent.name
