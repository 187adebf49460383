"""Renderings and heads for people to look at, and the sheets they stand on."""

import dataclasses
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tf_morph.evaluation.section import Head
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.coarse_model import fewer_vertices
from tf_morph.regression.components import make_drawer
from tf_morph.regression.contact_sheet import turned
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.run import Run

_MOST_VERTICES = 12_000  # for a page that holds several
_SUPERSAMPLING = 3
PEOPLE_A_ROW = 2
_CAPTION_HEIGHT, _GAP, SEAM = 18, 10, 2  # pixels
PAPER, INK = (255, 255, 255), (40, 40, 40)


def make_heads(
    model: MorphableModel,
    faces: Coefficients,
    names: Sequence[str],
    captions: Sequence[str],
    photographs: np.ndarray | None = None,
) -> tuple[Head, ...]:
    """A head a face; of a model of many vertices, with some of them.

    Args:
      faces: [N] of the model.
      names, captions: N.
      photographs: [N, S, S, 3] uint8 sRGB they were predicted for, if they were.
    """
    model = fewer_vertices(model, _MOST_VERTICES)
    vertices = model.vertices(faces.shape).numpy()
    colors = np.clip(model.albedo(faces.texture).numpy(), 0.0, 1.0)
    return tuple(
        Head(
            name=name,
            caption=caption,
            vertices=vertices[row],
            colors=np.round(colors[row] * 255.0).astype(np.uint8),
            triangles=model.triangles,
            photograph=None if photographs is None else photographs[row],
        )
        for row, (name, caption) in enumerate(zip(names, captions, strict=True))
    )


def render_large(
    run: Run,
    model: MorphableModel,
    faces: Coefficients,
    yaw_radians: float,
    size: int,
    scale: float = 1.0,
) -> np.ndarray:
    """Renderings of faces, evenly lit, framed as the run's photographs are, or from further away.

    Args:
      run: its own size of images does not matter.
      model: of the faces; it has the run's mesh.
      faces: [N].
      yaw_radians: how far each is rotated about its vertical axis.
      size: of the images, pixels.
      scale: of the face in the image, relative to the photographs; below 1 more is seen around.

    Returns:
      uint8 sRGB [N, size, size, 3].
    """
    config = run.config.copy_and_resolve_references()
    config.rendering.size = size * _SUPERSAMPLING
    points = np.array(config.rendering.five_points)
    config.rendering.five_points = tuple(map(tuple, (0.5 + scale * (points - 0.5)).tolist()))
    drawer = make_drawer(config, run.model)
    large = dataclasses.replace(run, drawer=Drawer(model, drawer.renderer, drawer.distribution))
    scene = turned(drawer.frontal_scene(len(faces.shape)), yaw_radians)
    images = large.draw(*faces, scene)
    cells = images.reshape(len(images), size, _SUPERSAMPLING, size, _SUPERSAMPLING, 3)
    return np.round(cells.mean(axis=(2, 4))).astype(np.uint8)


def contact_sheet(
    columns: Sequence[np.ndarray], captions: Sequence[str], headings: Sequence[str] = ()
) -> bytes:
    """A PNG with a caption and one image of each column for every person.

    Args:
      columns: each [N, S, S, 3] uint8 sRGB (S may differ), such as the photographs, the frontal
        and the rotated renderings; all at the size of the last column.
      captions: N, cut to the width of the person's images.
      headings: what each column shows, written once above them; none, where that is plain.
    """
    size = columns[-1].shape[1]
    width = (size + SEAM) * len(columns) - SEAM
    height, head = size + _CAPTION_HEIGHT, _CAPTION_HEIGHT if headings else 0
    rows, across = -(-len(captions) // PEOPLE_A_ROW), min(PEOPLE_A_ROW, len(captions))
    sheet = Image.new(
        "RGB", (across * (width + _GAP) - _GAP, head + rows * (height + _GAP) - _GAP), PAPER
    )
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for column in range(across):
        for position, heading in enumerate(headings):
            left = column * (width + _GAP) + position * (size + SEAM)
            draw.text((left + 2, 1), _fitting(heading, size - 4, font), INK, font)
    for person, caption in enumerate(captions):
        row, column = divmod(person, PEOPLE_A_ROW)
        left, top = column * (width + _GAP), head + row * (height + _GAP)
        draw.text((left + 2, top + 1), _fitting(caption, width - 4, font), INK, font)
        for position, images in enumerate(columns):
            place = (left + position * (size + SEAM), top + _CAPTION_HEIGHT)
            sheet.paste(_scaled(images[person], size), place)
    return png_file(sheet)


def image_grid(rows: Sequence[np.ndarray]) -> Image.Image:
    """Images alone: a column a person, a row each of `rows` ([N, S, S, 3] uint8 sRGB).

    All are at the size of the last row.
    """
    size = rows[-1].shape[1]
    step = size + SEAM
    sheet = Image.new("RGB", (len(rows[-1]) * step - SEAM, len(rows) * step - SEAM), PAPER)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            sheet.paste(_scaled(image, size), (column * step, row * step))
    return sheet


def _scaled(image: np.ndarray, size: int) -> Image.Image:
    scaled = Image.fromarray(image)
    if scaled.size == (size, size):
        return scaled
    return scaled.resize((size, size), Image.Resampling.BICUBIC)


def png_file(sheet: Image.Image) -> bytes:
    """An image as the bytes of a PNG file."""
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()


def _fitting(text: str, width: int, font) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
