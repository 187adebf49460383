"""A section of an evaluation as files, which a report is later made from.

Of a table NAME.csv, NAME.md and NAME.tex; of a plot NAME.png and NAME.pdf; of a picture NAME.png;
of a head NAME.ply and, where its photograph is known, NAME_photograph.png. `section.md` is all of
it to be read, `section.json` its words and tables as the report's page takes them.
"""

import dataclasses
import io
import json
from pathlib import Path

import trimesh
from matplotlib.figure import Figure
from PIL import Image

from tf_morph.evaluation import tables
from tf_morph.evaluation.outputs import write_folder
from tf_morph.evaluation.plots import png
from tf_morph.evaluation.section_markdown import section_markdown
from tf_morph.evaluation.sections import Head, Section, Table

SECTION_JSON, SECTION_MARKDOWN = "section.json", "section.md"


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
            {f"{plot.name}.png": png(plot.figure), f"{plot.name}.pdf": _pdf(plot.figure)}
            for plot in section.plots
        ),
        *({f"{picture.name}.png": picture.png} for picture in section.pictures),
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
    """Everything of the section but numbers, drawings and meshes, which have files of their own."""
    named = {
        kind: [{"name": item.name, "caption": item.caption} for item in getattr(section, kind)]
        for kind in ("plots", "pictures", "heads")
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


def _pdf(figure: Figure) -> bytes:
    """The same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Producer": None})
    return buffer.getvalue()
