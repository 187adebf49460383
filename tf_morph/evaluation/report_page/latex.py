"""The report as a LaTeX document."""

from collections.abc import Sequence

from tf_morph.evaluation.report_page.saved_section import SavedSection
from tf_morph.evaluation.tables import in_latex

_BEGIN = (
    "% pdflatex report.tex, in this folder\n"
    "\\documentclass{article}\n"
    "\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n"
    "\\usepackage[margin=2cm,landscape]{geometry}\n"
    "\\usepackage{booktabs,graphicx}\n"
    "\\setkeys{Gin}{width=.8\\linewidth,height=.8\\textheight,keepaspectratio}\n"
    "\\usepackage[section]{placeins}\n"
)


def latex_report(title: str, sections: Sequence[SavedSection]) -> str:
    """A document that includes tables and figures from the sections' folders."""
    body = "".join(_section(section) for section in sections)
    return (
        f"{_BEGIN}\\title{{{in_latex(title)}}}\n\\date{{}}\n"
        f"\\begin{{document}}\n\\maketitle\n{body}\\end{{document}}\n"
    )


def _section(section: SavedSection) -> str:
    folder = section.folder.name
    parts = [f"\n\\section{{{in_latex(section.title)}}}\n"]
    parts += [f"\\input{{{folder}/{table.name}}}\n" for table in section.tables]
    parts += [_figure(f"{folder}/{plot.name}.pdf", plot.caption) for plot in section.plots]
    parts += [_figure(f"{folder}/{item.name}.png", item.caption) for item in section.pictures]
    if section.not_run:
        rows = "".join(f"  \\item {in_latex(reason)}\n" for reason in section.not_run)
        parts.append(f"Not run:\n\\begin{{itemize}}\n{rows}\\end{{itemize}}\n")
    return "".join(parts)


def _figure(path: str, caption: str) -> str:
    return (
        "\\begin{figure}\n  \\centering\n"
        f"  \\includegraphics{{{path}}}\n"
        f"  \\caption{{{in_latex(caption)}}}\n\\end{{figure}}\n"
    )
