"""A run's photographs, split by person: decoded and cropped, or prepared on disk."""

import dataclasses
import functools
from collections.abc import Mapping

import ml_collections
import numpy as np

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.photographs.aligned import load_aligned
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.prepared.folder import PreparedFolder, open_prepared
from tf_morph.photographs.prepared.manifest import is_prepared
from tf_morph.photographs.prepared.recipe import check_pictures
from tf_morph.photographs.split import split_identities
from tf_morph.photographs.split_file import read_split
from tf_morph.regression.photograph_features import CACHE_FOLDER


@dataclasses.dataclass(frozen=True)
class PhotographSet:
    """Decoded photographs of one side of the split."""

    images: np.ndarray  # [N, S, S, 3] uint8 sRGB
    identities: tuple[str, ...]
    paths: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class PreparedSet:
    """Photographs of one side of the split that stay on disk, in a prepared folder."""

    folder: PreparedFolder
    indices: np.ndarray  # int64 [N], of `folder.photographs`

    @functools.cached_property
    def identities(self) -> tuple[str, ...]:
        return self.folder.photographs.select(self.indices).identities

    @functools.cached_property
    def paths(self) -> tuple[str, ...]:
        return self.folder.photographs.select(self.indices).paths

    def decoded(self) -> PhotographSet:
        """The same in memory.

        Raises:
          InputError: a file is damaged.
        """
        return PhotographSet(self.folder.images(self.indices), self.identities, self.paths)


@dataclasses.dataclass(frozen=True)
class SplitPhotographs:
    """Training and test people have nobody in common."""

    training: PhotographSet | PreparedSet
    test: PhotographSet
    skipped: tuple[tuple[str, str], ...]  # path, reason
    galleries: Mapping[str, frozenset[str]]  # by name, the test people in each; none: to be drawn


def split_photographs(config: ml_collections.ConfigDict) -> SplitPhotographs:
    """The config's photographs, split by person.

    `photographs.folder` may be a folder of photographs or a list of them (`list_photographs`),
    which are decoded and cropped here; or a prepared folder (photographs/prepared), of which the
    test photographs alone are read. Who is on which side is the same for both.

    Raises:
      InputError: no such folder, no photographs in it, of one side none that can be read, a split
        that does not fit them, or a folder prepared with another crop or size.
    """
    folder = expand_path(config.photographs.folder)
    if is_prepared(folder):
        return _split_prepared(config, open_prepared(folder))
    listed = list_photographs(folder)
    sides, galleries = _sides(config, listed)
    skipped = list(listed.skipped)
    sets = []
    for indices in sides:
        loaded, side_skipped = _load_side(config, listed, indices)
        skipped.extend(side_skipped)
        sets.append(loaded)
    return SplitPhotographs(*sets, tuple(skipped), galleries)


def _split_prepared(config, prepared: PreparedFolder) -> SplitPhotographs:
    settings = config.photographs
    check_pictures(prepared.recipe, settings.crop, settings.size, str(prepared.path))
    sides, galleries = _sides(config, prepared.listed)
    sets = [PreparedSet(prepared, side[side < len(prepared.photographs)]) for side in sides]
    for photographs in sets:
        if not len(photographs.indices):
            raise InputError(
                f"{prepared.path}: of the training or the test people no photograph could be used; "
                "skipped.csv there has the reasons"
            )
    training, test = sets
    return SplitPhotographs(training, test.decoded(), prepared.photographs.skipped, galleries)


def _sides(config, listed: Photographs):
    """Indices of the training and of the test photographs, and the galleries that are fixed."""
    settings = config.photographs
    if settings.split:
        split = read_split(expand_path(settings.split))
        return split.indices(listed), split.galleries
    try:
        return split_identities(listed, settings.test_identities, settings.split_seed), {}
    except InputError as error:
        raise InputError(f"{settings.folder}: {error} (photographs.test_identities)") from error


def _load_side(config, listed, indices):
    paths = [listed.paths[index] for index in indices]
    images, kept, skipped = load_aligned(
        paths, config.photographs.crop, config.photographs.size, expand_path(CACHE_FOLDER)
    )
    if not len(kept):
        path, reason = skipped[0]
        raise InputError(
            f"{config.photographs.folder}: of the training or the test people no photograph can be "
            f"used; the first of {len(paths)}, {path}: {reason}"
        )
    kept_indices = [indices[position] for position in kept]
    identities = tuple(listed.identities[index] for index in kept_indices)
    kept_paths = tuple(listed.paths[index] for index in kept_indices)
    return PhotographSet(images, identities, kept_paths), skipped
