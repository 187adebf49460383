"""A section that has one of everything."""

import io

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from tf_morph.evaluation import tables
from tf_morph.evaluation.section import Head, ImageFile, Plot, Section, Table

TRIANGLES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)


def small_section(name: str = "mofa", **changes) -> Section:
    """One table, plot, picture and two heads of the same triangles, the second's photograph known.

    Args:
      changes: fields of the section given instead.
    """
    fields = {
        "title": "Recall on a test",
        "protocol": "The gallery: **first** by name.\n\n- ties `1e-6`",
        "facts": (("people", "84"),),
        "tables": (small_table(),),
        "plots": (Plot("curve", "The whole curve.", _figure()),),
        "images": (ImageFile("sheet", "Everybody.", _png()),),
        "heads": (_head("first", 40), _head("second", 80, np.full((9, 9, 3), 7, np.uint8))),
        "notes": ("Nobody was **left out**.",),
        "not_run": ("LFW: no photographs.",),
    }
    return Section(name=name, **(fields | changes))


def small_table(name: str = "recall") -> Table:
    """Two rows, one value missing."""
    frame = pd.DataFrame({"who": ["ours", "a_b & 50%"], "top1": [0.8765, np.nan]})
    return Table(
        name, "How often.", frame, {"who": "method", "top1": "top-1"}, {"top1": tables.percent}
    )


def _head(name: str, color: int, photograph: np.ndarray | None = None) -> Head:
    vertices = np.random.default_rng(color).normal(size=(4, 3)) * 50
    colors = np.full((4, 3), color, np.uint8)
    return Head(name, f"The {name} person.", vertices, colors, TRIANGLES, photograph)


def _figure() -> Figure:
    figure = Figure(figsize=(2.0, 1.5))
    figure.subplots().plot([1, 2, 3], [0.2, 0.5, 0.9])
    return figure


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 20), (200, 90, 40)).save(buffer, "PNG")
    return buffer.getvalue()
