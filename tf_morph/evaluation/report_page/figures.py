"""Figures of the report."""

from pathlib import Path

from tf_morph.evaluation.report_page.downloads import downloads
from tf_morph.evaluation.report_page.prose import line
from tf_morph.evaluation.report_page.saved_section import Item
from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import PictureBudget

_WIDTH, _QUALITY = 1800, 84


def figure(
    folder: Path, item: Item, number: int, budget: PictureBudget, *, is_drawing: bool
) -> Html | None:
    """A picture or plot with its number and caption, larger at a click; None where it cannot be
    read or no longer fits into the page.

    Args:
      is_drawing: a plot, whose lines stay sharp; else photographs and renderings.
    """
    path = folder / f"{item.name}.png"
    address = budget.embed_drawing(path) if is_drawing else budget.embed(path, _WIDTH, _QUALITY)
    if address is None:
        return None
    picture = element(
        "button",
        element("img", src=address, alt=item.caption, loading="lazy"),
        type="button",
        class_="zoom",
        title="larger",
    )
    caption = element(
        "figcaption",
        element("p", element("b", f"Figure {number}. "), line(item.caption)),
        downloads(folder, item.name, {"pdf": "PDF"}) if is_drawing else None,
        class_="caption",
    )
    kind = "plot" if is_drawing else "picture"
    return element("figure", picture, caption, class_=f"figure {kind}", id=f"figure-{number}")
