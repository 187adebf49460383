"""A section of an evaluation as its files hold it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_morph.evaluation.section_files import SECTION_JSON
from tf_morph.evaluation.tables import ShownColumn


@dataclass(frozen=True)
class Item:
    """A table, plot, picture or head: the stem of its files, one sentence, and of a table its
    columns."""

    name: str
    caption: str
    columns: tuple[ShownColumn, ...] = ()


@dataclass(frozen=True)
class SavedSection:
    """The words and tables of a `sections.Section`, and the folder of its files."""

    folder: Path
    name: str
    title: str
    protocol: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Item, ...]
    plots: tuple[Item, ...]
    pictures: tuple[Item, ...]
    heads: tuple[Item, ...]
    notes: tuple[str, ...]
    not_run: tuple[str, ...]

    @property
    def was_run(self) -> bool:
        """Whether there is anything but words on what was not run."""
        return bool(self.tables or self.plots or self.pictures or self.heads)


def read_sections(folder: Path, order: Sequence[str] = ()) -> list[SavedSection]:
    """The sections in an evaluation's folder; those that cannot be read are left out.

    Args:
      order: names that come first; then the others by name.
    """
    paths = folder.glob(f"*/{SECTION_JSON}")
    found = [section for section in map(_read, paths) if section is not None]
    rank = {name: position for position, name in enumerate(order)}
    return sorted(found, key=lambda section: (rank.get(section.name, len(rank)), section.name))


def _read(path: Path) -> SavedSection | None:
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        return SavedSection(
            folder=path.parent,
            name=path.parent.name,
            title=str(words["title"]),
            protocol=str(words["protocol"]),
            facts=tuple((str(what), str(value)) for what, value in words["facts"]),
            tables=tuple(map(_table, words["tables"])),
            plots=_items(words["plots"]),
            pictures=_items(words["pictures"]),
            heads=_items(words["heads"]),
            notes=tuple(map(str, words["notes"])),
            not_run=tuple(map(str, words["not_run"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _items(entries: list[dict]) -> tuple[Item, ...]:
    return tuple(Item(str(entry["name"]), str(entry["caption"])) for entry in entries)


def _table(entry: dict) -> Item:
    columns = tuple(
        ShownColumn(str(c["heading"]), [str(cell) for cell in c["cells"]], bool(c["right"]))
        for c in entry["columns"]
    )
    return Item(str(entry["name"]), str(entry["caption"]), columns)
