"""What every suite of an evaluation is given: a run, the networks that judge it, the data."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.config import expand_path
from tf_morph.evaluation.known_truth.truth import KnownTruth, load_truth
from tf_morph.recognition.feature_computation import compute_features
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.recall import joined
from tf_morph.regression.photograph_features import cached_features
from tf_morph.regression.photograph_sets import (
    PhotographSet,
    SplitPhotographs,
    split_photographs,
)
from tf_morph.regression.run import Run


class NotRun(Exception):
    """A suite has no data to run on; the message says which, and how to give them."""


@dataclass(frozen=True)
class JudgeNetwork:
    """A network that is asked, and what of it is compared.

    Attributes:
      network: loaded.
      role: one of roles.py.
      outputs: whose features are joined.
    """

    network: RecognitionNetwork
    role: str
    outputs: Sequence[str]

    @property
    def name(self) -> str:
        """The network's."""
        return self.network.name

    def features(self, images: np.ndarray, *, kept_as: str | None = None) -> np.ndarray:
        """Features [N, D] of pictures [N, S, S, 3] uint8 sRGB; cosines of rows compare them.

        Args:
          kept_as: a word that begins the name of the cache's file: for photographs, which are
            asked about again. None keeps nothing: for drawings.
        """
        if kept_as is None:
            return joined(compute_features(self.network, images), self.outputs)
        return joined(cached_features(self.network, images, kept_as), self.outputs)


@dataclass(frozen=True)
class Context:
    """Attributes:
    config: the run's, judged as the user asked.
    run: opened.
    networks: the judges, then those the identity loss compared by.
    data: name of a data set to the folders given for it.
    methods: (name, folder) of other methods' results.
    identities: a file that says who is on MoFA-Test's photographs, if given.
    pairs: a file of pairs in the format of LFW's pairs.txt, if given.
    workdir: the run's folder.
    """

    config: ml_collections.ConfigDict
    run: Run
    networks: tuple[JudgeNetwork, ...]
    data: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    methods: tuple[tuple[str, Path], ...] = ()
    identities: Path | None = None
    pairs: Path | None = None
    workdir: Path | None = None

    @property
    def seed(self) -> int:
        """Of everything an evaluation draws."""
        return self.config.photographs.split_seed

    @functools.cached_property
    def truth(self) -> KnownTruth | None:
        """Who has which face, where that is known.

        Raises:
          InputError: the config names a folder of true faces that is not there, or damaged.
        """
        if not self.config.truth:
            return None
        return load_truth(expand_path(self.config.truth), self.run.model)

    @functools.cached_property
    def split(self) -> SplitPhotographs:
        """The run's photographs; see `split_photographs` for what is raised."""
        return split_photographs(self.config)

    @property
    def test(self) -> PhotographSet:
        """Photographs of people never trained on."""
        return self.split.test

    @functools.cached_property
    def training_identities(self) -> frozenset[str]:
        """The people trained on, by the names of their folders."""
        return frozenset(self.split.training.identities)

    @functools.cached_property
    def photographs_folder(self) -> Path:
        """The run's own photographs."""
        return expand_path(self.config.photographs.folder)

    @functools.cached_property
    def shared(self) -> dict:
        """What one suite of a command leaves to the others, by keys of its own."""
        return {}
