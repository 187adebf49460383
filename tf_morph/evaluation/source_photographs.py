"""The photographs of a data set, and which of their people the run was trained on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context, JudgeNetwork, NotRun
from tf_morph.evaluation.reading import (
    Skipped,
    describe_photograph_crop,
    read_faces,
    read_photographs,
)
from tf_morph.photographs.folders import Photographs
from tf_morph.regression.photograph_sets import PhotographSet, PreparedSet

MOST_DECODED = 20_000  # photographs of a prepared folder that are taken into memory


@dataclass(frozen=True)
class SourcePhotographs:
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

    def images(self, rows: np.ndarray) -> np.ndarray:
        """uint8 sRGB [M, S, S, 3] of the photographs `rows` [M]."""
        ends = np.cumsum([len(part.paths) for _, part in self.parts])
        chosen = np.empty((len(rows), *self.parts[0][1].images.shape[1:]), np.uint8)
        for end, (_, part) in zip(ends, self.parts, strict=True):
            here = (rows < end) & (rows >= end - len(part.paths))
            chosen[here] = part.images[rows[here] - (end - len(part.paths))]
        return chosen

    def features(self, network: JudgeNetwork) -> np.ndarray:
        """Features [N, D] float32 by a network."""
        parts = [network.features(part.images, kept_as=word) for word, part in self.parts]
        return np.concatenate(parts).astype(np.float32)

    def faces(self, run) -> Coefficients:
        """The faces [N] the run reads from them; see `read_faces` for what is raised."""
        read = [read_faces(run, part.images, word) for word, part in self.parts]
        return Coefficients(*(np.concatenate(values) for values in zip(*read, strict=True)))


def source_photographs(
    context: Context, source: Path | None, listed: Photographs | None = None
) -> SourcePhotographs:
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
    return SourcePhotographs(source, (("photographs", photographs),), trained_on, skipped, crop)


def _own(context: Context) -> SourcePhotographs:
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
    return SourcePhotographs(source, parts, trained_on, split.skipped, crop)
