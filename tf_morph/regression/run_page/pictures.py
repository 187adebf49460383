"""Pictures inside the page, small enough to send."""

import base64
import io
from pathlib import Path

from PIL import Image

from tf_morph.regression.run_page.markup import Html, element

_LARGE, _SMALL = 1280, 640  # pixels across at most: the last sheet, and earlier ones
_MOST_EARLIER = 12
_SHEET_NAME = "step_*.png"


class PictureBudget:
    """Pictures as data addresses, until so many bytes of them are in the page."""

    def __init__(self, size: int):
        self._left = size

    def embed(self, path: Path, width: int, quality: int = 80) -> str | None:
        """A picture as the address of a JPEG; None where it cannot be read or no longer fits.

        Args:
          width: pixels across at most.
        """
        try:
            with Image.open(path) as picture:
                picture = picture.convert("RGB")
                if picture.width > width:
                    height = max(1, round(picture.height * width / picture.width))
                    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
                coded = io.BytesIO()
                picture.save(coded, "JPEG", quality=quality, optimize=True)
        except (OSError, ValueError, SyntaxError):  # Pillow's, of files cut off or damaged
            return None
        address = f"data:image/jpeg;base64,{base64.b64encode(coded.getvalue()).decode()}"
        if len(address) > self._left:
            return None
        self._left -= len(address)
        return address


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
