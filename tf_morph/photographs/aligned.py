"""Photographs cropped to the face on each: by a fixed crop, or where a detector finds it."""

from collections.abc import Sequence
from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.photographs.decode import Crop, LoadedPhotographs, load_photographs

ALIGNED = "aligned"


def load_aligned(
    paths: Sequence[str],
    crop_rule: str | Crop,
    size: int,
    cache_folder: str | Path | None = None,
    *,
    choice: str = "largest",
    progress: bool = True,
) -> LoadedPhotographs:
    """Decodes photographs and crops each to its face.

    Args:
      paths: image files, as `load_photographs` takes them.
      crop_rule: the name of a rule that detects the face, such as "aligned"; or the fixed crop
        (left, top, right, bottom), in pixels of the upright photograph.
      size: side of the images, pixels.
      cache_folder: where the detected faces are kept, by the photographs' contents; None keeps
        none.
      choice: which of several faces is taken (photographs/face_choice.py).
      progress: whether to show a progress bar.

    Returns:
      The images; `kept` says which path each is of; `skipped` names the photographs that cannot be
      decoded and, where faces are detected, those without one.

    Raises:
      InputError: there is no such rule, or `cache_folder` cannot be written.
    """
    if not isinstance(crop_rule, str):
        return load_photographs(paths, crop_rule, size, progress=progress)
    raise InputError(f"crop {crop_rule!r}: no such rule; give (left, top, right, bottom)")
