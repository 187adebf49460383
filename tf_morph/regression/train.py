"""The training run: config and folder in, trained decoder and its record out."""

import time
from pathlib import Path

import keras
import ml_collections
import numpy as np
from absl import logging

from tf_morph.config import expand_path
from tf_morph.evaluation.known_truth.truth import load_truth
from tf_morph.memory import keep_freed_memory
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.batches import training_batches
from tf_morph.regression.callbacks.checkpointing import SaveCheckpoint
from tf_morph.regression.callbacks.nonfinite import PHOTOGRAPH, NonFiniteStop
from tf_morph.regression.callbacks.observer import due
from tf_morph.regression.callbacks.progress import ProgressBar
from tf_morph.regression.callbacks.scalars import Scalars
from tf_morph.regression.callbacks.seeing import (
    HELD_OUT_PHOTOGRAPHS,
    HeldOut,
    images_a_step,
    show_held_out,
)
from tf_morph.regression.callbacks.speed import Speed
from tf_morph.regression.checkpoints import Checkpoints
from tf_morph.regression.components import (
    SplitPhotographs,
    coefficient_counts,
    is_converted,
    load_judge,
    make_drawer,
    make_face_model,
    make_networks,
    prepare_world,
    split_photographs,
)
from tf_morph.regression.config_checks import check_config
from tf_morph.regression.decoder import make_decoder
from tf_morph.regression.event_files import open_event_writer
from tf_morph.regression.files import check_files
from tf_morph.regression.loop import run_steps
from tf_morph.regression.metrics_table import MetricsTable
from tf_morph.regression.optimizer import make_optimizer
from tf_morph.regression.photograph_features import encoder_features, training_features
from tf_morph.regression.run_folder import RunFolder, write_json
from tf_morph.regression.trainer import TrainingStep
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
    use_threads(config.training.threads)
    keep_freed_memory()
    keras.utils.set_random_seed(config.seed)
    folder = RunFolder(workdir)
    check_files(config, folder.face_model)
    prepare_world(config)
    folder.check_for_training(config)
    encoder, identity = make_networks(config)
    load_judge(config)  # not to learn only after hours of training that there is none
    model = make_face_model(config, folder.face_model)
    drawer = make_drawer(config, model)
    photographs = split_photographs(config)
    _check_truth(config, model, photographs)
    # Only now: a run that cannot begin leaves no folder behind.
    folder.open_for_training(config)
    if is_converted(config) and not folder.face_model.exists():
        model.save(folder.face_model)
    _write_people(folder, photographs)
    features = training_features(
        encoder,
        identity,
        tuple(config.identity_outputs),
        photographs.training.images,
        config.photographs.mirrored,
    )
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    decoder.adapt(features["encoder"])
    shown = photographs.test.images[:HELD_OUT_PHOTOGRAPHS]
    held_out = HeldOut(shown, encoder_features(encoder, shown, "held-out"), decoder, drawer)
    optimizer = make_optimizer(config.training)
    step = TrainingStep(decoder, drawer, encoder, identity, config, optimizer)
    paths = photographs.training.paths
    names = [*paths, *(f"{path}, mirrored" for path in paths)]
    features[PHOTOGRAPH] = np.arange(len(features["encoder"]))
    _run(config, folder, step, features, held_out, names)


def _check_truth(
    config: ml_collections.ConfigDict, model: MorphableModel, photographs: SplitPhotographs
) -> None:
    """As with the judge: that the true faces cannot be used is not to be learnt in the end."""
    if config.truth:
        truth = load_truth(expand_path(config.truth), model)
        for side in (photographs.training, photographs.test):
            truth.of(side.identities)


def _run(config, folder: RunFolder, step: TrainingStep, features, held_out, photographs):
    settings = config.training
    checkpoints = Checkpoints(folder, step.decoder, step.optimizer, settings.keep_checkpoints)
    first, last = checkpoints.resume(), settings.steps
    if first >= last:
        print(f"{folder.path}: already trained for {first} steps")
        return
    start = time.monotonic()
    batches = training_batches(features, config.seed, settings.decoded_faces, first, last)
    writer = open_event_writer(folder.tensorboard, first)
    logged = due(last, settings.log_every, settings.checkpoint_every)
    nonfinite = NonFiniteStop(folder.nonfinite, step.decoder, photographs)
    images = images_a_step(config)
    observers = [
        ProgressBar(first, last, images),
        Scalars(MetricsTable(folder.metrics, first), writer, logged),
        Speed(MetricsTable(folder.speed, first), writer, logged, images),
        *show_held_out(held_out, folder, writer, settings.picture_every, first, last),
        SaveCheckpoint(checkpoints, settings.checkpoint_every, last),
    ]
    try:
        run_steps(step, batches, first, observers, nonfinite)
    finally:
        for observer in observers:
            observer.after_training()
    minutes = (time.monotonic() - start) / 60
    print(
        f"{folder.path}: steps {first + 1} to {last} in {minutes:.1f} minutes; "
        f"now: python evaluate.py --workdir={folder.path}"
    )


def _write_people(folder: RunFolder, photographs: SplitPhotographs) -> None:
    record = {
        "training": sorted(set(photographs.training.identities)),
        "test": sorted(set(photographs.test.identities)),
        "skipped": [{"path": path, "reason": reason} for path, reason in photographs.skipped],
    }
    write_json(folder.people, record)
    for path, reason in photographs.skipped[:SKIPPED_SHOWN]:
        logging.warning("photograph skipped: %s: %s", path, reason)
    if photographs.skipped:
        logging.warning(
            "photographs skipped: %d, all named in %s", len(photographs.skipped), folder.people
        )
