"""The course of one number over a run's steps, as an SVG drawing."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from tf_morph.regression.run_page.axis import Axis, value_axis
from tf_morph.regression.run_page.numbers import thinned
from tf_morph.web_pages.markup import Html, element, joined
from tf_morph.web_pages.numbers import short

_WIDTH, _HEIGHT = 360, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 350, 10, 148
_MOST_POINTS = 300
_SHARES = ("recall", "top1", "top5", "top_1", "top_5")  # in a number's name: between 0 and 1


def chart(
    name: str,
    steps: np.ndarray,
    values: np.ndarray,
    last_step: float,
    begins: Mapping[str, int] = MappingProxyType({}),
) -> Html:
    """A figure of values [N] at steps [N], ascending.

    Values that are not finite break the line and are marked on the lower edge.

    Args:
      last_step: where the axis of steps ends.
      begins: steps marked by name, such as where a stage begins.
    """
    kept = thinned(values, _MOST_POINTS)
    steps, values = steps[kept], values[kept]
    finite = np.isfinite(values)
    across = Axis(0.0, max(float(last_step), float(steps[-1]), 1.0), _LEFT, _RIGHT)
    parts = [_step_marks(across), _begins(across, begins)]
    logarithmic = False
    if finite.any():
        is_share = any(word in name for word in _SHARES)
        up = value_axis(values[finite], _BOTTOM, _TOP, is_share)
        logarithmic = up.logarithmic
        parts += [_value_marks(up), _lines(across, up, steps, values, finite)]
    parts += [_gap(x) for x in across.place(steps[~finite])]
    parts.append(element("g", class_="hover"))
    drawing = element(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=_in_words(name, steps, values, finite),
    )
    caption = element(
        "figcaption",
        element("span", name.replace("_", " ").replace("/", ": "), class_="name"),
        element("span", " log" if logarithmic else "", class_="scale"),
        element("output", short(values[-1]), class_="now"),
    )
    return element("figure", caption, drawing, class_="chart")


def _lines(across: Axis, up: Axis, steps, values, finite) -> Html:
    """The line in pieces, each a run of finite values; a lone one is a dot."""
    x, y = across.place(steps), up.place(values)
    edges = np.flatnonzero(np.diff(finite.astype(int))) + 1
    pieces = [piece for piece in np.split(np.arange(len(steps)), edges) if finite[piece[0]]]
    drawn = []
    for piece in pieces:
        points = " ".join(f"{x[i]:.1f},{y[i]:.1f}" for i in piece)
        if len(piece) == 1:
            drawn.append(element("circle", cx=f"{x[piece[0]]:.1f}", cy=f"{y[piece[0]]:.1f}", r=2.5))
        else:
            drawn.append(element("polyline", points=points, class_="line"))
    shown = np.flatnonzero(finite)
    hover = ";".join(f"{x[i]:.1f},{y[i]:.1f},{steps[i]:.0f},{values[i]:.4g}" for i in shown)
    return element("g", *drawn, class_="course", data_points=hover)


def _value_marks(up: Axis) -> Html:
    marks = up.marks()
    places = up.place(marks)
    return joined(
        joined(
            (
                element("line", x1=_LEFT, x2=_RIGHT, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"),
                element("text", short(mark), x=_LEFT - 5, y=f"{y + 3.5:.1f}", text_anchor="end"),
            )
        )
        for mark, y in zip(marks, places, strict=True)
    )


def _step_marks(across: Axis) -> Html:
    marks = across.marks()
    return joined(
        element("text", short(mark), x=f"{x:.1f}", y=_BOTTOM + 15, text_anchor="middle")
        for mark, x in zip(marks, across.place(marks), strict=True)
    )


def _begins(across: Axis, begins: Mapping[str, int]) -> Html:
    places = across.place(list(begins.values()))
    return joined(
        element(
            "g",
            element("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=_TOP, y2=_BOTTOM),
            element("text", name, x=f"{x + 3:.1f}", y=_TOP + 8),
            class_="begin",
        )
        for name, x in zip(begins, places, strict=True)
        if x <= _RIGHT
    )


def _gap(x: float) -> Html:
    return element("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=_BOTTOM - 8, y2=_BOTTOM, class_="gap")


def _in_words(name: str, steps, values, finite) -> str:
    if not finite.any():
        return f"{name}: no finite value"
    seen, at = values[finite], steps[finite]
    words = (
        f"{name}: {short(seen[0])} at step {short(at[0])}, {short(seen[-1])} at step "
        f"{short(at[-1])}; least {short(seen.min())}, greatest {short(seen.max())}"
    )
    missing = int((~finite).sum())
    return f"{words}; not finite {missing} times" if missing else words
