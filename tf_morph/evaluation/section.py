"""A section of the report: what a suite finds, and the files it is kept in."""

import contextlib
import dataclasses
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import trimesh
from matplotlib.figure import Figure
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation import tables
from tf_morph.evaluation.plots import pdf, png

SECTION_JSON, SECTION_MARKDOWN = "section.json", "section.md"


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
class ImageFile:
    """One image, the bytes of a PNG file; `name` is the stem of its file."""

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
      photograph: [S, S, 3] uint8 sRGB that it was predicted for, if it was.
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
      protocol: Markdown: gallery, probes, crop, view, network and layer, ties, averages.
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
    images: tuple[ImageFile, ...] = ()
    heads: tuple[Head, ...] = ()
    notes: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


def write_outputs(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Writes `files` (name to content) into `folder`, which is made if need be.

    All are first written in full beside it and then moved in, in their order, so that neither a
    failure nor a full disk leaves half a file or destroys an older evaluation. Other files in the
    folder stay.

    Raises:
      InputError: the folder cannot be written.
    """
    with _writing(folder), _staged(folder, files) as staging:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            os.replace(staging / name, folder / name)


def write_folder(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Makes `folder` one that holds `files` (name to content) and nothing else.

    It is written in full beside it and takes its place; after a failure the folder is as it was.

    Raises:
      InputError: the folder cannot be written.
    """
    with _writing(folder), _staged(folder, files) as staging:
        older = staging.with_name(f"{staging.name}-older")
        if folder.exists():
            os.replace(folder, older)
        try:
            shutil.copymode(folder.parent, staging)  # a temporary folder's is the owner's alone
            os.replace(staging, folder)
        except OSError:
            if older.exists():
                os.replace(older, folder)
            raise
        shutil.rmtree(older, ignore_errors=True)


@contextlib.contextmanager
def _staged(folder: Path, files: Mapping[str, bytes | str]) -> Iterator[Path]:
    """A folder beside `folder` with the files in it, gone at the end if it is still there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".evaluation-"))
    try:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (staging / name).write_bytes(data)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); free it") from error


def section_markdown(section: Section) -> str:
    """Heading, facts, notes, tables, figures, what was not run, and the protocol at the end."""
    blocks = [f"# {section.title}\n", _facts(section.facts), _list(section.notes)]
    for table in section.tables:
        shown = tables.to_markdown(*table.as_shown)
        blocks += [f"{table.caption}\n", shown]
    for figure in (*section.plots, *section.images):
        blocks.append(f"![{figure.caption}]({figure.name}.png)\n\n*{figure.caption}*\n")
    if section.heads:
        heads = [f"[{head.name}.ply]({head.name}.ply): {head.caption}" for head in section.heads]
        blocks += ["## Heads\n", _list(heads)]
    if section.not_run:
        blocks += ["## Not run\n", _list(section.not_run)]
    blocks += ["## Protocol\n", f"{section.protocol.strip()}\n"]
    return "\n".join(block for block in blocks if block)


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    return tables.to_markdown(pd.DataFrame(rows, columns=["what", "value"], dtype=str))


def _list(lines: Sequence[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def write_section(folder: Path, section: Section) -> None:
    """Writes a section as `folder`, which then holds nothing else; whole or as it was before.

    Raises:
      InputError: the folder cannot be written.
      ValueError: two of the section's tables, figures and heads have a file of one name.
    """
    write_folder(folder, section_files(section))


def section_files(section: Section) -> dict[str, bytes]:
    """The files of a section, name to content; `ValueError` as `write_section` raises it."""
    groups = [
        {SECTION_JSON: json.dumps(_words(section), indent=1, ensure_ascii=False)},
        {SECTION_MARKDOWN: section_markdown(section)},
        *(_table_files(table, section.name) for table in section.tables),
        *(
            {f"{plot.name}.png": png(plot.figure), f"{plot.name}.pdf": pdf(plot.figure)}
            for plot in section.plots
        ),
        *({f"{image.name}.png": image.png} for image in section.images),
        *(_head_files(head) for head in section.heads),
    ]
    files = {}
    for group in groups:
        if twice := files.keys() & group.keys():
            raise ValueError(f"section {section.name!r} has {sorted(twice)} twice")
        files |= group
    return {name: c.encode() if isinstance(c, str) else c for name, c in files.items()}


def photograph_file(head: str) -> str:
    """The file of the photograph of a head of that name."""
    return f"{head}_photograph.png"


def _words(section: Section) -> dict:
    """Everything of the section but numbers, images and meshes, which have files of their own."""
    named = {
        kind: [{"name": item.name, "caption": item.caption} for item in getattr(section, kind)]
        for kind in ("plots", "images", "heads")
    }
    plain = {
        field.name: getattr(section, field.name)
        for field in dataclasses.fields(section)
        if field.name not in named and field.name != "tables"
    }
    return {**plain, "tables": [_shown(table) for table in section.tables], **named}


def _shown(table: Table) -> dict:
    columns = tables.shown_columns(*table.as_shown)
    return {
        "name": table.name,
        "caption": table.caption,
        "columns": [column._asdict() for column in columns],
    }


def _table_files(table: Table, section: str) -> dict[str, str]:
    label = f"tab:{section}-{table.name}".replace("_", "-")
    return {
        f"{table.name}.csv": tables.to_csv(table.frame),
        f"{table.name}.md": tables.to_markdown(*table.as_shown),
        f"{table.name}.tex": tables.to_latex(*table.as_shown, caption=table.caption, label=label),
    }


def _head_files(head: Head) -> dict[str, bytes]:
    mesh = trimesh.Trimesh(head.vertices, head.triangles, vertex_colors=head.colors, process=False)
    files = {f"{head.name}.ply": mesh.export(file_type="ply")}
    if head.photograph is not None:
        buffer = io.BytesIO()
        Image.fromarray(head.photograph).save(buffer, format="PNG")
        files[photograph_file(head.name)] = buffer.getvalue()
    return files
