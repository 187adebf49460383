"""Files to keep, inside the page themselves, so that the page can be passed on alone."""

from collections.abc import Mapping
from pathlib import Path

from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import data_address

_TYPES = {
    "csv": "text/csv;charset=utf-8",
    "md": "text/markdown;charset=utf-8",
    "tex": "application/x-tex;charset=utf-8",
    "pdf": "application/pdf",
}
_LARGEST = 200_000  # bytes; larger files stay in the folder


def downloads(folder: Path, stem: str, kinds: Mapping[str, str]) -> Html | None:
    """Links to the files STEM.KIND there are.

    Args:
      kinds: suffix to what the link says.
    """
    links = [_link(folder / f"{stem}.{kind}", kind, words) for kind, words in kinds.items()]
    links = [link for link in links if link is not None]
    return element("p", *links, class_="files") if links else None


def _link(path: Path, kind: str, words: str) -> Html | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) > _LARGEST:
        return None
    name = f"{path.parent.name}_{path.name}"
    return element("a", words, href=data_address(_TYPES[kind], data), download=name)
