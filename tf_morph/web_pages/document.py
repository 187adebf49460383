"""The document around a page's content."""

import functools
from collections.abc import Sequence
from importlib import resources

from tf_morph.web_pages.markup import Html, element

# Nothing is fetched, whatever a name or description in the folder holds.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_ASKS_SERVER = "; connect-src 'self'"
_STYLE = "style.css"


def document(
    title: str,
    parts: Sequence[Html | None],
    package: str,
    scripts: Sequence[str | Html],
    *,
    asks_server: bool = False,
) -> str:
    """A whole page.

    Args:
      title: plain text.
      parts: of its body, None left out.
      package: whose `style.css` follows the style shared by all pages.
      scripts: in their order: names of files in `package`, or scripts themselves.
      asks_server: whether scripts may ask the server that the page comes from.
    """
    policy = POLICY + _ASKS_SERVER if asks_server else POLICY
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(resource(__package__, _STYLE) + resource(package, _STYLE))),
    )
    written = (s if isinstance(s, Html) else resource(package, s) for s in scripts)
    body = element("body", *parts, element("script", Html("".join(written))))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


@functools.cache
def resource(package: str, name: str) -> str:
    """The text of a file that comes with a package."""
    return (resources.files(package) / name).read_text(encoding="utf-8")
