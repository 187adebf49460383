"""A section of an evaluation as Markdown, beside the files it names."""

from collections.abc import Sequence

import pandas as pd

from tf_morph.evaluation import tables
from tf_morph.evaluation.sections import Section


def section_markdown(section: Section) -> str:
    """Heading, facts, notes, tables, figures, what was not run, and the protocol at the end."""
    blocks = [f"# {section.title}\n", _facts(section.facts), _list(section.notes)]
    for table in section.tables:
        shown = tables.to_markdown(*table.as_shown)
        blocks += [f"{table.caption}\n", shown]
    for figure in (*section.plots, *section.pictures):
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
