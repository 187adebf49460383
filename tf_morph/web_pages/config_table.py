"""What was run, field by field."""

import ml_collections

from tf_morph.config import flat_config
from tf_morph.web_pages.markup import Html, element, joined


def config_tables(config: ml_collections.ConfigDict, defaults: ml_collections.ConfigDict) -> Html:
    """The fields that differ from the defaults, and, folded away, all of them."""
    values, usual = flat_config(config), flat_config(defaults)
    changed = [name for name in values if name not in usual or values[name] != usual[name]]
    return joined(
        (
            element(
                "details",
                element("summary", f"{len(changed)} fields that differ from the defaults"),
                _table(changed, values, usual),
                open=True,
            ),
            element(
                "details",
                element("summary", f"All {len(values)} fields"),
                _table(sorted(values), values, usual),
            ),
        )
    )


def _table(names, values: dict, usual: dict) -> Html:
    rows = []
    for name in names:
        differs = name not in usual or values[name] != usual[name]
        default = repr(usual[name]) if name in usual else "none"
        rows.append(
            element(
                "tr",
                element("th", name, scope="row"),
                element("td", element("mark", repr(values[name])))
                if differs
                else element("td", repr(values[name])),
                element("td", default),
            )
        )
    head = element("tr", *(element("th", h, scope="col") for h in ("field", "value", "default")))
    table = element("table", element("thead", head), element("tbody", *rows), class_="fields")
    return element("div", table, class_="scroll")
