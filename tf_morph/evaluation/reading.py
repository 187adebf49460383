"""Any photographs as a run reads them: cropped as those it was trained on, faces predicted."""

from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import CropRule, FivePointCrop
from tf_morph.photographs.decode import Crop
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.regression.photograph_features import CACHE_FOLDER
from tf_morph.regression.photograph_sets import PhotographSet
from tf_morph.regression.run import Run

Skipped = tuple[tuple[str, str], ...]  # path, reason


def photograph_crop(config: ml_collections.ConfigDict, source: Path) -> str | Crop | CropRule:
    """How photographs from `source` are cropped to what the run expects.

    The run's own as its config says. A fixed crop fits those alone: on others the face is found
    and brought to where the run's drawings have theirs.
    """
    crop = config.photographs.crop
    own = expand_path(config.photographs.folder).resolve()
    if isinstance(crop, str) or source.resolve().is_relative_to(own):
        return crop
    return FivePointCrop(tuple(map(tuple, config.rendering.five_points)))


def describe_photograph_crop(config: ml_collections.ConfigDict, source: Path) -> str:
    """The same in words."""
    crop = photograph_crop(config, source)
    if isinstance(crop, str):
        return f"the rule {crop}"
    if isinstance(crop, FivePointCrop):
        return "faces found, and their five points brought to where the drawings have them"
    return f"{tuple(crop)} pixels" if crop else "the largest centred square"


def read_photographs(
    context: Context, source: Path, listed: Photographs | None = None
) -> tuple[PhotographSet, Skipped]:
    """The photographs of a folder, cropped as the run's are.

    Args:
      source: the folder or list; see `list_photographs`.
      listed: which of them, where not all.

    Returns:
      Those that can be used, and (path, reason) of the others.

    Raises:
      InputError: there is no such folder, or no photograph in it that can be used.
    """
    listed = listed or list_photographs(source)
    images, kept, skipped = load_aligned(
        listed.paths,
        photograph_crop(context.config, source),
        context.config.photographs.size,
        expand_path(CACHE_FOLDER),
    )
    skipped = (*listed.skipped, *skipped)
    if not len(kept):
        path, reason = skipped[0]
        raise InputError(
            f"{source}: none of its {len(listed)} photographs can be used; the first, "
            f"{path}: {reason}"
        )
    usable = listed.select(kept)
    return PhotographSet(images, usable.identities, usable.paths), skipped


def read_faces(run: Run, images: np.ndarray, kept_as: str = "photographs") -> Coefficients:
    """The faces the run reads from photographs [N, S, S, 3] uint8 sRGB.

    Args:
      kept_as: see `Run.predict`.

    Raises:
      InputError: the decoder gives coefficients that are not finite.
    """
    faces = Coefficients(*run.predict(images, kept_as))
    if not all(np.isfinite(values).all() for values in faces):
        raise InputError("the run's decoder gives coefficients that are not finite; train it anew")
    return faces
