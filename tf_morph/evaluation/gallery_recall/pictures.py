"""Who was found and who was mistaken for whom, in pictures; some heads to turn."""

import numpy as np

from tf_morph.evaluation.contact_sheet import contact_sheet
from tf_morph.evaluation.drawn_photographs import DrawnPhotographs
from tf_morph.evaluation.gallery_recall.questions import Gallery
from tf_morph.evaluation.large_drawings import draw_large
from tf_morph.evaluation.sections import Head
from tf_morph.recognition.recall import top_matches
from tf_morph.regression.run import Run

MISTAKEN, FOUND, HEADS = 8, 8, 3
_SIZE = 128  # pixels
_HEADINGS = ("photograph", "drawn from it", "most like it")


def found_and_mistaken(run: Run, drawn: DrawnPhotographs, gallery: Gallery, seed: int) -> bytes:
    """A PNG: photograph, drawing, and the gallery's first, of people drawn by the seed.

    Of people never trained on, where there are any; ranked by the first network.
    """
    photographs, seen = drawn.photographs, drawn.seen[0]
    asked = _queries(drawn)
    entries = gallery.photographs
    first = top_matches(seen.drawings[asked], seen.photographs[entries], 1).entries[:, 0]
    names = photographs.identities
    right = names[drawn.drawn[asked]] == names[entries[first]]
    random = np.random.default_rng([seed, len(asked)])
    chosen = np.concatenate([_some(random, ~right, MISTAKEN), _some(random, right, FOUND)])
    rows = asked[chosen]
    columns = [
        photographs.images(drawn.drawn[rows]),
        draw_large(run, run.model, drawn.faces.rows(rows), 0.0, _SIZE),
        photographs.images(entries[first[chosen]]),
    ]
    captions = [
        _caption(names[drawn.drawn[row]], names[entries[match]])
        for row, match in zip(rows, first[chosen], strict=True)
    ]
    return contact_sheet(columns, captions, _HEADINGS)


def some_heads(run: Run, drawn: DrawnPhotographs, seed: int, stem: str = "") -> tuple[Head, ...]:
    """Heads of some people, with their photographs."""
    asked = _queries(drawn)
    rows = asked[_some(np.random.default_rng([seed, HEADS]), np.ones(len(asked), bool), HEADS)]
    faces, names = drawn.faces.rows(rows), drawn.photographs.identities[drawn.drawn[rows]]
    vertices = run.model.vertices(faces.shape).numpy()
    colors = np.clip(run.model.albedo(faces.texture).numpy(), 0.0, 1.0)
    pictures = drawn.photographs.images(drawn.drawn[rows])
    return tuple(
        Head(
            name=f"head{stem}_{number}",
            caption=f"{name.replace('_', ' ')}: the face read from this photograph.",
            vertices=vertices[number - 1],
            colors=np.round(255.0 * colors[number - 1]).astype(np.uint8),
            triangles=run.model.triangles,
            photograph=pictures[number - 1],
        )
        for number, name in enumerate(names, 1)
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
