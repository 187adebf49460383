"""The evaluation of a run: a trained run's folder in, its `evaluation/` folder out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ml_collections
import numpy as np
from absl import logging

from tf_morph.config import config_difference, expand_path
from tf_morph.errors import InputError
from tf_morph.evaluation.facts import run_facts
from tf_morph.evaluation.figures import draw_figures
from tf_morph.evaluation.galleries import galleries_of
from tf_morph.evaluation.known_truth.study import Study, study_truth
from tf_morph.evaluation.known_truth.truth import load_truth
from tf_morph.evaluation.measurements import Measurements, measure
from tf_morph.evaluation.network_features import NetworkFeatures, asked_networks
from tf_morph.evaluation.outputs import write_outputs
from tf_morph.evaluation.people_sheet import people_pictures
from tf_morph.evaluation.recall_table import Queries
from tf_morph.evaluation.report import REPORT, report, table_files
from tf_morph.evaluation.subjects import Drawings, Subjects, make_subjects
from tf_morph.evaluation.terminal import summary
from tf_morph.recognition.feature_computation import compute_features
from tf_morph.recognition.network import RecognitionNetwork
from tf_morph.recognition.recall import joined
from tf_morph.regression.checkpoints import LATEST
from tf_morph.regression.components import load_judge, prepare_world
from tf_morph.regression.files import check_files
from tf_morph.regression.photograph_features import cached_features
from tf_morph.regression.photograph_sets import split_photographs
from tf_morph.regression.run import Run
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import write_page

EVALUATION_FIELDS = ("judge", "judge_output", "truth")  # of no effect on training
# Of no effect once trained.
TRAINING_FIELDS = (
    *("description", "seed", "loss", "training", "stages", "validation", "distribution"),
)


def evaluate(
    config: ml_collections.ConfigDict | None,
    workdir: str | Path,
    *,
    references: bool = True,
    checkpoint: str = LATEST,
) -> Measurements:
    """Evaluates the run in `workdir` on its test people.

    Args:
      config: the run's own where None; else it may differ from that in `EVALUATION_FIELDS`, so
        that another network may judge the same run, and in `TRAINING_FIELDS`, which stay the run's.
      workdir: the folder train.py wrote.
      references: whether to draw, beside the predictions from the galleries' photographs, those
        from other photographs, bounds and floors, and to write pictures and a report; without
        them an evaluation takes a third of the time.
      checkpoint: which one of the run's; see `Run.load`.

    Returns:
      The tables, which are also written to `workdir`/evaluation: recall.csv, similarity.csv,
      coefficients.csv, report.md and others it names; the run's page shows them. An evaluation
      that fails leaves an older one as it was.

    Raises:
      InputError: it is no run's folder, it has no such checkpoint, it is a run of another config, a
        file its config names is missing or wrong, or there are too few photographs.
    """
    folder = RunFolder(workdir)
    check_files(config or folder.read_config(), folder.face_model)
    config = _agreed(folder, config)
    prepare_world(config)
    run = Run.load(workdir, checkpoint)
    judge = _independent_judge(config, run)
    truth = load_truth(expand_path(config.truth), run.model) if config.truth else None
    split, seed = split_photographs(config), config.photographs.split_seed
    subjects = make_subjects(run, split.test, seed, references)
    learned = split.training if references else None
    study = study_truth(run, truth, subjects, learned) if truth else None
    networks = _networks(config, run, judge, subjects, study if references else None)
    people, identities = subjects.people, split.test.identities
    tables = study.tables(subjects, references) if study else None
    galleries = galleries_of(people.names, split.galleries, seed)
    measurements = measure(networks, people, identities, galleries, subjects.faces, seed, tables)
    files = table_files(measurements)
    if references:
        facts = run_facts(config, run.steps, subjects, split)
        pictures = draw_figures(measurements, len(people.names))
        pictures |= people_pictures(run, subjects, study, networks[0], seed)
        files = {**pictures, **files, REPORT: report(facts, measurements)}
    write_outputs(folder.evaluation, files)
    write_page(workdir)
    print(f"{summary(measurements)}\nwritten to {folder.evaluation}")
    return measurements


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


def _independent_judge(config: ml_collections.ConfigDict, run: Run) -> RecognitionNetwork | None:
    """The judge; none, with a warning, where the config names none or one that was trained on."""
    judge = load_judge(config)
    if judge is None:
        logging.warning("no judge in the config: recall by the training network only")
        return None
    # By its file alone: another output or way of feeding it makes it no other network.
    trained_on = {expand_path(run.config[name].path).resolve() for name in ("encoder", "identity")}
    fingerprints = (run.identity.fingerprint, run.encoder.network.fingerprint)
    if expand_path(config.judge.path).resolve() in trained_on or judge.fingerprint in fingerprints:
        logging.warning("%s took part in training, so it is no judge", judge.name)
        return None
    return judge


def _networks(
    config: ml_collections.ConfigDict,
    run: Run,
    judge: RecognitionNetwork | None,
    subjects: Subjects,
    study: Study | None,
) -> list[NetworkFeatures]:
    """What each network sees, the judge first if there is one."""
    drawings = {**subjects.drawings, **(study.drawings() if study else {})}
    return [
        _features(network, role, outputs, subjects, drawings)
        for network, role, outputs in asked_networks(config, judge, run.identity)
    ]


def _features(
    network: RecognitionNetwork,
    role: str,
    outputs: Sequence[str],
    subjects: Subjects,
    drawings: Mapping[str, Drawings],
) -> NetworkFeatures:
    photographs = cached_features(network, subjects.photographs.images, "test")
    drawn = [*(part.images for part in drawings.values()), subjects.mean_face]
    features = joined(compute_features(network, np.concatenate(drawn)), outputs)
    *parts, mean_face = np.split(features, np.cumsum([len(images) for images in drawn])[:-1])
    return NetworkFeatures(
        network=network.name,
        role=role,
        photographs=joined(photographs, outputs),
        drawings={
            method: Queries(part, drawing.people)
            for part, (method, drawing) in zip(parts, drawings.items(), strict=True)
        },
        mean_face=mean_face[0],
    )
