"""HTML put together from elements, so that no text of the user's can become markup."""

import html
import json

_VOID = {"br", "hr", "img", "input", "link", "meta"}


class Html(str):
    """Text that is HTML already."""


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """One element.

    Args:
      name: such as "p".
      children: `Html` as it is; anything else is written as text, escaped; None is left out.
      attributes: by name, `_` for `-` and at the end left out (`class_`, `data_step`); True is an
        attribute without a value, None and False leave it out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts) -> Html:
    """Elements and texts one after the other, None left out."""
    return Html("".join(_escaped(part) for part in parts if part is not None))


def json_script(identifier: str, content: object) -> Html:
    """Data for a script to read; cannot end its element, whatever it holds."""
    text = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return element("script", Html(text), type="application/json", id=identifier)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{html.escape(str(value))}"'


def _escaped(part: object) -> str:
    return part if isinstance(part, Html) else html.escape(str(part))
