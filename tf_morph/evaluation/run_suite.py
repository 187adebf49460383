"""The suite `run`: a run's test people, in galleries of the run's own photographs."""

from collections.abc import Mapping

import numpy as np

from tf_morph.evaluation.context import Context, JudgeNetwork
from tf_morph.evaluation.facts import run_facts
from tf_morph.evaluation.galleries import galleries_of
from tf_morph.evaluation.known_truth.study import Study, study_truth
from tf_morph.evaluation.measurements import Measurements, measure
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.people_sheet import people_heads, people_pictures
from tf_morph.evaluation.recall_table import Queries
from tf_morph.evaluation.run_section import run_section
from tf_morph.evaluation.sections import Section
from tf_morph.evaluation.subjects import Drawings, Subjects, make_subjects
from tf_morph.evaluation.terminal import summary


def run_suite(context: Context) -> Section:
    """The section of the test people, with everything they are to be seen beside."""
    measurements, section = measure_run(context)
    print(summary(measurements))
    return section


def measure_run(context: Context, references: bool = True) -> tuple[Measurements, Section]:
    """Measures a run on its test people.

    Args:
      context: of the run.
      references: see `evaluate`.

    Raises:
      InputError: there are too few photographs, or somebody's true face is not known.
    """
    run, truth, split = context.run, context.truth, context.split
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
    if not references:
        return measurements, run_section(measurements)
    section = run_section(
        measurements,
        run_facts(context.config, subjects, split),
        people_pictures(run, subjects, study, networks[0], context.seed),
        people_heads(run, subjects, networks[0], context.seed),
        split.skipped,
    )
    return measurements, section


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
