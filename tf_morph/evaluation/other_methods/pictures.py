"""Other methods' results as pictures framed as the run's drawings are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.config import expand_path
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.other_methods.files import is_mesh, results_of
from tf_morph.evaluation.other_methods.meshes import draw_meshes
from tf_morph.evaluation.source_photographs import SourcePhotographs
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import FivePointCrop
from tf_morph.photographs.decode import LoadedPhotographs
from tf_morph.regression.photograph_features import CACHE_FOLDER


@dataclass(frozen=True)
class OtherMethod:
    """What another method made of some photographs.

    Attributes:
      name: of the method, as the user calls it.
      rows: [M] which of the photographs, increasing; none where nothing in its folder fits them
        or can be used.
      images: uint8 sRGB [M, S, S, 3].
      skipped: (path, reason) of results that cannot be used.
    """

    name: str
    rows: np.ndarray
    images: np.ndarray
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def left_out(self) -> str | None:
        """A sentence on the results that cannot be used; None where there are none."""
        if not self.skipped:
            return None
        path, reason = self.skipped[0]
        reason = reason.removeprefix(f"{path}: ")
        return f"{self.name}: left out {len(self.skipped):,}, the first {path}: {reason}."


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
    crop = FivePointCrop(tuple(map(tuple, context.config.rendering.five_points)))
    parts = (
        (False, lambda files: read_renderings(files, crop, context.config.rendering.size)),
        (True, lambda files: draw_meshes(context.run, files)),
    )
    rows, images, skipped = [], [], ()
    for of_meshes, read in parts:
        of_kind = np.array(sorted(r for r in results if is_mesh(results[r]) == of_meshes), int)
        read_images, kept, faults = read([results[row] for row in of_kind])
        rows.append(of_kind[kept])
        images.append(read_images)
        skipped += faults
    rows = np.concatenate(rows)
    order = np.argsort(rows)
    return OtherMethod(name, rows[order], np.concatenate(images)[order], skipped)


def read_renderings(files: Sequence[Path], crop: FivePointCrop, size: int) -> LoadedPhotographs:
    """Renderings framed as the run's drawings are: as `load_aligned` returns them.

    One of the very size is taken as it is. Of another the face is found and its five points are
    brought to their places; where none is found, the largest centred square is taken.
    """
    paths = list(map(str, files))
    whole = load_aligned(paths, None, size)
    others = np.array([row for row in whole.kept if not _has_size(paths[row], size)], int)
    aligned = load_aligned([paths[row] for row in others], crop, size, expand_path(CACHE_FOLDER))
    images = whole.images.copy()
    images[np.searchsorted(whole.kept, others[aligned.kept])] = aligned.images
    return whole._replace(images=images)


def _has_size(path: str, size: int) -> bool:
    with Image.open(path) as image:
        return image.size == (size, size)
