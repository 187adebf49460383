"""The suite stress: robustness to perturbed photographs, synthetic views, hard photographs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from tf_morph.errors import InputError
from tf_morph.evaluation import tables
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.hard_folders import HardFolder, read_hard_folder
from tf_morph.evaluation.identification import TestPeople, rank_probes, recall_columns, test_people
from tf_morph.evaluation.image_sets import predict_faces
from tf_morph.evaluation.perturbations import PERTURBATIONS, FacePoints
from tf_morph.evaluation.robustness import (
    KEPT_AS,
    Example,
    GalleryFeatures,
    Level,
    Reference,
    consistency_curves,
    example_sheet,
    levels_of,
    measure,
    parts_of,
    recall_curves,
    test_gallery,
)
from tf_morph.evaluation.section import ImageFile, Plot, Section, Table
from tf_morph.evaluation.synthetic_views import Sitters, views
from tf_morph.regression.ground_truth_faces import Coefficients

FOLDERS = ("feret", "bam")
PEOPLE, PEOPLE_RENDERED = 120, 60  # probes; the fewer in a world that is soon made larger
PHOTOGRAPHS, SYNTHETIC, REFERENCE = "photographs", "synthetic views", "reference"
NO_LEVEL = "–"
_SHOWN = 5  # images of a style in the contact sheet
ITSELF_COLUMNS = (
    *("family", "stress", "level", "network", "role", "images", "gallery"),
    *("top1", "top1_low", "top1_high", "top5", "shape_square", "texture_square"),
)
Measured = tuple[pd.DataFrame, list[Example]]


def stress_suite(context: Context) -> Section:
    """Measures recall and self-consistency under every perturbation there are photographs for.

    Raises:
      InputError: a folder does not keep to the layout of hard_folders.py, or the decoder gives
        coefficients that are not finite.
    """
    given = [
        (name if number == 1 else f"{name}_{number}", read_hard_folder(context, path))
        for name in FOLDERS
        for number, path in enumerate(context.data.get(name, ()), start=1)
    ]
    people = test_people(context.test.paths, context.test.identities)
    gallery, subjects = test_gallery(context, people), _subjects(context, people)
    parts = {
        REFERENCE: _references(context, people, subjects),
        PHOTOGRAPHS: _perturbed(context, subjects),
        SYNTHETIC: _synthetic(context, people, subjects),
    }
    measured = {
        family: measure(context, gallery, _with_progress(levels, family))
        for family, levels in parts.items()
    }
    table = pd.concat([frame for frame, _ in measured.values()], ignore_index=True)
    shown = [(table_of, examples) for table_of, examples in _folders(context, given)]
    clean = measured[REFERENCE][1]
    sheets = {
        family.replace(" ", "_"): [*clean, *measured[family][1]]
        for family in (PHOTOGRAPHS, SYNTHETIC)
    }
    sheets |= {name: examples for (name, _), (_, examples) in zip(given, shown, strict=True)}
    return Section(
        name="stress",
        title="Robustness: hard photographs",
        protocol=_protocol(context),
        facts=(
            ("people in the gallery", f"{len(people.names):,}"),
            ("of them made hard", f"{len(subjects.people):,}"),
            ("networks", ", ".join(f"{n.name} ({n.role})" for n in context.networks)),
            ("chance, top-1", tables.percent(1 / len(people.names))),
        ),
        tables=(_summary(table), _everything(table), *(table_of for table_of, _ in shown)),
        plots=(
            Plot("stress_recall", _RECALL_CAPTION, recall_curves(table, REFERENCE)),
            Plot("stress_consistency", _MOVED_CAPTION, consistency_curves(table, REFERENCE)),
        ),
        images=tuple(
            ImageFile(f"stress_{name}", _SHEET_CAPTION, example_sheet(examples))
            for name, examples in sheets.items()
        ),
        notes=(*_notes(context), *(note for each in given for note in _left_out(*each))),
        not_run=_not_run(context),
    )


class _Subjects(NamedTuple):
    """Rows [N] of the test people whose photographs are made hard; the photographs
    [N, S, S, 3] uint8 sRGB, the gallery's; the faces [N] predicted for them."""

    people: np.ndarray
    images: np.ndarray
    faces: Coefficients


def _subjects(context: Context, people: TestPeople) -> _Subjects:
    everybody = len(people.names)
    count = min(everybody, PEOPLE_RENDERED if context.truth else PEOPLE)
    order = np.random.default_rng([context.seed, everybody]).permutation(everybody)
    chosen = np.sort(order[:count])
    images = context.test.images[people.first[chosen]]
    return _Subjects(chosen, images, predict_faces(context.run, images, KEPT_AS))


def _references(context: Context, people: TestPeople, subjects: _Subjects) -> Iterator[Level]:
    """The photographs as they are, and other ones of the same people."""
    everybody = Reference(REFERENCE, subjects.people, subjects.faces)
    words = ("clean", "the photograph as it is", NO_LEVEL)
    yield Level(everybody, *words, 0.0, 0.0, subjects.images)
    again = np.flatnonzero(people.another[subjects.people] >= 0)
    if len(again) > 1:
        whom = subjects.people[again]
        some = Reference(REFERENCE, whom, subjects.faces.rows(again))
        words = ("another_photograph", "another photograph of the person", NO_LEVEL)
        yield Level(some, *words, 0.0, 0.0, context.test.images[people.another[whom]])


def _perturbed(context: Context, subjects: _Subjects) -> Iterator[Level]:
    points = FacePoints(np.array(context.config.rendering.five_points), context.seed)
    reference = Reference(PHOTOGRAPHS, subjects.people, subjects.faces)
    for each in PERTURBATIONS:
        yield from levels_of(
            reference, each, lambda amount, each=each: each.apply(subjects.images, amount, points)
        )


def _synthetic(context: Context, people: TestPeople, subjects: _Subjects) -> Iterator[Level]:
    """True faces where they are known, else those predicted for the clean photographs, rendered
    anew; held against the faces predicted for the rendering at 0."""
    sitters = Sitters(context.run, context.run.model, subjects.faces, context.seed)
    if context.truth:
        faces = context.truth.of([people.names[person] for person in subjects.people])
        sitters = Sitters(context.run, context.truth.model, faces, context.seed)
    for view in views(sitters.model):
        images = sitters.render(view, 0.0)
        faces = predict_faces(context.run, images, KEPT_AS)
        reference = Reference(SYNTHETIC, subjects.people, faces)
        yield Level(reference, view.name, view.title, view.label(0.0), 0.0, 0.0, images)
        yield from levels_of(
            reference, view, lambda amount, view=view: sitters.render(view, amount)
        )


def _with_progress(levels: Iterable[Level], family: str) -> Iterator[Level]:
    return iter(tqdm(levels, desc=f"stress, {family}", unit="level", leave=False))


# Folders of hard photographs.


def _folders(
    context: Context, given: Sequence[tuple[str, HardFolder]]
) -> Iterator[tuple[Table, list[Example]]]:
    for name, folder in given:
        how = _among_themselves if folder.clean is None else _beside_clean
        frame, examples = how(context, name, folder)
        yield _folder_table(name, frame, folder.clean is not None), examples


def _beside_clean(context: Context, family: str, folder: HardFolder) -> Measured:
    """`measure` among the folder's own clean photographs; people without one are left out.

    Raises:
      InputError: fewer than two clean photographs, or a level none of whose people has one.
    """
    names, images = folder.clean.names, folder.clean.images
    if len(names) < 2:
        raise InputError(f"{folder.path}/clean: {len(names)} photograph; recall needs at least 2")
    rows = {name: row for row, name in enumerate(names)}
    clean = predict_faces(context.run, images, KEPT_AS)
    features = [network.features(images) for network in context.networks]
    levels = []
    for each in folder.levels:
        known = [index for index, name in enumerate(each.names) if name in rows]
        if len(known) < 2:
            raise InputError(
                f"{folder.path}/{each.stress}/{each.level}: {len(known)} of its people has a "
                "photograph of the same name in clean; at least 2 are needed"
            )
        whom = np.array([rows[each.names[index]] for index in known])
        reference = Reference(family, whom, clean.rows(whom))
        words = (each.stress, each.stress, each.level or each.stress)
        levels.append(Level(reference, *words, each.amount, each.severity, each.images[known]))
    return measure(context, GalleryFeatures(features, np.arange(len(names))), levels)


def _among_themselves(context: Context, family: str, folder: HardFolder) -> Measured:
    """For images without clean counterparts: is the very image found by the rendering of the
    prediction for it, among all the folder's images; and how far the faces are from the mean.

    Returns:
      Rows of `ITSELF_COLUMNS`: `shape_square` and `texture_square` are mean squared coefficients,
      1 for faces of the prior; and an example a level.
    """
    images = np.concatenate([level.images for level in folder.levels])
    faces = predict_faces(context.run, images, KEPT_AS)
    renderings = context.run.draw(*faces)
    parts = parts_of([len(level.images) for level in folder.levels])
    everything, rows = np.arange(len(images)), []
    for network in context.networks:
        gallery, probes = network.features(images), network.features(renderings)
        for level, part in zip(folder.levels, parts, strict=True):
            ranks = rank_probes(probes[part], everything[part], gallery, everything)
            squares = {
                f"{kind}_square": float(np.mean(np.square(values)))
                for kind, values in faces.rows(part)._asdict().items()
            }
            row = {
                "family": family,
                "stress": level.stress,
                "level": level.level,
                "network": network.name,
                "role": network.role,
                "images": len(level.images),
                "gallery": len(images),
            }
            rows.append(row | recall_columns(ranks, everything[part], context.seed) | squares)
    examples = [
        Example(f"{level.stress} {level.level}", images[part][:_SHOWN], renderings[part][:_SHOWN])
        for level, part in zip(folder.levels, parts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(ITSELF_COLUMNS)), examples


def _left_out(name: str, folder: HardFolder) -> tuple[str, ...]:
    """Notes on what of a folder was not measured."""
    notes = []
    if folder.clean is None:
        notes.append(f"{name.upper()}: no folder clean: its images are sought among themselves.")
    if folder.skipped:
        path, reason = folder.skipped[0]
        notes.append(
            f"{name.upper()}: {len(folder.skipped)} photographs could not be used, the first "
            f"{path}: {reason}."
        )
    if folder.clean is not None:
        known = set(folder.clean.names)
        alone = sum(name not in known for level in folder.levels for name in level.names)
        if alone:
            notes.append(f"{name.upper()}: {alone} photographs of people not in clean left out.")
    return tuple(notes)


# Words and tables.

_RECALL_CAPTION = (
    "Top-1 recall of the clean photograph by the rendering of the face predicted for the hard one; "
    "shaded: 95 % intervals."
)
_MOVED_CAPTION = (
    "Mean distance of coefficients from those of the clean photograph, in mean distances between "
    "two people; shaded: 95 % intervals."
)
_SHEET_CAPTION = (
    "One person's photographs under each perturbation, growing to the right, and under each the "
    "face predicted for it, frontal and evenly lit."
)
_PROTOCOL = """\
- **Gallery**: the first photograph by name of every test person, clean.
- **Probe**: the gallery's own photograph of a person is made hard, a face is predicted for it and
  rendered, frontal and evenly lit. Which people is sampled with the evaluation's seed.
- **Recall**: cosine of the network's features, ties in random order; the bootstrap's 95 % interval
  over the people. Beside it what the first network finds by the hard photograph itself.
- **Self-consistency**: Euclidean distance, in standard deviations, between the coefficients
  predicted for the hard and for the clean photograph, mean over people, divided by the mean
  distance between the clean coefficients of two people. 0: unmoved; 1: as far off as somebody else.
- **Photographs** are changed after they are cropped, so that no face detector fails and no aligner
  helps. Light is changed, blurred and counted in linear RGB.
- **Synthetic views**: {sitters}, rendered with a background, hair, clothes and lights sampled for
  each from the run's scenes, with the pose or lamp set; the coefficients are held against those
  predicted for the rendering at 0. The gallery stays the photographs.
- **Folders** (`--data=feret:FOLDER`, `--data=bam:FOLDER`): with `clean/`, the same, the gallery
  being its photographs; without, the gallery is all the folder's images, and the rendering of the
  face predicted for each is to find that very image.
"""
_PERCENT = ("top1", "top1_low", "top1_high", "top5", "photograph_top1")
_HEADINGS = {
    "family": "of",
    "stress": "stress",
    "level": "level",
    "network": "network",
    "role": "role",
    "top1": "top-1",
    "top1_low": "from",
    "top1_high": "to",
    "top5": "top-5",
    "photograph_top1": "photograph itself, top-1",
    "shape": "shape moved",
    "texture": "texture moved",
}
_FORMATS = dict.fromkeys(_PERCENT, tables.percent) | dict.fromkeys(
    ("shape", "texture", "both", "shape_square", "texture_square"), tables.decimals(2)
)


def _protocol(context: Context) -> str:
    predicted = "the faces predicted for the clean photographs"
    return _PROTOCOL.format(sitters="the people's true faces" if context.truth else predicted)


def _notes(context: Context) -> tuple[str, ...]:
    """What is to be known beside the tables."""
    known = (
        "The side light on photographs takes the face for half a cylinder; the lamp of synthetic "
        "views is shaded on the mesh, without cast shadows.",
        "A distance of 0 says nothing of the face being right: a prediction that ignores the "
        "photograph never moves. Recall is to be read beside it.",
    )
    own = (
        "The faces of synthetic views are the run's own predictions, which it predicts more easily."
    )
    return known if context.truth else (*known, own)


def _not_run(context: Context) -> tuple[str, ...]:
    """What needs data or a face model that are not there."""
    left_out = [
        f"{name.upper()}: give its photographs by --data={name}:FOLDER (<stress>[/<level>]/"
        "<person>.jpg, and clean/<person>.jpg)."
        for name in FOLDERS
        if not context.data.get(name)
    ]
    model = context.truth.model if context.truth else context.run.model
    if model.expression is None:
        left_out.append("Expression in synthetic views: the face model has no expressions.")
    return tuple(left_out)


def _everything(table: pd.DataFrame) -> Table:
    caption = "Recall and self-consistency under every perturbation, level and network."
    return Table("stress", caption, table, _HEADINGS, _FORMATS)


def _summary(table: pd.DataFrame) -> Table:
    """What is left at half and full severity by the first network."""
    first = table[table["network"] == table["network"].iloc[0]]
    columns = ("level", "top1", "photograph_top1", "shape", "texture")
    words = ("level", "top-1", "photograph itself", "shape moved", "texture moved")
    rows, headings, formats = [], {"family": "of", "stress": "stress"}, {}
    for (family, stress), levels in first.groupby(["family", "stress"], sort=False):
        levels = levels.sort_values("severity")
        middle, last = levels.iloc[(len(levels) - 1) // 2], levels.iloc[-1]
        rows.append({"family": family, "stress": stress})
        for when, level in (("half", middle), ("full", last)):
            rows[-1] |= {f"{column}_{when}": level[column] for column in columns}
    for when in ("half", "full"):
        headings |= {f"{column}_{when}": word for column, word in zip(columns, words, strict=True)}
        formats |= {f"{column}_{when}": _FORMATS[column] for column in columns[1:]}
    headings["level_full"] = "strongest"
    caption = (
        f"At half and at full severity, by {first['network'].iloc[0]}: recall by the rendering and "
        "by the photograph itself, and how far coefficients move in distances between people."
    )
    return Table("stress_summary", caption, pd.DataFrame(rows), headings, formats)


def _folder_table(name: str, table: pd.DataFrame, paired: bool) -> Table:
    """Of a folder of the user's."""
    if paired:
        caption = f"{name.upper()}: recall and self-consistency beside its clean photographs."
        return Table(f"stress_{name}", caption, table, _HEADINGS, _FORMATS)
    caption = (
        f"{name.upper()}: how often the rendering finds the very image among all; mean squared "
        "coefficients are 1 for faces of the prior."
    )
    return Table(f"stress_{name}", caption, table, None, _FORMATS)
