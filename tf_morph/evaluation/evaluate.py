"""A trained run evaluated on its test people: its folder in, its `evaluation/` folder out."""

from collections.abc import Mapping
from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.evaluation.context import Context, JudgeNetwork
from tf_morph.evaluation.facts import run_facts
from tf_morph.evaluation.figures import draw_figures
from tf_morph.evaluation.galleries import galleries_of
from tf_morph.evaluation.known_truth.study import Study, study_truth
from tf_morph.evaluation.measurements import Measurements, measure
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.opening import open_context
from tf_morph.evaluation.outputs import write_outputs
from tf_morph.evaluation.people_sheet import people_pictures
from tf_morph.evaluation.recall_table import Queries
from tf_morph.evaluation.report import REPORT, report, table_files
from tf_morph.evaluation.subjects import Drawings, Subjects, make_subjects
from tf_morph.evaluation.terminal import summary
from tf_morph.regression.checkpoints import LATEST
from tf_morph.regression.run_folder import RunFolder
from tf_morph.regression.run_page import write_page


def evaluate(
    config: ml_collections.ConfigDict | None,
    workdir: str | Path,
    *,
    references: bool = True,
    checkpoint: str = LATEST,
) -> Measurements:
    """Evaluates the run in `workdir` on its test people.

    Args:
      config: see `open_context`.
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
      InputError: what `open_context` raises, or there are too few photographs.
    """
    return evaluate_run(open_context(config, workdir, checkpoint=checkpoint), workdir, references)


def evaluate_run(context: Context, workdir: str | Path, references: bool = True) -> Measurements:
    """The same of a run that is open."""
    config, run, truth, split = context.config, context.run, context.truth, context.split
    subjects = make_subjects(run, split.test, context.seed, references)
    learned = split.training if references else None
    study = study_truth(run, truth, subjects, learned) if truth else None
    networks = _networks(context, subjects, study if references else None)
    people, identities = subjects.people, split.test.identities
    tables = study.tables(subjects, references) if study else None
    galleries = galleries_of(people.names, split.galleries, context.seed)
    measurements = measure(
        networks, people, identities, galleries, subjects.faces, context.seed, tables
    )
    files = table_files(measurements)
    if references:
        facts = run_facts(config, run.steps, subjects, split)
        pictures = draw_figures(measurements, len(people.names))
        pictures |= people_pictures(run, subjects, study, networks[0], context.seed)
        files = {**pictures, **files, REPORT: report(facts, measurements)}
    folder = RunFolder(workdir).evaluation
    write_outputs(folder, files)
    write_page(workdir)
    print(f"{summary(measurements)}\nwritten to {folder}")
    return measurements


def _networks(context: Context, subjects: Subjects, study: Study | None) -> list[NetworkFeatures]:
    """What each network sees, the judges first if there are any."""
    drawings = {**subjects.drawings, **(study.drawings() if study else {})}
    return [_features(network, subjects, drawings) for network in context.networks]


def _features(
    network: JudgeNetwork, subjects: Subjects, drawings: Mapping[str, Drawings]
) -> NetworkFeatures:
    drawn = [*(part.images for part in drawings.values()), subjects.mean_face]
    features = network.features(np.concatenate(drawn))
    *parts, mean_face = np.split(features, np.cumsum([len(images) for images in drawn])[:-1])
    return NetworkFeatures(
        network=network.name,
        role=network.role,
        photographs=network.features(subjects.photographs.images, kept_as="test"),
        drawings={
            method: Queries(part, drawing.people)
            for part, (method, drawing) in zip(parts, drawings.items(), strict=True)
        },
        mean_face=mean_face[0],
    )
