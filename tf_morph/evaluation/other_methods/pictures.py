"""Other methods' results as pictures framed as the run's drawings are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.config import expand_path
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.other_methods.files import is_mesh, results_of
from tf_morph.evaluation.source_photographs import SourcePhotographs
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import FivePointCrop
from tf_morph.regression.photograph_features import CACHE_FOLDER


@dataclass(frozen=True)
class OtherMethod:
    """What another method made of some photographs.

    Attributes:
      name: of the method, as the user calls it.
      rows: [M] which of the photographs, increasing; none where nothing in its folder fits them.
      images: uint8 sRGB [M, S, S, 3].
      skipped: (path, reason) of results that cannot be used.
    """

    name: str
    rows: np.ndarray
    images: np.ndarray
    skipped: tuple[tuple[str, str], ...] = ()


def other_methods(context: Context, photographs: SourcePhotographs) -> tuple[OtherMethod, ...]:
    """What the methods given by --method made of the photographs.

    Raises:
      InputError: what `results_of` raises.
    """
    return tuple(_method(context, photographs, *method) for method in context.methods)


def _method(
    context: Context, photographs: SourcePhotographs, name: str, folder: Path
) -> OtherMethod:
    results = results_of(folder, photographs.paths, photographs.source)
    rows = np.array(sorted(row for row in results if not is_mesh(results[row])), int)
    size = context.config.photographs.size
    if not len(rows):
        return OtherMethod(name, rows, np.zeros((0, size, size, 3), np.uint8))
    crop = FivePointCrop(tuple(map(tuple, context.config.rendering.five_points)))
    images, kept, skipped = read_renderings([str(results[row]) for row in rows], crop, size)
    return OtherMethod(name, rows[kept], images, skipped)


def read_renderings(paths: Sequence[str], crop: FivePointCrop, size: int):
    """Renderings framed as the run's drawings are: as `load_aligned` returns them.

    One of the very size is taken as it is. Of another the face is found and its five points are
    brought to their places; where none is found, the largest centred square is taken.
    """
    aligned = load_aligned(paths, crop, size, expand_path(CACHE_FOLDER))
    whole = load_aligned(paths, None, size)
    images = whole.images.copy()
    place = {row: at for at, row in enumerate(whole.kept)}
    for image, row in zip(aligned.images, aligned.kept, strict=True):
        if row in place and not _has_size(paths[row], size):
            images[place[row]] = image
    return whole._replace(images=images)


def _has_size(path: str, size: int) -> bool:
    with Image.open(path) as image:
        return image.size == (size, size)
