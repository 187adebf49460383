"""The contact sheets of a run, the last one large."""

from pathlib import Path

from tf_morph.web_pages.markup import Html, element
from tf_morph.web_pages.pictures import PictureBudget

_LARGE, _SMALL = 1280, 640  # pixels across at most: the last sheet, and earlier ones
_MOST_EARLIER = 12
_SHEET_NAME = "step_*.png"


def contact_sheets(folder: Path, budget: PictureBudget) -> Html | None:
    """The last contact sheet in `folder`, large, and a strip of earlier ones; None without any."""
    paths = sorted(folder.glob(_SHEET_NAME))
    last = None
    while paths and last is None:
        path = paths.pop()
        last = budget.embed(path, _LARGE, 85)
    if last is None:
        return None
    at = _step(path)
    strip = [_earlier(earlier, budget) for earlier in _spread(paths, _MOST_EARLIER)]
    strip = [picture for picture in strip if picture is not None]
    strip.append(_thumbnail(last, at, chosen=True))
    return element(
        "figure",
        element("figcaption", "Step ", element("output", at, id="sheet-step")),
        element(
            "div",
            element("img", src=last, alt=_alternative(at), id="sheet"),
            class_="scroll",
        ),
        element("div", *strip, class_="strip") if len(strip) > 1 else None,
        class_="sheets",
    )


def _earlier(path: Path, budget: PictureBudget) -> Html | None:
    address = budget.embed(path, _SMALL, 72)
    return None if address is None else _thumbnail(address, _step(path))


def _thumbnail(address: str, step: str, chosen: bool = False) -> Html:
    return element(
        "button",
        element("img", src=address, alt=_alternative(step)),
        element("span", step),
        type="button",
        data_step=step,
        aria_pressed="true" if chosen else "false",
    )


def _alternative(step: str) -> str:
    return f"photographs of people not trained on over the faces read from them, step {step}"


def _step(path: Path) -> str:
    return path.stem.removeprefix("step_").lstrip("0") or "0"


def _spread(paths: list[Path], most: int) -> list[Path]:
    """At most `most` of them, evenly, the first among them."""
    if len(paths) <= most:
        return paths
    return [paths[index * len(paths) // most] for index in range(most)]
