"""A run opened for evaluation, with the networks and data that its suites receive."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ml_collections
import numpy as np
from absl import logging

from tf_morph.config import config_difference, expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.arguments import named_networks
from tf_morph.evaluation.methods import HELD_OUT, TRAINING
from tf_morph.recognition.feature_computation import compute_features
from tf_morph.recognition.load import load_network
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.recall import joined
from tf_morph.regression.checkpoints import LATEST
from tf_morph.regression.components import load_judge, prepare_world
from tf_morph.regression.files import check_files
from tf_morph.regression.ground_truth_faces import GroundTruth, load_ground_truth
from tf_morph.regression.identity import identity_entries
from tf_morph.regression.photograph_features import cached_features
from tf_morph.regression.photograph_sets import PhotographSet, SplitPhotographs, split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.run_folder import RunFolder

EVALUATION_FIELDS = ("judge", "judge_output", "truth")  # of no effect on training
# Of no effect once trained.
TRAINING_FIELDS = (
    *("description", "seed", "loss", "training", "stages", "validation", "distribution"),
)


class NotRun(Exception):
    """A suite has no data to run on; the message says which, and how to give them."""


@dataclass(frozen=True)
class EvaluationNetwork:
    """A recognition network, and what of it is compared.

    Attributes:
      network: loaded.
      role: `methods.HELD_OUT` or `methods.TRAINING`.
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
        """Features [N, D] of images [N, S, S, 3] uint8 sRGB; cosines of rows compare them.

        Args:
          kept_as: a word that begins the name of the cache's file: for photographs, which are
            needed again. None keeps nothing: for renderings.
        """
        if kept_as is None:
            return joined(compute_features(self.network, images), self.outputs)
        return joined(cached_features(self.network, images, kept_as), self.outputs)


@dataclass(frozen=True)
class Context:
    """Attributes:
    config: the run's, with the held-out network the user names.
    run: opened.
    networks: the held-out ones, then those the identity loss compared by.
    data: name of a data set to the folders given for it.
    methods: (name, folder) of other methods' results.
    identities: a file that says who is on MoFA-Test's photographs, if given.
    pairs: a file of pairs in the format of LFW's pairs.txt, if given.
    workdir: the run's folder.
    """

    config: ml_collections.ConfigDict
    run: Run
    networks: tuple[EvaluationNetwork, ...]
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
    def truth(self) -> GroundTruth | None:
        """Who has which face, where that is known.

        Raises:
          InputError: the config names a folder of true faces that is not there, or damaged.
        """
        if not self.config.truth:
            return None
        return load_ground_truth(expand_path(self.config.truth), self.run.model)

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

    def only_folder(self, name: str) -> Path | None:
        """The one folder given for a data set, if any.

        Raises:
          InputError: there are more.
        """
        folders = self.data.get(name, ())
        if len(folders) > 1:
            raise InputError(
                f"--data={name}: {len(folders)} folders are given; give one (more go by "
                "--data=folder)"
            )
        return folders[0] if folders else None

    @functools.cached_property
    def shared(self) -> dict:
        """What one suite of a command leaves to the others, by keys of its own."""
        return {}


def evaluation_networks(
    config: ml_collections.ConfigDict, run: Run, others: Sequence[ml_collections.ConfigDict] = ()
) -> tuple[EvaluationNetwork, ...]:
    """The held-out networks, the config's `judge` first, then those of the identity loss.

    One that took part in training is not held out: it is left out, with a warning.

    Args:
      config: whose `judge` is loaded.
      run: opened.
      others: configs of further networks, each with the one output that is compared.

    Raises:
      InputError: a network's file is missing or wrong, or two held-out networks have one name.
    """
    held_out = []
    own = load_judge(config)
    if own is None:
        logging.warning(
            "no held-out network (judge) in the config: recall by the training networks only"
        )
    elif _is_independent(own, config.judge, run):
        held_out.append(EvaluationNetwork(own, HELD_OUT, (config.judge_output,)))
    for other in others:
        network = load_network(other)
        if _is_independent(network, other, run):
            held_out.append(EvaluationNetwork(network, HELD_OUT, tuple(network.output_names)))
    _check_names(held_out)
    compared = (EvaluationNetwork(each.network, TRAINING, each.outputs) for each in run.identity)
    return (*held_out, *compared)


def _check_names(held_out: Sequence[EvaluationNetwork]) -> None:
    names = [network.name for network in held_out]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"two held-out networks are called {twice}; leave one out")


def _is_independent(
    network: RecognitionNetwork, its_config: ml_collections.ConfigDict, run: Run
) -> bool:
    # By its file alone: another output or way of feeding it makes it no other network.
    compared = (entry.network for entry in identity_entries(run.config).values())
    trained_on = {expand_path(each.path).resolve() for each in (run.config.encoder, *compared)}
    networks = (run.encoder.network, *(each.network for each in run.identity))
    fingerprints = {each.fingerprint for each in networks}
    path = expand_path(its_config.path).resolve()
    if path not in trained_on and network.fingerprint not in fingerprints:
        return True
    logging.warning("%s took part in training, so it is not held out", network.name)
    return False


def open_context(
    config: ml_collections.ConfigDict | None,
    workdir: str | Path,
    *,
    checkpoint: str = LATEST,
    networks: Sequence[str] = (),
    weights: Sequence[str] = (),
    output: str | None = None,
    data: Mapping[str, tuple[Path, ...]] | None = None,
    methods: Sequence[tuple[str, Path]] = (),
    identities: Path | None = None,
    pairs: Path | None = None,
) -> Context:
    """Opens a run and the networks that compare it.

    Args:
      config: the run's own where None; else it may differ from that in `EVALUATION_FIELDS`, so
        that another network may be held out, and in `TRAINING_FIELDS`, which stay the run's.
      workdir: the folder train.py wrote.
      checkpoint: which one of the run's; see `Run.load`.
      networks: names or paths of further held-out networks.
      weights, output: as `named_networks` takes them.

    The others are passed on.

    Raises:
      InputError: it is no run's folder, it has no such checkpoint, it is a run of another config,
        or a file that is named is missing or wrong.
    """
    folder = RunFolder(workdir)
    check_files(config or folder.read_config(), folder.face_model)
    config = _agreed(folder, config)
    others = named_networks(networks, weights, output) if networks else ()
    prepare_world(config)
    run = Run.load(workdir, checkpoint)
    return Context(
        config=config,
        run=run,
        networks=evaluation_networks(config, run, others),
        data=data or {},
        methods=tuple(methods),
        identities=identities,
        pairs=pairs,
        workdir=Path(workdir),
    )


def _agreed(
    folder: RunFolder, config: ml_collections.ConfigDict | None
) -> ml_collections.ConfigDict:
    """The config to evaluate with: the run's, its held-out network `config`'s."""
    own = folder.read_config()
    if config is None:
        return own
    difference = [
        line
        for line in config_difference(own, config)
        if line.split(":")[0].split(".")[0] not in TRAINING_FIELDS + EVALUATION_FIELDS
    ]
    if difference:
        raise InputError(
            f"{folder.path}: a run of another config ({'; '.join(difference)}); name its own "
            "--workdir, or leave --config out to evaluate it with the config it was trained with"
        )
    for name in EVALUATION_FIELDS:
        own[name] = config[name]
    return own
