"""The report of a run's evaluation: one HTML page, made from the sections in its folder."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.evaluation.section import SECTION_JSON, photograph_file
from tf_morph.evaluation.suites import SUITES
from tf_morph.regression.default_config import default_config
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page.facts import read_facts, read_versions
from tf_morph.web_pages.config_table import config_tables
from tf_morph.web_pages.document import POLICY, resource
from tf_morph.web_pages.heads import HeadViewers, read_mesh, viewer_script
from tf_morph.web_pages.pictures import PictureBudget, data_address
from tf_morph.web_pages.tables import facts_table

REPORT = "report.html"
_IMAGE_BYTES = 12_000_000  # of all images, as written in the page
_LARGEST_FILE = 200_000  # bytes; larger files stay in the folder
_WIDTH, _QUALITY, _PHOTOGRAPH_WIDTH = 1800, 84, 320
_TALL = 0.75  # height over width
_TYPES = {
    "csv": ("CSV", "text/csv;charset=utf-8"),
    "md": ("Markdown", "text/markdown;charset=utf-8"),
    "tex": ("LaTeX", "application/x-tex;charset=utf-8"),
    "pdf": ("PDF", "application/pdf"),
}
# What cannot be read, of files that are missing, cut off or damaged: Pillow's errors and json's.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, SyntaxError)
# HTML in Markdown is text, and nothing is fetched, so that images are none.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def write_report(evaluation_folder: Path, workdir: str | Path) -> Path:
    """Makes `report.html` in an evaluation's folder, whole or not at all.

    It is made from the folders that `write_section` left there and holds everything. What is
    missing or cannot be read is left out.

    Args:
      evaluation_folder: with a folder a section.
      workdir: the run's folder.

    Returns:
      The page's path.

    Raises:
      InputError: `workdir` is no run's folder, or the page cannot be written.
    """
    run, path = RunFolder(workdir), evaluation_folder / REPORT
    page = _page(run, _Sections(evaluation_folder))
    try:
        with whole_file(path) as temporary:
            temporary.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); free it") from error
    return path


def _page(run: RunFolder, sections: "_Sections") -> str:
    config = run.read_config()
    shown = [sections.shown(saved) for saved in sections.saved if _was_run(saved)]
    versions = read_versions(run)
    closing = [
        ("not-run", "Not run", _not_run(sections)),
        ("config", "Config", Markup(config_tables(config, default_config()))),
        ("versions", "Versions", Markup(facts_table(versions)) if versions else None),
    ]
    written = [(s["folder"] / SECTION_JSON).stat().st_mtime for s in sections.saved]
    return _template().render(
        title=config.description or run.path.resolve().name,
        date=time.strftime("%d %B %Y", time.gmtime(max(written))) if written else "",
        facts=read_facts(run),
        sections=shown,
        closing=[part for part in closing if part[2]],
        policy=POLICY,
        shared_style=Markup(resource("tf_morph.web_pages", "style.css")),
        viewer_script=Markup(viewer_script()),
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["prose"] = lambda text: Markup(_MARKDOWN.render(text))
    environment.filters["line"] = _line
    return environment.get_template("report.html")


def _line(text: str) -> Markup:
    """One line of Markdown: emphasis, code, links."""
    return Markup(_MARKDOWN.renderInline(text))


def _was_run(section: Mapping) -> bool:
    return any(section[kind] for kind in ("tables", "plots", "images", "heads"))


def _not_run(sections: "_Sections") -> Markup | None:
    """What the suites would do with data that are not there, and what the page has no room for."""
    rows = [
        Markup("<b>{}: </b>{}").format(saved["title"], _line(reason))
        for saved in sections.saved
        for reason in saved["not_run"]
    ]
    if sections.left_out:
        names = ", ".join(sections.left_out)
        rows.append(escape(f"In the folder, not on this page (size or damage): {names}."))
    items = Markup("").join(Markup("<li>{}</li>").format(row) for row in rows)
    return Markup("<ul>{}</ul>").format(items) if rows else None


class _Sections:
    """The sections in a folder; what runs through the whole page: numbers, bytes, heads.

    Attributes:
      saved: what `section.json` holds of each that can be read, in the order of the registry, the
        others after them by name; `folder` is where its files are.
      left_out: files that cannot be read, or for which there is no room.
    """

    def __init__(self, folder: Path):
        found = [saved for path in folder.glob(f"*/{SECTION_JSON}") if (saved := _read(path))]
        rank = {name: position for position, name in enumerate(SUITES)}
        self.saved = sorted(found, key=lambda s: (rank.get(s["name"], len(rank)), s["name"]))
        self.left_out: list[str] = []
        self._budget, self._heads = PictureBudget(_IMAGE_BYTES), HeadViewers()
        self._tables = self._figures = 0

    def shown(self, saved: Mapping) -> dict:
        """A section as the template takes it; tall images, such as sheets of many people, come
        last."""
        folder = saved["folder"]
        heads = list(filter(None, (self._head(folder, item) for item in saved["heads"])))
        tall = [_is_tall(folder / f"{item['name']}.png") for item in saved["images"]]
        wide = [i for i, late in zip(saved["images"], tall, strict=True) if not late]
        late = [i for i, late in zip(saved["images"], tall, strict=True) if late]
        return {
            **saved,
            "heads": heads,
            "wide": self._all_figures(folder, wide, "picture"),
            "tables": [self._table(folder, table) for table in saved["tables"]],
            "plots": self._all_figures(folder, saved["plots"], "plot"),
            "tall": self._all_figures(folder, late, "picture"),
        }

    def _table(self, folder: Path, table: Mapping) -> dict:
        self._tables += 1
        rows = list(zip(*(column["cells"] for column in table["columns"]), strict=True))
        links = _links(folder, table["name"], ("csv", "md", "tex"))
        return {**table, "rows": rows, "number": self._tables, "links": links}

    def _all_figures(self, folder: Path, items: Sequence[Mapping], kind: str) -> list[dict]:
        return list(filter(None, (self._figure(folder, item, kind) for item in items)))

    def _figure(self, folder: Path, item: Mapping, kind: str) -> dict | None:
        path = folder / f"{item['name']}.png"
        if kind == "plot":  # its lines stay sharp
            address = self._budget.embed_drawing(path)
        else:
            address = self._budget.embed(path, _WIDTH, _QUALITY)
        if address is None:
            self.left_out.append(f"{folder.name}/{path.name}")
            return None
        self._figures += 1
        links = _links(folder, item["name"], ("pdf",)) if kind == "plot" else []
        made = {"number": self._figures, "kind": kind, "address": address, "links": links}
        return {**item, **made}

    def _head(self, folder: Path, item: Mapping) -> dict | None:
        viewer = self._heads.viewer(read_mesh(folder / f"{item['name']}.ply"), item["caption"])
        if viewer is None:
            self.left_out.append(f"{folder.name}/{item['name']}.ply")
            return None
        path = folder / photograph_file(item["name"])
        photograph = self._budget.embed(path, _PHOTOGRAPH_WIDTH, 88) if path.exists() else None
        return {**item, "viewer": Markup(viewer), "photograph": photograph}


def _read(path: Path) -> dict | None:
    """What a section's file holds, checked as far as the page relies on it."""
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        items = {
            kind: [{"name": str(i["name"]), "caption": str(i["caption"])} for i in words[kind]]
            for kind in ("plots", "images", "heads", "tables")
        }
        for item, table in zip(items["tables"], words["tables"], strict=True):
            item["columns"] = [
                {
                    "heading": str(c["heading"]),
                    "cells": [*map(str, c["cells"])],
                    "right": c["right"],
                }
                for c in table["columns"]
            ]
        return {
            "folder": path.parent,
            "name": path.parent.name,
            "title": str(words["title"]),
            "protocol": str(words["protocol"]),
            "facts": [(str(what), str(value)) for what, value in words["facts"]],
            "notes": [*map(str, words["notes"])],
            "not_run": [*map(str, words["not_run"])],
            **items,
        }
    except _UNREADABLE:
        return None


def _links(folder: Path, stem: str, kinds: Sequence[str]) -> list[dict]:
    """The files STEM.KIND there are, inside the page themselves: it can be passed on alone."""
    found = []
    for kind in kinds:
        words, media_type = _TYPES[kind]
        path = folder / f"{stem}.{kind}"
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
            address = data_address(media_type, path.read_bytes())
            found.append({"address": address, "name": f"{folder.name}_{path.name}", "words": words})
    return found


def _is_tall(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.height > _TALL * image.width
    except _UNREADABLE:
        return False
