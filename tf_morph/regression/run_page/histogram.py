"""How regressed coefficients are spread, beside their prior."""

import numpy as np

from tf_morph.regression.coefficient_statistics import component_statistics, summary
from tf_morph.regression.run_page.axis import Axis
from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.numbers import short

_WIDTH, _HEIGHT = 360, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 10, 350, 10, 128
_BINS = 48
_WIDEST = 4.0  # standard deviations; what lies beyond is counted in the outermost bins


def coefficient_figures(name: str, coefficients: np.ndarray) -> list[Html]:
    """Two figures of coefficients [N, K] in standard deviations: all values together over the
    prior's bell, and each component's mean and variance."""
    figures = summary(coefficients)
    people, components = coefficients.shape
    return [
        _figure(
            f"{name}: {people} people, {components} components",
            f"values in standard deviations; the line is the prior. Mean variance "
            f"{short(figures['mean_variance'])}, components that vary independently "
            f"{short(100 * figures['independent_share'])} %",
            _distribution(coefficients.ravel()),
        ),
        _figure(
            f"{name}: variance (bars) and mean (dots) by component",
            f"prior: 1 and 0. Least variance {short(figures['least_variance'])}, largest mean "
            f"{short(figures['largest_mean'])}",
            _components(coefficients),
        ),
    ]


def _figure(title: str, note: str, drawing: list[Html]) -> Html:
    picture = element(
        "svg", *drawing, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=title
    )
    caption = element("figcaption", element("span", title, class_="name"), element("small", note))
    return element("figure", caption, picture, class_="chart")


def _distribution(values: np.ndarray) -> list[Html]:
    edges = np.linspace(-_WIDEST, _WIDEST, _BINS + 1)
    finite = values[np.isfinite(values)]
    counts, _ = np.histogram(np.clip(finite, -_WIDEST, _WIDEST), edges)
    density = counts / max(len(finite), 1) / np.diff(edges)
    bell_at = np.linspace(-_WIDEST, _WIDEST, 97)
    bell = np.exp(-0.5 * bell_at**2) / np.sqrt(2 * np.pi)
    across = Axis(-_WIDEST, _WIDEST, _LEFT, _RIGHT)
    up = Axis(0.0, max(density.max(), bell.max()), _BOTTOM, _TOP)
    bars = _bars(across.place(edges[:-1]), across.place(edges[1:]), up.place(density))
    line = _polyline(across.place(bell_at), up.place(bell))
    return [bars, line, *_marks_below(across, range(-4, 5, 2))]


def _components(coefficients: np.ndarray) -> list[Html]:
    statistics = component_statistics(coefficients).fillna(0.0)
    variance, mean = statistics["variance"].to_numpy(), statistics["mean"].to_numpy()
    count = len(statistics)
    across = Axis(0.0, count, _LEFT, _RIGHT)
    low, high = min(0.0, mean.min()), max(1.0, variance.max(), mean.max())
    up = Axis(low, high, _BOTTOM, _TOP)
    index = np.arange(count)
    bars = _bars(across.place(index + 0.1), across.place(index + 0.9), up.place(variance), up)
    dots = [
        element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=1.8, class_="dot")
        for x, y in zip(across.place(index + 0.5), up.place(mean), strict=True)
    ]
    prior = _polyline(np.array([_LEFT, _RIGHT]), up.place([1.0, 1.0]))
    return [bars, prior, *dots, *_marks_below(across, (0, count // 2, count))]


def _bars(left, right, top, up: Axis | None = None) -> Html:
    bottom = _BOTTOM if up is None else float(up.place(0.0))
    outline = " ".join(
        f"M{a:.1f} {bottom:.1f}V{y:.1f}H{b:.1f}V{bottom:.1f}Z"
        for a, b, y in zip(left, right, top, strict=True)
    )
    return element("path", d=outline, class_="bars")


def _polyline(x, y) -> Html:
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return element("polyline", points=points, class_="prior")


def _marks_below(across: Axis, marks) -> list[Html]:
    return [
        element("text", mark, x=f"{across.place(mark):.1f}", y=_BOTTOM + 15, text_anchor="middle")
        for mark in marks
    ]
