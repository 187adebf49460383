"""The report: what stands where."""

import time
from pathlib import Path

from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.evaluation.report_page.latex import latex_report
from tf_morph.evaluation.report_page.prose import line
from tf_morph.evaluation.report_page.saved_section import SavedSection, read_sections
from tf_morph.evaluation.report_page.section_parts import Numbering, section_html
from tf_morph.evaluation.section_files import SECTION_JSON
from tf_morph.regression.default_config import default_config
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page.facts import read_facts, read_versions
from tf_morph.web_pages.config_table import config_tables
from tf_morph.web_pages.document import document
from tf_morph.web_pages.heads import HeadViewers, viewer_script
from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import PictureBudget
from tf_morph.web_pages.tables import facts_table

REPORT, LATEX = "report.html", "report.tex"
_ORDER = ("run", "mofa", "lfw", "folder", "emd", "micc", "now", "stress", "pooling")
_PICTURE_BYTES = 12_000_000  # of all pictures, as written in the page
_PAPER = (
    "Genova et al., “Unsupervised Training for 3D Morphable Model Regression” (CVPR 2018, "
    "arXiv 1806.06098)"
)


def write_report(evaluation_folder: Path, workdir: str | Path) -> Path:
    """Makes `report.html` and `report.tex` in an evaluation's folder, whole or not at all.

    The page is made from the folders that `write_section` left there and holds everything; the
    LaTeX document includes the sections' tables and figures where they lie. What is missing or
    cannot be read is left out.

    Args:
      evaluation_folder: with a folder a section.
      workdir: the run's folder.

    Returns:
      The page's path.

    Raises:
      InputError: `workdir` is no run's folder, or the report cannot be written.
    """
    run = RunFolder(workdir)
    sections = read_sections(evaluation_folder, _ORDER)
    title = run.read_config().description or run.path.resolve().name
    files = {LATEX: latex_report(title, sections), REPORT: _page(title, run, sections)}
    for name, text in files.items():
        path = evaluation_folder / name
        try:
            with whole_file(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); free it") from error
    return evaluation_folder / REPORT


def _page(title: str, run: RunFolder, sections: list[SavedSection]) -> str:
    page = Numbering(PictureBudget(_PICTURE_BYTES), HeadViewers())
    done = [section for section in sections if section.was_run]
    bodies = [section_html(section, page) for section in done]
    closing = [
        ("not-run", "Not run", _not_run(sections, page)),
        ("config", "Config", config_tables(run.read_config(), default_config())),
        ("versions", "Versions", _versions(run)),
    ]
    closing = [part for part in closing if part[2] is not None]
    entries = [(section.name, section.title) for section in done]
    entries += [(name, heading) for name, heading, _ in closing]
    parts = (
        _header(title, run, sections),
        _contents(entries),
        element("main", *bodies, *(_closing(*part) for part in closing)),
        element("dialog", element("img", alt=""), id="larger"),
    )
    return document(f"Evaluation: {title}", parts, __package__, ("report.js", viewer_script()))


def _header(title: str, run: RunFolder, sections: list[SavedSection]) -> Html:
    written = [(s.folder / SECTION_JSON).stat().st_mtime for s in sections]
    when = time.strftime("%d %B %Y", time.gmtime(max(written))) if written else ""
    return element(
        "header",
        element("p", "Evaluation report", class_="kind"),
        element("h1", title),
        element("p", f"The experiments of {_PAPER}, on a run of tf_morph. {when}", class_="note"),
        element("div", facts_table(read_facts(run)), class_="scroll"),
    )


def _contents(entries: list[tuple[str, str]]) -> Html:
    rows = (element("li", element("a", words, href=f"#{name}")) for name, words in entries)
    return element("nav", element("p", "Contents"), element("ol", *rows), aria_label="Contents")


def _closing(name: str, heading: str, content: Html) -> Html:
    return element("section", element("h2", heading), content, id=name)


def _not_run(sections: list[SavedSection], page: Numbering) -> Html | None:
    """What the suites would do with data that are not there, and what the page has no room for."""
    rows = [
        element("li", element("b", f"{section.title}: "), line(reason))
        for section in sections
        for reason in section.not_run
    ]
    if page.left_out:
        names = ", ".join(page.left_out)
        rows.append(element("li", f"In the folder, not on this page (size or damage): {names}."))
    return element("ul", *rows) if rows else None


def _versions(run: RunFolder) -> Html | None:
    versions = read_versions(run)
    return facts_table(versions) if versions else None
