"""The suite run: the run's test people, in galleries of the run's own photographs."""

from collections.abc import Mapping, Sequence

import numpy as np

from tf_morph.evaluation.context import Context, EvaluationNetwork
from tf_morph.evaluation.ground_truth import Study, study_truth
from tf_morph.evaluation.identification import Probes, galleries_of, rank_probes
from tf_morph.evaluation.measurements import Measurements, TestFeatures, measure
from tf_morph.evaluation.methods import OURS
from tf_morph.evaluation.predictions import Renderings, Subjects, make_subjects
from tf_morph.evaluation.renderings import (
    contact_sheet,
    image_grid,
    make_heads,
    png_file,
    render_large,
)
from tf_morph.evaluation.run_section import CONTACT_SHEET, HEADS, run_facts, run_section, summary
from tf_morph.evaluation.section import Head, Section
from tf_morph.regression.contact_sheet import TURN_RADIANS
from tf_morph.regression.run import Run

_PEOPLE, _PEOPLE_BESIDE_TRUTH, _HEADS_SHOWN, _HEADS_TO_TURN = 24, 8, 6, 4
_EITHER_SIDE_RADIANS = np.deg2rad(30.0)
_SIZE, _HEAD_SIZE = 144, 192  # pixels
_HEAD_SCALE = 0.82  # the whole head is in the image


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
    rendered = {**subjects.renderings, **(study.renderings() if study and references else {})}
    features = [_features(network, subjects, rendered) for network in context.networks]
    people = subjects.people
    measurements = measure(
        features,
        people,
        split.test.identities,
        galleries_of(people.names, split.galleries, context.seed),
        subjects.faces,
        context.seed,
        study.tables(subjects, references) if study else None,
    )
    if not references:
        return measurements, run_section(measurements)
    section = run_section(
        measurements,
        run_facts(context.config, subjects, split),
        _sheets(run, subjects, study, features[0], context.seed),
        _heads(run, subjects, features[0], context.seed),
        split.skipped,
    )
    return measurements, section


def _features(
    network: EvaluationNetwork, subjects: Subjects, rendered: Mapping[str, Renderings]
) -> TestFeatures:
    images = [*(part.images for part in rendered.values()), subjects.mean_face]
    features = network.features(np.concatenate(images))
    *parts, mean_face = np.split(features, np.cumsum([len(part) for part in images])[:-1])
    first = subjects.people.first
    return TestFeatures(
        network=network.name,
        role=network.role,
        images=network.features(subjects.photographs.images, kept_as="test"),
        renderings={
            method: Probes(part, first[of_method.people])
            for part, (method, of_method) in zip(parts, rendered.items(), strict=True)
        },
        mean_face=mean_face[0],
    )


def _sheets(
    run: Run, subjects: Subjects, study: Study | None, ranked_by: TestFeatures, seed: int
) -> dict[str, bytes]:
    """PNG files by stem: of people sampled with the seed, their ranks those of `ranked_by`."""
    rows = subjects.sample(_PEOPLE_BESIDE_TRUTH if study else _PEOPLE, seed)
    captions = _captions(subjects, rows, ranked_by)
    columns, headings = [subjects.gallery_images(rows)], []
    if study:  # photograph, prediction and truth, from the front and rotated
        headings = ["photograph"]
        for what, model, faces in (
            ("predicted", run.model, subjects.faces),
            ("true", study.model, study.true),
        ):
            for view, yaw in ((what, 0.0), (f"{what}, rotated", TURN_RADIANS)):
                columns.append(render_large(run, model, faces.rows(rows), yaw, _SIZE))
                headings.append(view)
    else:
        for yaw in (0.0, -_EITHER_SIDE_RADIANS, _EITHER_SIDE_RADIANS):
            columns.append(render_large(run, run.model, subjects.faces.rows(rows), yaw, _SIZE))
    few = subjects.sample(_HEADS_SHOWN, seed)
    heads = [subjects.gallery_images(few)]
    for yaw in (0.0, TURN_RADIANS):
        faces = subjects.faces.rows(few)
        heads.append(render_large(run, run.model, faces, yaw, _HEAD_SIZE, _HEAD_SCALE))
    return {
        CONTACT_SHEET: contact_sheet(columns, captions, headings),
        HEADS: png_file(image_grid(heads)),
    }


def _heads(run: Run, subjects: Subjects, ranked_by: TestFeatures, seed: int) -> tuple[Head, ...]:
    """The faces of a few of the same people, to turn."""
    rows = subjects.sample(_HEADS_TO_TURN, seed)
    return make_heads(
        run.model,
        subjects.faces.rows(rows),
        [f"head_{number}" for number in range(1, len(rows) + 1)],
        _captions(subjects, rows, ranked_by),
        subjects.gallery_images(rows),
    )


def _captions(subjects: Subjects, rows: np.ndarray, ranked_by: TestFeatures) -> Sequence[str]:
    names = subjects.people.names
    gallery = ranked_by.images[subjects.people.first]
    ours = ranked_by.renderings[OURS].features[rows]
    ranks = rank_probes(ours, rows, gallery, np.arange(len(names))).ranks
    return [
        f"{names[person].replace('_', ' ')}: rank {rank:.0f} of {len(names):,}"
        for person, rank in zip(rows, ranks, strict=True)
    ]
