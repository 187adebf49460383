"""The page and the tables of a folder of heads."""

import io
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.reconstruction.face_files import PAGE_FILE, PICTURE_FILE
from tf_morph.reconstruction.journal import Done
from tf_morph.web_pages.document import document
from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import data_address

_SHOWN = 300  # heads with a picture; more would make the page too large
_MOST_SKIPPED = 200
_HEIGHT = 120  # pixels


def write_overview(out: Path, done: Sequence[Done], skipped: Sequence[tuple[str, str]]) -> None:
    """Writes `heads.csv`, a line a head, `skipped.csv`, and `index.html`, their page.

    Args:
      out: the folder of all heads.
      done: a photograph each.
      skipped: (path, reason) of files that were not even tried.

    Raises:
      OSError: they cannot be written.
    """
    heads = [
        {"folder": folder, "photograph": one.photograph.path, **figures}
        for one in done
        for folder, figures in zip(one.folders, one.figures, strict=True)
    ]
    skipped = [*skipped, *((one.photograph.path, one.reason) for one in done if one.reason)]
    _write_table(out / "heads.csv", pd.DataFrame(heads))
    _write_table(out / "skipped.csv", pd.DataFrame(skipped, columns=["photograph", "reason"]))
    with whole_file(out / "index.html") as temporary:
        temporary.write_text(_page(out, heads, skipped), encoding="utf-8")


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with whole_file(path) as temporary:
        table.to_csv(temporary, index=False)


def _page(out: Path, heads: Sequence[dict], skipped: Sequence[tuple[str, str]]) -> str:
    shown = [_head(out, head["folder"]) for head in heads[:_SHOWN]]
    left = len(heads) - len(shown)
    parts = (
        element("h1", f"{len(heads):,} heads"),
        *shown,
        element("p", f"and {left:,} more in heads.csv") if left > 0 else None,
        _skipped(skipped),
    )
    return document(f"{len(heads):,} heads", [element("main", *parts)], __package__, [])


def _head(out: Path, folder: str) -> Html:
    link = f"{quote(folder)}/{PAGE_FILE}" if (out / folder / PAGE_FILE).exists() else quote(folder)
    return element("a", element("p", folder), _thumbnail(out / folder / PICTURE_FILE), href=link)


def _thumbnail(path: Path) -> Html | None:
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (picture.width, _HEIGHT))
            width = round(picture.width * _HEIGHT / picture.height)
            small = picture.convert("RGB").resize((width, _HEIGHT), reducing_gap=2.0)
    except (OSError, ValueError, SyntaxError):  # it was not asked for, or is damaged
        return None
    coded = io.BytesIO()
    small.save(coded, "JPEG", quality=75)
    return element("img", src=data_address("image/jpeg", coded.getvalue()), alt="", class_="strip")


def _skipped(skipped: Sequence[tuple[str, str]]) -> Html | None:
    if not skipped:
        return None
    rows = [element("li", f"{path}: {reason}") for path, reason in skipped[:_MOST_SKIPPED]]
    left = len(skipped) - len(rows)
    more = element("p", f"and {left:,} more in skipped.csv") if left else None
    heading = element("h2", f"{len(skipped):,} photographs gave no head")
    return element("section", heading, element("ul", *rows), more)
