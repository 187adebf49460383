"""Image sets: photographs cropped as the run's are, and which of their people it was trained on."""

import os
from dataclasses import dataclass
from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, EvaluationNetwork, NotRun
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.crop_rules import CropRule, FivePointCrop
from tf_morph.photographs.decode import Crop
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.list_files import LIST_SUFFIXES, read_list
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.photograph_features import CACHE_FOLDER
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet
from tf_morph.regression.run import Run

LIST_NAMES = ("identities.csv", "identities.tsv", "identities.txt")
Skipped = tuple[tuple[str, str], ...]  # path, reason
MOST_DECODED = 20_000  # photographs of a prepared folder that are taken into memory


def photograph_crop(config: ml_collections.ConfigDict, source: Path) -> str | Crop | CropRule:
    """How photographs from `source` are cropped to what the run expects.

    The run's own as its config says. A fixed crop fits those alone: on others the face is found
    and brought to where the run's renderings have theirs.
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
        return "faces found, and their five points brought to where the renderings have them"
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


def predict_faces(run: Run, images: np.ndarray, kept_as: str = "photographs") -> Coefficients:
    """The faces the run predicts for photographs [N, S, S, 3] uint8 sRGB.

    Args:
      kept_as: see `Run.predict`.

    Raises:
      InputError: the decoder gives coefficients that are not finite.
    """
    faces = Coefficients(*run.predict(images, kept_as))
    if not all(np.isfinite(values).all() for values in faces):
        raise InputError("the run's decoder gives coefficients that are not finite; train it anew")
    return faces


@dataclass(frozen=True)
class ImageSet:
    """Photographs in the order of their paths.

    Attributes:
      source: the folder or list they are from.
      parts: (word for the cache, photographs): kept apart as training kept them, so that what it
        computed is found again.
      trained_on: bool [N], of whom the run was trained on.
      skipped: (path, reason) of those that cannot be used.
      crop: how they were cropped, in words.
    """

    source: Path
    parts: tuple[tuple[str, PhotographSet], ...]
    trained_on: np.ndarray
    skipped: Skipped
    crop: str

    @property
    def paths(self) -> np.ndarray:
        """[N] strings."""
        return np.array([path for _, part in self.parts for path in part.paths])

    @property
    def identities(self) -> np.ndarray:
        """[N] strings: whom each shows."""
        return np.array([name for _, part in self.parts for name in part.identities])

    @property
    def people(self) -> np.ndarray:
        """[N] a number a person."""
        return np.unique(self.identities, return_inverse=True)[1]

    def pixels(self, rows: np.ndarray) -> np.ndarray:
        """uint8 sRGB [M, S, S, 3] of the photographs `rows` [M]."""
        ends = np.cumsum([len(part.paths) for _, part in self.parts])
        chosen = np.empty((len(rows), *self.parts[0][1].images.shape[1:]), np.uint8)
        for end, (_, part) in zip(ends, self.parts, strict=True):
            here = (rows < end) & (rows >= end - len(part.paths))
            chosen[here] = part.images[rows[here] - (end - len(part.paths))]
        return chosen

    def features(self, network: EvaluationNetwork) -> np.ndarray:
        """Features [N, D] float32 by a network."""
        parts = [network.features(part.images, kept_as=word) for word, part in self.parts]
        return np.concatenate(parts).astype(np.float32)

    def faces(self, run) -> Coefficients:
        """The faces [N] the run predicts for them; see `predict_faces` for what is raised."""
        read = [predict_faces(run, part.images, word) for word, part in self.parts]
        return Coefficients(*(np.concatenate(values) for values in zip(*read, strict=True)))


def image_set(context: Context, source: Path | None, listed: Photographs | None = None) -> ImageSet:
    """The photographs of a folder, or with None the run's own, training and test people's.

    Args:
      listed: which of the folder's, and who is on them, where its layout does not say.

    Raises:
      InputError: what `read_photographs` raises.
      NotRun: the run's own are prepared on disk, and too many to take into memory.
    """
    own = context.photographs_folder.resolve()
    if listed is None and (source is None or source.resolve() == own):
        return _own(context)
    photographs, skipped = read_photographs(context, source, listed)
    trained_on = np.isin(photographs.identities, list(context.training_identities))
    crop = describe_photograph_crop(context.config, source)
    return ImageSet(source, (("photographs", photographs),), trained_on, skipped, crop)


def _own(context: Context) -> ImageSet:
    split, source = context.split, context.photographs_folder
    training = split.training
    if isinstance(training, PreparedSet):
        if len(training.indices) > MOST_DECODED:
            raise NotRun(
                f"{source} is prepared, and its {len(training.indices):,} photographs are more "
                f"than the {MOST_DECODED:,} that are taken into memory; give a folder by --data"
            )
        training = training.decoded()
    trained_on = np.repeat([True, False], [len(training.paths), len(split.test.paths)])
    parts = (("training", training), ("test", split.test))
    crop = describe_photograph_crop(context.config, source)
    return ImageSet(source, parts, trained_on, split.skipped, crop)


def listed_photographs(folder: Path, identities: Path | None) -> tuple[Photographs, Path | None]:
    """A folder's photographs with the people on them, and the list that says so.

    The list is `identities`, else the first of `LIST_NAMES` in the folder. It is a list of
    photographs as photographs/list_files.py reads them, a line each, `path,identity`: a comma apart
    in .csv, a tab in .tsv and .txt. Paths are relative to `folder`; a file elsewhere in it is found
    by its name alone, if it is the only one of that name. Without a list everything is as the
    folder's layout says (`list_photographs`).

    Raises:
      InputError: the list is missing or wrong, names a photograph that is not there, or leaves one
        of the folder's out.
    """
    found = list_photographs(folder)
    chosen = identities or next((folder / n for n in LIST_NAMES if (folder / n).is_file()), None)
    if chosen is None:
        return found, None
    people = _people_by_file(found, folder, chosen)
    missing = [path for path in found.paths if path not in people]
    if missing:
        raise InputError(
            f"{chosen}: no identity for {len(missing):,} of the {len(found):,} photographs in "
            f"{folder}, the first {missing[0]}; add a line `path,identity`"
        )
    names, paths = zip(*sorted((people[path], path) for path in found.paths), strict=True)
    return Photographs(paths, names, found.skipped), chosen


def _people_by_file(found: Photographs, folder: Path, chosen: Path) -> dict[str, str]:
    """{path of a photograph: identity} of the list's lines."""
    if chosen.suffix.lower() not in LIST_SUFFIXES or not chosen.is_file():
        raise InputError(f"{chosen}: no list of identities; give a file .csv, .tsv or .txt")
    by_name: dict[str, list[str]] = {}
    for path in found.paths:
        by_name.setdefault(Path(path).name, []).append(path)
    known, people = set(found.paths), {}
    for identity, listed in read_list(chosen):
        written = os.path.relpath(listed, chosen.parent)
        whole = str(folder / written)
        namesakes = by_name.get(listed.name, [])
        if whole not in known and len(namesakes) != 1:
            many = f"{len(namesakes)} of that name" if namesakes else "no such photograph"
            raise InputError(f"{chosen}: {written}: {many} in {folder}; mend the line")
        people[whole if whole in known else namesakes[0]] = identity
    return people
