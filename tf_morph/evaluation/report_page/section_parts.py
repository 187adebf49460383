"""One section of the report as HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image

from tf_morph.evaluation.report_page.figures import figure
from tf_morph.evaluation.report_page.prose import line, prose
from tf_morph.evaluation.report_page.saved_section import Item, SavedSection
from tf_morph.evaluation.report_page.tables import report_table
from tf_morph.evaluation.section_files import photograph_file
from tf_morph.web_pages.heads import HeadViewers, read_mesh
from tf_morph.web_pages.markup import Html, element, joined
from tf_morph.web_pages.pictures import PictureBudget
from tf_morph.web_pages.tables import facts_table

_PHOTOGRAPH_WIDTH = 320
_TALL = 0.75  # height over width


@dataclass
class Numbering:
    """What runs through the whole page: numbers of tables and figures, bytes, heads."""

    budget: PictureBudget
    heads: HeadViewers
    tables: int = 0
    figures: int = 0
    left_out: list[str] = field(default_factory=list)


def section_html(section: SavedSection, page: Numbering) -> Html:
    """Heading, protocol and data, notes, heads, pictures, tables, plots; tall pictures, such as
    sheets of many people, come last."""
    wide = [item for item in section.pictures if not _is_tall(section, item)]
    tall = [item for item in section.pictures if _is_tall(section, item)]
    return element(
        "section",
        element("h2", section.title),
        _protocol(section),
        *(element("p", line(note)) for note in section.notes),
        _heads(section, page),
        *_figures(section, wide, page, is_drawing=False),
        *_tables(section, page),
        *_figures(section, section.plots, page, is_drawing=True),
        *_figures(section, tall, page, is_drawing=False),
        _not_run(section),
        id=section.name,
    )


def _protocol(section: SavedSection) -> Html | None:
    if not (section.protocol or section.facts):
        return None
    return element(
        "details",
        element("summary", "Protocol and data"),
        element("div", prose(section.protocol), class_="prose"),
        element("div", facts_table(section.facts), class_="scroll") if section.facts else None,
        class_="protocol",
    )


def _tables(section: SavedSection, page: Numbering) -> Iterator[Html]:
    for table in section.tables:
        page.tables += 1
        yield report_table(section.folder, table, page.tables)


def _figures(
    section: SavedSection, items: Sequence[Item], page: Numbering, *, is_drawing: bool
) -> Iterator[Html]:
    for item in items:
        made = figure(section.folder, item, page.figures + 1, page.budget, is_drawing=is_drawing)
        if made is None:
            page.left_out.append(f"{section.name}/{item.name}.png")
            continue
        page.figures += 1
        yield made


def _is_tall(section: SavedSection, item: Item) -> bool:
    try:
        with Image.open(section.folder / f"{item.name}.png") as picture:
            return picture.height > _TALL * picture.width
    except (OSError, ValueError, SyntaxError):  # Pillow's, of files cut off or damaged
        return False


def _heads(section: SavedSection, page: Numbering) -> Html | None:
    cards = [card for card in (_head(section, item, page) for item in section.heads) if card]
    if not cards:
        return None
    button = element(
        "button", "Shape alone", type="button", aria_pressed="false", data_heads_colour=True
    )
    note = element("span", "Drag a head, or use the arrow keys; a double click turns it back.")
    return element(
        "div",
        element("div", note, button, class_="heads-note"),
        element("div", *cards, class_="heads"),
    )


def _head(section: SavedSection, item: Item, page: Numbering) -> Html | None:
    mesh = read_mesh(section.folder / f"{item.name}.ply")
    viewer = page.heads.viewer(mesh, item.caption)
    if viewer is None:
        page.left_out.append(f"{section.name}/{item.name}.ply")
        return None
    path = section.folder / photograph_file(item.name)
    address = page.budget.embed(path, _PHOTOGRAPH_WIDTH, 88) if path.exists() else None
    photograph = (
        element("img", src=address, alt=f"photograph: {item.caption}", class_="photograph")
        if address
        else None
    )
    caption = element("figcaption", line(item.caption))
    return element("figure", element("div", photograph, viewer), caption, class_="card")


def _not_run(section: SavedSection) -> Html | None:
    if not section.not_run:
        return None
    rows = (element("li", line(reason)) for reason in section.not_run)
    return joined((element("h3", "Not run"), element("ul", *rows)))
