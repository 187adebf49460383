"""Who was found and who was mistaken for whom, in pictures; some heads to turn."""

import numpy as np

from tf_morph.evaluation.contact_sheet import contact_sheet
from tf_morph.evaluation.drawn_photographs import DrawnPhotographs
from tf_morph.evaluation.gallery_recall.questions import PERSON, Gallery
from tf_morph.evaluation.heads import make_heads
from tf_morph.evaluation.large_drawings import draw_large
from tf_morph.evaluation.sections import Head
from tf_morph.recognition.recall import top_matches
from tf_morph.regression.run import Run

MISTAKEN, FOUND, HEADS = 8, 8, 3
_SIZE = 128  # pixels
_HEADINGS = ("in the gallery", "asked with", "most like it", "drawing")


def found_and_mistaken(run: Run, drawn: DrawnPhotographs, gallery: Gallery, seed: int) -> bytes:
    """A PNG: gallery photograph, photograph asked with, the gallery's first, and the drawing.

    Of people never trained on, where there are any; ranked by the first network.
    """
    photographs, seen, entries = drawn.photographs, drawn.seen[0], gallery.photographs
    asked = _queries(drawn)
    first = entries[top_matches(seen.drawings[asked], seen.photographs[entries], 1).entries[:, 0]]
    people = gallery.labels[PERSON]
    right = people[drawn.drawn[asked]] == people[first]
    random = np.random.default_rng([seed, len(asked)])
    chosen = np.concatenate([_some(random, ~right, MISTAKEN), _some(random, right, FOUND)])
    rows, first = asked[chosen], first[chosen]
    own = drawn.drawn[rows]
    columns = [
        *(photographs.images(column) for column in (_entry_of(own, people, entries), own, first)),
        draw_large(run, run.model, drawn.faces.rows(rows), 0.0, _SIZE),
    ]
    names = photographs.identities
    captions = [_caption(*pair) for pair in zip(names[own], names[first], strict=True)]
    return contact_sheet(columns, captions, _HEADINGS)


def _entry_of(photographs: np.ndarray, people: np.ndarray, entries: np.ndarray) -> np.ndarray:
    """The gallery's photograph of the person on each: the very one, where it is there."""
    order = entries[np.argsort(people[entries], kind="stable")]
    of_person = order[np.searchsorted(people[order], people[photographs])]
    return np.where(np.isin(photographs, entries), photographs, of_person)


def some_heads(run: Run, drawn: DrawnPhotographs, seed: int, stem: str = "") -> tuple[Head, ...]:
    """Heads of some people, with their photographs."""
    asked = _queries(drawn)
    rows = asked[_some(np.random.default_rng([seed, HEADS]), np.ones(len(asked), bool), HEADS)]
    own = drawn.drawn[rows]
    names = [name.replace("_", " ") for name in drawn.photographs.identities[own]]
    return make_heads(
        run.model,
        drawn.faces.rows(rows),
        [f"head{stem}_{number}" for number in range(1, len(names) + 1)],
        [f"{name}: the face read from this photograph." for name in names],
        drawn.photographs.images(own),
    )


def _queries(drawn: DrawnPhotographs) -> np.ndarray:
    """Rows of `drawn.drawn`: of people never trained on, or where there are none, all."""
    new = np.flatnonzero(~drawn.photographs.trained_on[drawn.drawn])
    return new if len(new) else np.arange(len(drawn.drawn))


def _some(random: np.random.Generator, of: np.ndarray, most: int) -> np.ndarray:
    rows = np.flatnonzero(of)
    return np.sort(random.permutation(rows)[:most])


def _caption(name: str, found: str) -> str:
    return (f"{name}: found" if name == found else f"{name}: taken for {found}").replace("_", " ")
