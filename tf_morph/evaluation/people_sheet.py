"""Pictures of a run: photographs, and the faces read from them, beside the true ones if known."""

from collections.abc import Sequence

import numpy as np

from tf_morph.evaluation.contact_sheet import (
    contact_sheet,
    picture_grid,
    png_file,
)
from tf_morph.evaluation.heads import make_heads
from tf_morph.evaluation.known_truth.study import Study
from tf_morph.evaluation.large_drawings import draw_large
from tf_morph.evaluation.methods import OURS
from tf_morph.evaluation.network_features import NetworkFeatures
from tf_morph.evaluation.sections import Head
from tf_morph.evaluation.subjects import Subjects
from tf_morph.recognition.recall import place
from tf_morph.regression.contact_sheet import TURN_RADIANS
from tf_morph.regression.run import Run

CONTACT_SHEET, HEADS = "contact_sheet", "heads"
PEOPLE, PEOPLE_BESIDE_TRUTH, HEADS_PEOPLE, HEADS_TO_TURN = 24, 8, 6, 4
EITHER_SIDE_RADIANS = np.deg2rad(30.0)
_SIZE, _HEAD_SIZE = 144, 192  # pixels
_HEAD_SCALE = 0.82  # the whole head is in the picture


def people_pictures(
    run: Run, subjects: Subjects, study: Study | None, ranked_by: NetworkFeatures, seed: int
) -> dict[str, bytes]:
    """PNG files by stem: of people drawn with the seed, their ranks those of `ranked_by`."""
    if study:
        sheet = _sheet_beside_truth(study, subjects, ranked_by, seed)
    else:
        sheet = _people_sheet(run, subjects, ranked_by, seed)
    return {CONTACT_SHEET: sheet, HEADS: _heads(run, subjects, seed)}


def people_heads(
    run: Run, subjects: Subjects, ranked_by: NetworkFeatures, seed: int
) -> tuple[Head, ...]:
    """The faces of a few of the same people, to turn."""
    chosen = _draw_people(subjects, HEADS_TO_TURN, seed)
    return make_heads(
        run.model,
        subjects.faces.rows(chosen),
        [f"head_{number}" for number in range(1, len(chosen) + 1)],
        _captions(subjects, chosen, ranked_by),
        _photographs(subjects, chosen),
    )


def _people_sheet(run: Run, subjects: Subjects, ranked_by: NetworkFeatures, seed: int) -> bytes:
    """Photograph, prediction from the front and turned to either side."""
    chosen = _draw_people(subjects, PEOPLE, seed)
    faces = subjects.faces.rows(chosen)
    columns = [
        _photographs(subjects, chosen),
        *(
            draw_large(run, run.model, faces, yaw, _SIZE)
            for yaw in (0.0, -EITHER_SIDE_RADIANS, EITHER_SIDE_RADIANS)
        ),
    ]
    return contact_sheet(columns, _captions(subjects, chosen, ranked_by))


def _sheet_beside_truth(
    study: Study, subjects: Subjects, ranked_by: NetworkFeatures, seed: int
) -> bytes:
    """Photograph, prediction and truth, from the front and turned."""
    chosen = _draw_people(subjects, PEOPLE_BESIDE_TRUTH, seed)
    columns, headings = [_photographs(subjects, chosen)], ["photograph"]
    for what, model, faces in (
        ("predicted", study.run.model, subjects.faces),
        ("true", study.model, study.true),
    ):
        for view, yaw in ((what, 0.0), (f"{what}, turned", TURN_RADIANS)):
            columns.append(draw_large(study.run, model, faces.rows(chosen), yaw, _SIZE))
            headings.append(view)
    return contact_sheet(columns, _captions(subjects, chosen, ranked_by), headings)


def _heads(run: Run, subjects: Subjects, seed: int) -> bytes:
    """Photographs above the heads read from them, front and turned."""
    people = _draw_people(subjects, HEADS_PEOPLE, seed)
    rows = [_photographs(subjects, people)]
    for yaw in (0.0, TURN_RADIANS):
        faces = subjects.faces.rows(people)
        rows.append(draw_large(run, run.model, faces, yaw, _HEAD_SIZE, _HEAD_SCALE))
    return png_file(picture_grid(rows))


def _draw_people(subjects: Subjects, most: int, seed: int) -> np.ndarray:
    """Rows of up to `most` test people, drawn with the seed, increasing."""
    everybody = len(subjects.people.names)
    count = min(most, everybody)
    return np.sort(np.random.default_rng([seed, count]).permutation(everybody)[:count])


def _photographs(subjects: Subjects, chosen: np.ndarray) -> np.ndarray:
    return subjects.photographs.images[subjects.people.first[chosen]]


def _captions(subjects: Subjects, chosen: np.ndarray, ranked_by: NetworkFeatures) -> Sequence[str]:
    names = subjects.people.names
    gallery = ranked_by.gallery(subjects.people)
    queries = ranked_by.drawings[OURS].features[chosen]
    ranks = place(queries, chosen, gallery, np.arange(len(names))).ranks
    return [
        f"{names[person].replace('_', ' ')}: rank {rank:.0f} of {len(names):,}"
        for person, rank in zip(chosen, ranks, strict=True)
    ]
