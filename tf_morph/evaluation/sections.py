"""What a suite of the evaluation finds out: tables, figures, faces, and how they came about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
      name: stem of its files.
      caption: one sentence.
      frame: the numbers as they are, fractions as fractions.
      headings: column to the heading shown in its place; with it, only its columns are shown.
      formats: column to how a value is written; see `tables.to_markdown`.
      shown: what headings and formats are of, where it has columns of its own, such as a mean and
        its deviation in one; else `frame`.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    headings: Mapping[str, str] | None = None
    formats: Mapping[str, Callable[[object], str]] | None = None
    shown: pd.DataFrame | None = None

    @property
    def as_shown(self) -> tuple:
        """Frame, headings and formats, as the functions of tables.py take them."""
        return (self.frame if self.shown is None else self.shown, self.headings, self.formats)


@dataclass(frozen=True)
class Plot:
    """One figure; `name` is the stem of its files."""

    name: str
    caption: str
    figure: Figure


@dataclass(frozen=True)
class Picture:
    """One picture, the bytes of a PNG file; `name` is the stem of its file."""

    name: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Head:
    """A head to turn.

    Attributes:
      name: stem of its files.
      caption: one sentence.
      vertices: [V, 3] mm, +Y up, +Z out of the face.
      colors: [V, 3] uint8 sRGB.
      triangles: int32 [T, 3].
      photograph: [S, S, 3] uint8 sRGB that it was read from, if it was.
    """

    name: str
    caption: str
    vertices: np.ndarray
    colors: np.ndarray
    triangles: np.ndarray
    photograph: np.ndarray | None = None


@dataclass(frozen=True)
class Section:
    """What one suite has to say.

    Attributes:
      name: of the suite, and of its folder in the run's `evaluation`.
      title: a heading.
      protocol: Markdown: gallery, queries, crop, view, network and layer, ties, averages.
      facts: (what, value) rows: on what it was run.
      notes: what is to be known beside the tables, a sentence each.
      not_run: what the suite would do with data that are not there, a sentence each.
    """

    name: str
    title: str
    protocol: str
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    pictures: tuple[Picture, ...] = ()
    heads: tuple[Head, ...] = ()
    notes: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
