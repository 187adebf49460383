"""A trained run's folder opened for evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ml_collections

from tf_morph.config import config_difference
from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.judges import judge_networks
from tf_morph.evaluation.verification.networks import asked_networks
from tf_morph.regression.checkpoints import LATEST
from tf_morph.regression.components import prepare_world
from tf_morph.regression.files import check_files
from tf_morph.regression.run import Run
from tf_morph.regression.run_folder import RunFolder

EVALUATION_FIELDS = ("judge", "judge_output", "truth")  # of no effect on training
# Of no effect once trained.
TRAINING_FIELDS = (
    *("description", "seed", "loss", "training", "stages", "validation", "distribution"),
)


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
    """Opens a run and the networks that judge it.

    Args:
      config: the run's own where None; else it may differ from that in `EVALUATION_FIELDS`, so
        that another network may judge the same run, and in `TRAINING_FIELDS`, which stay the run's.
      workdir: the folder train.py wrote.
      checkpoint: which one of the run's; see `Run.load`.
      networks: names or paths of further judges; `weights` and `output` as `asked_networks` has
        them.

    The others are passed on.

    Raises:
      InputError: it is no run's folder, it has no such checkpoint, it is a run of another config,
        or a file that is named is missing or wrong.
    """
    folder = RunFolder(workdir)
    check_files(config or folder.read_config(), folder.face_model)
    config = _agreed(folder, config)
    others = asked_networks(networks, weights, output) if networks else ()
    prepare_world(config)
    run = Run.load(workdir, checkpoint)
    return Context(
        config=config,
        run=run,
        networks=judge_networks(config, run, others),
        data=data or {},
        methods=tuple(methods),
        identities=identities,
        pairs=pairs,
        workdir=Path(workdir),
    )


def _agreed(
    folder: RunFolder, config: ml_collections.ConfigDict | None
) -> ml_collections.ConfigDict:
    """The config to evaluate with: the run's, judged as `config` says."""
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
