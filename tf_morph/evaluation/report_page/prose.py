"""Markdown as HTML; HTML in it is text."""

import functools

from markdown_it import MarkdownIt

from tf_morph.web_pages.markup import Html


def prose(text: str) -> Html:
    """Paragraphs, lists, tables."""
    return Html(_reader().render(text))


def line(text: str) -> Html:
    """One line of it: emphasis, code, links."""
    return Html(_reader().renderInline(text))


@functools.cache
def _reader() -> MarkdownIt:
    # Nothing is fetched, so pictures are none.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
