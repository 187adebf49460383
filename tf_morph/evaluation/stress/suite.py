"""The stress suite: how recall and coefficients fare as photographs become hard."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.galleries import TestPeople, test_people
from tf_morph.evaluation.reading import read_faces
from tf_morph.evaluation.sections import Picture, Plot, Section
from tf_morph.evaluation.stress import words
from tf_morph.evaluation.stress.figures import consistency_curves, recall_curves
from tf_morph.evaluation.stress.folder_suite import among_themselves, beside_clean, left_out
from tf_morph.evaluation.stress.folders import StressFolder, read_stress_folder
from tf_morph.evaluation.stress.in_the_round import Sitters, views
from tf_morph.evaluation.stress.measurement import (
    KEPT_AS,
    Example,
    Gallery,
    Sitting,
    Stressed,
    measure,
    stress_levels,
)
from tf_morph.evaluation.stress.sheet import stress_sheet
from tf_morph.evaluation.stress.transformation import Setting
from tf_morph.evaluation.stress.transformations import TRANSFORMATIONS

NAME = "stress"
FOLDERS = ("feret", "bam")
PEOPLE, PEOPLE_RENDERED = 120, 60  # queries; the fewer in a world that is soon made larger
PHOTOGRAPHS, IN_THE_ROUND, REFERENCE = "photographs", "in the round", "reference"
NO_LEVEL = "–"


def stress_suite(context: Context) -> Section:
    """Measures recall and self-consistency under every stress there are photographs for.

    Raises:
      InputError: a folder given does not keep to the convention (stress/folders.py), or the
        decoder gives coefficients that are not finite.
    """
    folders = [(name, read_stress_folder(context, path)) for name, path in _given(context)]
    people = test_people(context.test.paths, context.test.identities)
    gallery = test_gallery(context, people)
    subjects = _subjects(context, people)
    parts = {
        REFERENCE: _references(context, people, subjects),
        PHOTOGRAPHS: _photographs(context, subjects),
        IN_THE_ROUND: _in_the_round(context, people, subjects),
    }
    measured = {
        family: measure(context, gallery, _with_progress(levels, family))
        for family, levels in parts.items()
    }
    section = _section(context, measured, len(people.names), len(subjects.people))
    return _with_folders(section, [_folder(context, *given) for given in folders])


def test_gallery(context: Context, people: TestPeople) -> Gallery:
    """The first photograph by name of every test person."""
    images = context.test.images
    features = [n.features(images, kept_as="test")[people.first] for n in context.networks]
    return Gallery(features, np.arange(len(people.names)))


test_gallery.__test__ = False  # pytest would collect it where it is imported


class _Subjects(NamedTuple):
    """Rows [N] of the test people whose photographs are made hard; the photographs
    [N, S, S, 3] uint8 sRGB, the gallery's; the faces [N] read from them."""

    people: np.ndarray
    images: np.ndarray
    faces: Coefficients


def _subjects(context: Context, people: TestPeople) -> _Subjects:
    everybody = len(people.names)
    count = min(everybody, PEOPLE_RENDERED if context.truth else PEOPLE)
    order = np.random.default_rng([context.seed, everybody]).permutation(everybody)
    chosen = np.sort(order[:count])
    images = context.test.images[people.first[chosen]]
    return _Subjects(chosen, images, read_faces(context.run, images, KEPT_AS))


Measured = tuple[pd.DataFrame, list[Example]]


def _references(context: Context, people: TestPeople, subjects: _Subjects) -> Iterator[Stressed]:
    """The photographs as they are, and other ones of the same people."""
    everybody = Sitting(REFERENCE, subjects.people, subjects.faces)
    words = ("clean", "the photograph as it is", NO_LEVEL)
    yield Stressed(everybody, *words, 0.0, 0.0, subjects.images)
    again = np.flatnonzero(people.another[subjects.people] >= 0)
    if len(again) > 1:
        whom = subjects.people[again]
        some = Sitting(REFERENCE, whom, subjects.faces.rows(again))
        words = ("another_photograph", "another photograph of the person", NO_LEVEL)
        yield Stressed(some, *words, 0.0, 0.0, context.test.images[people.another[whom]])


def _photographs(context: Context, subjects: _Subjects) -> Iterator[Stressed]:
    setting = Setting(np.array(context.config.rendering.five_points), context.seed)
    sitting = Sitting(PHOTOGRAPHS, subjects.people, subjects.faces)
    for stress in TRANSFORMATIONS:
        yield from stress_levels(
            sitting,
            stress,
            lambda amount, stress=stress: stress.apply(subjects.images, amount, setting),
        )


def _in_the_round(context: Context, people: TestPeople, subjects: _Subjects) -> Iterator[Stressed]:
    """True faces where they are known, else those read from the clean photographs, drawn anew.

    They are held against the faces read from the drawing at 0.
    """
    sitters = Sitters(context.run, context.run.model, subjects.faces, context.seed)
    if context.truth:
        faces = context.truth.of([people.names[person] for person in subjects.people])
        sitters = Sitters(context.run, context.truth.model, faces, context.seed)
    for view in views(sitters.model):
        images = sitters.draw(view, 0.0)
        sitting = Sitting(IN_THE_ROUND, subjects.people, read_faces(context.run, images, KEPT_AS))
        yield Stressed(sitting, view.name, view.title, view.label(0.0), 0.0, 0.0, images)
        yield from stress_levels(
            sitting, view, lambda amount, view=view: sitters.draw(view, amount)
        )


def _with_progress(levels: Iterable[Stressed], family: str) -> Iterator[Stressed]:
    return iter(tqdm(levels, desc=f"stress, {family}", unit="level", leave=False))


class _OfFolder(NamedTuple):
    """`name` of its files, what was measured, whether beside clean photographs, and a note."""

    name: str
    measured: Measured
    paired: bool
    notes: tuple[str, ...]


def _given(context: Context) -> list[tuple[str, Path]]:
    """The user's folders, the second of one kind under a name of its own."""
    return [
        (name if place == 1 else f"{name}_{place}", folder)
        for name in FOLDERS
        for place, folder in enumerate(context.data.get(name, ()), start=1)
    ]


def _folder(context: Context, name: str, folder: StressFolder) -> _OfFolder:
    paired = folder.clean is not None
    how = beside_clean if paired else among_themselves
    return _OfFolder(name, how(context, name, folder), paired, left_out(name, folder))


def _section(
    context: Context, measured: Mapping[str, Measured], everybody: int, count: int
) -> Section:
    table = pd.concat([table for table, _ in measured.values()], ignore_index=True)
    truth = context.truth is not None
    return Section(
        name=NAME,
        title="Stress: hard photographs",
        protocol=words.protocol(truth),
        facts=words.facts(context, everybody, count),
        tables=words.stress_tables(table),
        plots=(
            Plot("stress_recall", words.RECALL_CAPTION, recall_curves(table, REFERENCE)),
            Plot(
                "stress_consistency",
                words.CONSISTENCY_CAPTION,
                consistency_curves(table, REFERENCE),
            ),
        ),
        pictures=tuple(
            _sheet(family.replace(" ", "_"), [*measured[REFERENCE][1], *measured[family][1]])
            for family in (PHOTOGRAPHS, IN_THE_ROUND)
        ),
        notes=words.notes(truth),
        not_run=words.not_run(context, FOLDERS),
    )


def _sheet(name: str, examples: Sequence[Example]) -> Picture:
    return Picture(f"stress_{name}", words.SHEET_CAPTION, stress_sheet(examples))


def _with_folders(section: Section, folders: Sequence[_OfFolder]) -> Section:
    tables, pictures, notes = list(section.tables), list(section.pictures), list(section.notes)
    for name, (table, examples), paired, missing in folders:
        tables.append(words.folder_table(name, table, paired))
        pictures.append(_sheet(name, examples))
        notes += missing
    changed = {"tables": tables, "pictures": pictures, "notes": notes}
    return dataclasses.replace(section, **{key: tuple(part) for key, part in changed.items()})
