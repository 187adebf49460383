"""What a recall suite has to say of one data set, and of several in one section."""

from collections.abc import Sequence
from dataclasses import dataclass

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.drawn_photographs import MOST_TRAINED_ON, DrawnPhotographs
from tf_morph.evaluation.gallery_recall.figures import match_curves_figure
from tf_morph.evaluation.gallery_recall.paper_rows import beside_paper
from tf_morph.evaluation.gallery_recall.pictures import found_and_mistaken, some_heads
from tf_morph.evaluation.gallery_recall.questions import (
    PERSON,
    Gallery,
    asked_by_method,
    groups_of,
    person_labels,
)
from tf_morph.evaluation.gallery_recall.results import (
    RecallResult,
    chance_results,
    recall_results,
)
from tf_morph.evaluation.gallery_recall.tables import curve_table, recall_table
from tf_morph.evaluation.methods import (
    ANOTHER_PHOTOGRAPH,
    CHANCE,
    MEAN_FACE,
    METHODS,
    RANDOM_FACE,
)
from tf_morph.evaluation.sections import Head, Picture, Plot, Section, Table

_FEWEST = 2  # people
_REFERENCES = (MEAN_FACE, RANDOM_FACE, ANOTHER_PHOTOGRAPH)


@dataclass(frozen=True)
class RecallParts:
    """Of one data set: what goes into a `Section`."""

    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...]
    pictures: tuple[Picture, ...]
    heads: tuple[Head, ...]
    notes: tuple[str, ...]
    not_run: tuple[str, ...]


def recall_parts(
    context: Context,
    drawn: DrawnPhotographs,
    gallery: Gallery,
    *,
    paper: str | None = None,
    stem: str = "",
) -> RecallParts:
    """Recall on one data set.

    Args:
      drawn: its photographs.
      gallery: which of them stand in it.
      paper: how the paper's figures name the data set, if it has any on it.
      stem: what the files' names end in, to tell several data sets apart.

    Raises:
      InputError: the photographs show fewer than two people.
    """
    people = person_labels(drawn.photographs)
    if len(set(people)) < _FEWEST:
        raise InputError(
            f"{drawn.photographs.source}: photographs of one person; recall needs at least 2 people"
        )
    results = _results(context, drawn, gallery, people)
    shown = [r for r in results if r.hit == PERSON]
    tables = [recall_table(f"recall{stem}", results), curve_table(f"match_curves{stem}", results)]
    if paper:
        tables.insert(0, beside_paper(f"beside_paper{stem}", paper, results))
    caption = "How often the right person is among the first k: the cumulative match curve."
    sheet = found_and_mistaken(context.run, drawn, gallery, context.seed)
    return RecallParts(
        facts=_facts(drawn, gallery, people),
        tables=tuple(tables),
        plots=(Plot(f"match_curves{stem}", caption, match_curves_figure(_most_telling(shown))),),
        pictures=(Picture(f"found_and_mistaken{stem}", _SHEET_CAPTION, sheet),),
        heads=some_heads(context.run, drawn, context.seed, stem),
        notes=(*_notes(results), *filter(None, (other.left_out for other in drawn.others))),
        not_run=tuple(
            f"{other.name}: nothing in its folder fits the photographs in "
            f"{drawn.photographs.source} and can be used"
            for other in drawn.others
            if not len(other.rows)
        ),
    )


_SHEET_CAPTION = (
    "The gallery's photograph, the one asked with, what the first network finds most like its "
    "drawing in the gallery, and the drawing: first people who were mistaken for others, then "
    "people who were found; drawn at random."
)


def recall_section(
    name: str,
    title: str,
    protocol: str,
    parts: Sequence[RecallParts],
    facts: Sequence[tuple[str, str]] = (),
) -> Section:
    """One section of the parts of one data set or several."""

    def together(field: str) -> tuple:
        return tuple(dict.fromkeys(value for part in parts for value in getattr(part, field)))

    return Section(
        name=name,
        title=title,
        protocol=protocol,
        facts=(*facts, *(fact for part in parts for fact in part.facts)),
        tables=tuple(table for part in parts for table in part.tables),
        plots=tuple(plot for part in parts for plot in part.plots),
        pictures=tuple(picture for part in parts for picture in part.pictures),
        heads=tuple(head for part in parts for head in part.heads),
        notes=together("notes"),
        not_run=together("not_run"),
    )


def _results(context, drawn: DrawnPhotographs, gallery: Gallery, people) -> list[RecallResult]:
    groups = groups_of(drawn.photographs, gallery, drawn.all_drawn)
    results = []
    for seen in drawn.seen:
        asked = asked_by_method(drawn, seen, gallery, context.seed)
        network = seen.network
        results += recall_results(
            network.name, network.role, seen.photographs, asked, gallery, groups, people,
            context.seed,
        )  # fmt: skip
    return [*results, *chance_results(gallery)]


def _most_telling(results: Sequence[RecallResult]) -> list[RecallResult]:
    """The curves worth drawing: of references and floors those of one group of people.

    Groups that mix others are left out where there are the others.
    """
    first: dict[str, str] = {}
    for result in results:
        first.setdefault(result.method, result.people)
    return [
        r
        for r in results
        if r.method == CHANCE
        or (
            r.photographs != "any"
            and r.people != "everybody"
            and (r.method not in _REFERENCES or r.people == first[r.method])
        )
    ]


def _facts(drawn: DrawnPhotographs, gallery: Gallery, people) -> tuple[tuple[str, str], ...]:
    photographs = drawn.photographs
    asked = photographs.trained_on[drawn.drawn]
    return (
        ("photographs", str(photographs.source)),
        ("cropped by", photographs.crop),
        ("photographs, people", f"{len(people):,} of {len(set(people)):,}"),
        ("photographs skipped", f"{len(photographs.skipped):,}"),
        ("gallery", f"{len(gallery.photographs):,} photographs"),
        ("faces read and drawn, of people never trained on", f"{(~asked).sum():,}"),
        (
            "of people trained on",
            f"{asked.sum():,} of {photographs.trained_on.sum():,}; all of people drawn by a seed, "
            f"at most {MOST_TRAINED_ON:,}",
        ),
    )


def _notes(results: Sequence[RecallResult]) -> tuple[str, ...]:
    asked = {result.method for result in results}
    methods = [f"{name}: {meaning}." for name, meaning in METHODS.items() if name in asked]
    return (
        *methods,
        "Where all or no queries find their person, an interval over people has no width.",
    )
