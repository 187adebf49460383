"""The training run: config and folder in, trained decoder and its record out."""

import copy
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import ml_collections
import numpy as np
from absl import logging

from tf_morph.config import expand_path
from tf_morph.memory import keep_freed_memory
from tf_morph.morphable_model import MorphableModel
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.regression.batches import training_batches
from tf_morph.regression.callbacks.checkpointing import SaveCheckpoint
from tf_morph.regression.callbacks.nonfinite import NonFiniteStop
from tf_morph.regression.callbacks.observer import Observer, due, observed
from tf_morph.regression.callbacks.progress import ProgressBar
from tf_morph.regression.callbacks.scalars import Scalars
from tf_morph.regression.callbacks.seeing import (
    HELD_OUT_PHOTOGRAPHS,
    HeldOut,
    images_a_step,
    show_held_out,
    stage_name,
)
from tf_morph.regression.callbacks.speed import Speed
from tf_morph.regression.callbacks.validation import Validation, ended_before
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.coarse_drawing import coarse_drawer
from tf_morph.regression.components import (
    coefficient_counts,
    is_kept,
    load_judge,
    make_drawer,
    make_face_model,
    make_networks,
    prepare_world,
)
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.distribution import Distribution, start_distribution
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.encoding import Encoder
from tf_morph.regression.event_files import open_event_writer
from tf_morph.regression.files import check_files
from tf_morph.regression.ground_truth_faces import load_ground_truth
from tf_morph.regression.identity import IdentityNetwork
from tf_morph.regression.loop import run_steps
from tf_morph.regression.metrics_table import MetricsTable
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.photograph_features import encoder_features
from tf_morph.regression.photograph_sets import (
    PhotographSet,
    SplitPhotographs,
    split_photographs,
)
from tf_morph.regression.replicas import check_shared
from tf_morph.regression.run_folder import RunFolder, write_json
from tf_morph.regression.stages import Stage, stages_of, unreached_stages
from tf_morph.regression.trainer import TrainingStep
from tf_morph.regression.training_input import (
    TrainingInput,
    adapt_decoder,
    reading,
    training_input,
)
from tf_morph.regression.validation import JUDGE, HeldOutRecall, hold_out, watching_entry
from tf_morph.threads import use_threads

SKIPPED_SHOWN = 10


def train(config: ml_collections.ConfigDict, workdir: str | Path) -> None:
    """Trains the config's regressor in `workdir`, from its newest checkpoint if there is one.

    Leaves config.json, versions.json, people.json (the split, and photographs skipped),
    metrics.csv, pictures/, tensorboard/ and checkpoints/.

    Raises:
      InputError: a file the config names is missing or wrong, the folder belongs to another
        config, or a loss is not finite.
    """
    check_config(config)
    for name in unreached_stages(config):
        logging.warning("stage %s begins after the run's last step, and is never reached", name)
    use_threads(config.training.threads)
    keep_freed_memory()
    keras.utils.set_random_seed(config.seed)
    folder = RunFolder(workdir)
    check_files(config, folder.face_model)
    distribution = start_distribution(config.distribution)
    with distribution.losses_named():
        with distribution.chief_first():
            materials = _prepare(config, folder, distribution.is_chief)
        with distribution.strategy.scope():
            _train(config, folder, distribution, materials)
        distribution.wait_for_all()


class _Materials(NamedTuple):
    """What a run is made from."""

    encoder: Encoder
    identity: tuple[IdentityNetwork, ...]
    model: MorphableModel
    drawer: Drawer
    photographs: SplitPhotographs
    features: TrainingInput
    held_out: np.ndarray  # the encoder's features of the photographs that are watched
    validated: PhotographSet | None  # of the training people held out
    judge: RecognitionNetwork | None


def _prepare(config: ml_collections.ConfigDict, folder: RunFolder, writes: bool) -> _Materials:
    """Loads and computes what takes no training; opens the folder, if this process is to write."""
    prepare_world(config)
    folder.check_for_training(config)
    encoder, identity = make_networks(config)
    judge = load_judge(config)  # not to learn only after hours of training that there is none
    model = make_face_model(config, folder.face_model)
    drawer = make_drawer(config, model)
    photographs = split_photographs(config)
    _check_truth(config, model, photographs)
    photographs, validated = hold_out(config, photographs)
    if writes:  # Only now: a run that cannot begin leaves no folder behind.
        folder.open_for_training(config)
        if is_kept(config) and not folder.face_model.exists():
            model.save(folder.face_model)
        _write_people(folder, config, photographs, validated)
    features = training_input(config, encoder, identity, photographs.training)
    shown = photographs.test.images[:HELD_OUT_PHOTOGRAPHS]
    held_out = encoder_features(encoder, shown, "held-out")
    return _Materials(
        encoder, identity, model, drawer, photographs, features, held_out, validated, judge
    )


def _train(
    config: ml_collections.ConfigDict,
    folder: RunFolder,
    distribution: Distribution,
    materials: _Materials,
) -> None:
    encoder, identity, model, drawer, photographs, features, held_out_features = materials[:7]
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    shown = photographs.test.images[:HELD_OUT_PHOTOGRAPHS]
    held_out = HeldOut(shown, held_out_features, decoder, drawer)
    training_drawer = coarse_drawer(drawer, config.training.drawn_triangles)
    stages = stages_of(config)
    for stage in stages:
        check_shared(stage.config.training)
    peaks = [(stage.begin, stage.config.training.learning_rate) for stage in stages]
    optimizer = make_optimizer(config.training, peaks)

    def make_step(stage: Stage) -> TrainingStep:
        staged = copy.copy(training_drawer)
        staged.distribution = stage.config.scene
        return TrainingStep(decoder, staged, encoder, identity, stage.config, optimizer)

    checkpoints = Checkpoints(folder, decoder, optimizer, config.training.keep_checkpoints)
    first = checkpoints.resume()
    if not first:
        adapt_decoder(decoder, features)
    distribution.check_same(config, first)
    ended = ended_before(folder.validation, first, config.validation.patience)
    if first >= config.training.steps or ended:
        print(f"{folder.path}: already trained for {first} steps")
        return
    begun = time.monotonic()
    observers = []
    if distribution.is_chief:
        writer = open_event_writer(folder.tensorboard, first)
        recall = _recall(config, materials, decoder)
        observers = _observers(config, folder, first, writer, checkpoints, held_out, recall)
    kept = folder.nonfinite if distribution.is_chief else None
    nonfinite = NonFiniteStop(kept, decoder, _photograph_names(photographs))
    with reading(features), observed(observers):
        last = _run_stages(stages, first, make_step, features, observers, nonfinite)
    minutes = (time.monotonic() - begun) / 60
    if distribution.is_chief:
        print(
            f"{folder.path}: steps {first + 1} to {last} in {minutes:.1f} minutes; "
            f"now: python evaluate.py --workdir={folder.path}"
        )


def _run_stages(
    stages: Sequence[Stage],
    first: int,
    make_step: Callable[[Stage], TrainingStep],
    features: TrainingInput,
    observers: Sequence[Observer],
    nonfinite: NonFiniteStop,
) -> int:
    """Makes the steps after the `first`; how many the run has made then."""
    step = first
    for stage in stages:
        if stage.end <= first:
            continue
        begin, settings = max(first, stage.begin), stage.config.training
        batches = training_batches(
            features, stage.config.seed, settings.decoded_faces, begin, stage.end
        )
        step, goes_on = run_steps(make_step(stage), batches, begin, observers, nonfinite)
        if not goes_on:
            break
    return step


def _recall(
    config: ml_collections.ConfigDict, materials: _Materials, decoder: Decoder
) -> HeldOutRecall | None:
    if materials.validated is None:
        return None
    if config.validation.network == JUDGE:
        network, outputs = materials.judge, (config.judge_output,)
    else:
        watching = watching_entry(config)
        each = next(each for each in materials.identity if each.name == watching)
        network, outputs = each.network, each.outputs
    shown, encoder, drawer = materials.validated, materials.encoder, materials.drawer
    return HeldOutRecall(shown, network, outputs, encoder, decoder, drawer)


def _observers(config, folder, first, writer, checkpoints, held_out, recall) -> list[Observer]:
    """What is told of each step. The checkpoint comes last: what it stands for is written then."""
    settings, last = config.training, config.training.steps
    every = config.validation.every if recall else 0
    saved = due(last, settings.checkpoint_every, every)
    logged = due(last, settings.log_every, settings.checkpoint_every, every)
    images = images_a_step(config)
    return [
        ProgressBar(first, last, images, stage_name(config)),
        Scalars(MetricsTable(folder.metrics, first), writer, logged),
        Speed(MetricsTable(folder.speed, first), writer, logged, images),
        *show_held_out(held_out, folder, writer, settings.picture_every, first, last),
        *_validation(config, folder, first, writer, checkpoints, recall, saved),
    ]


def _validation(config, folder, first, writer, checkpoints, recall, saved) -> list[Observer]:
    """What measures recall, where people are held out for it, and what saves checkpoints."""
    table = MetricsTable(folder.validation, first)
    if recall is None:
        return [SaveCheckpoint(checkpoints, saved)]
    settings = config.validation
    measured = due(config.training.steps, settings.every)
    validation = Validation(recall, table, writer, measured, settings.patience)
    if validation.is_best(first):  # and the run was cut off before it was kept as such
        checkpoints.save_best(first)
    return [validation, SaveCheckpoint(checkpoints, saved, validation.is_best)]


def _photograph_names(photographs: SplitPhotographs) -> list[str]:
    """By the places a batch names its photographs by: all of them, then their mirror images."""
    paths = photographs.training.paths
    return [*paths, *(f"{path}, mirrored" for path in paths)]


def _check_truth(
    config: ml_collections.ConfigDict, model: MorphableModel, photographs: SplitPhotographs
) -> None:
    """As with the judge: that the true faces cannot be used is not to be learnt in the end."""
    if config.truth:
        truth = load_ground_truth(expand_path(config.truth), model)
        for side in (photographs.training, photographs.test):
            truth.of(side.identities)


def _write_people(
    folder: RunFolder,
    config: ml_collections.ConfigDict,
    photographs: SplitPhotographs,
    validated: PhotographSet | None,
) -> None:
    record = {
        "training": sorted(set(photographs.training.identities)),
        "test": sorted(set(photographs.test.identities)),
        "validation": sorted(validated.identities) if validated else [],
        "validation_network": config.validation.network if validated else None,
        "skipped": [{"path": path, "reason": reason} for path, reason in photographs.skipped],
    }
    write_json(folder.people, record)
    for path, reason in photographs.skipped[:SKIPPED_SHOWN]:
        logging.warning("photograph skipped: %s: %s", path, reason)
    if photographs.skipped:
        logging.warning(
            "photographs skipped: %d, all named in %s", len(photographs.skipped), folder.people
        )
