"""The suite of similarity: is a drawing as like its photograph as another photograph would be?"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.drawn_photographs import DrawnPhotographs, SeenBy, drawn_photographs
from tf_morph.evaluation.gallery_recall.questions import one_a_person, person_labels
from tf_morph.evaluation.gallery_recall.suites import only_folder
from tf_morph.evaluation.methods import ANOTHER_PHOTOGRAPH, MEAN_FACE, OURS
from tf_morph.evaluation.paper import FIGURES
from tf_morph.evaluation.plots import similarity_figure
from tf_morph.evaluation.sections import Plot, Section, Table
from tf_morph.evaluation.similarity import (
    SIMILARITY_COLUMNS,
    Similarities,
    different_person_pairs,
    emd_interval,
    pair_cosines,
    row_cosines,
    same_person_pairs,
    similarity_figures,
)
from tf_morph.evaluation.tables import decimals
from tf_morph.evaluation.verification.pair_file import read_pairs

_PROTOCOL = """\
- **Our pairs**: a photograph and the drawing of the face read from it; apart for people never
  trained on and trained on.
- **Same and different pairs**: of photographs, those of the file of pairs (`--pairs`, in the format
  of LFW's pairs.txt); without one, all pairs of one person, and of two people those between each
  person's first photograph by name, at most 200,000 of them drawn by a seed.
- **View and crop**: as of recall: frontal, evenly lit; cropped as the run's photographs are.
- **Score**: cosine of the features of the outputs the config compares, by each network.
- **EMD**: the earth mover's distance between two distributions of cosines, which have no unit; 95 %
  intervals by 200 draws of people with replacement.
"""

_NOTES = (
    "another_photograph compares the pairs of one person with themselves: its distance to the "
    "pairs of two people is the scale on which the others are to be read.",
    "The interval draws people anew, which adds noise: near 0 it may lie above the distance.",
)
_HEADINGS = {
    "method": "pairs of a photograph and",
    "network": "network",
    "role": "role",
    "people": "people",
    "emd_to_same": "EMD to same",
    "interval": "95 % interval",
    "emd_to_different": "EMD to different",
    "mean": "mean cosine",
    "mean_same": "same",
    "mean_different": "different",
    "pairs": "pairs",
    "same_pairs": "same pairs",
    "different_pairs": "different pairs",
}


def emd_suite(context: Context) -> Section:
    """Cosines of photographs and drawings against those of photographs, on LFW or in its place.

    Raises:
      InputError, NotRun: what `drawn_photographs` and `read_pairs` raise.
    """
    source = only_folder(context, "lfw")
    drawn = drawn_photographs(context, source)
    pairs = _photograph_pairs(context, drawn)
    rows, plots = [], []
    for seen in drawn.seen:
        same, different = (
            pair_cosines(seen.photographs, of) for of in (pairs.same, pairs.different)
        )
        whose = pairs.people[pairs.same[:, 0]]
        for who, members in _groups(drawn).items():
            cosines = _cosines(drawn, seen, members)
            rows += [
                _row(seen, who, method, values, pairs.people[of], (same, whose), different, context)
                for method, (values, of) in cosines.items()
            ]
            ours, mean_face = cosines[OURS][0], cosines[MEAN_FACE][0]
            plots.append(_plot(seen, who, Similarities(same, different, ours, mean_face)))
        photographs = similarity_figures(same, same, different)
        rows.append(_named(seen, "–", ANOTHER_PHOTOGRAPH) | photographs)
    stand_in = (("in place of LFW", "the run's own photographs: no --data=lfw:FOLDER is given"),)
    return Section(
        name="emd",
        title="Similarity of photographs and drawings",
        protocol=_PROTOCOL,
        facts=(*(() if source else stand_in), *_facts(drawn, pairs)),
        tables=(_table(rows),),
        plots=tuple(plots),
        notes=(*_NOTES, *_left_out(drawn, pairs)),
    )


class _Pairs(NamedTuple):
    """Rows of the photographs [S, 2] and [D, 2], who is on each photograph [N], and in words."""

    same: np.ndarray
    different: np.ndarray
    people: np.ndarray
    words: str


def _left_out(drawn: DrawnPhotographs, pairs: _Pairs) -> tuple[str, ...]:
    """Sentences on what could not be compared."""
    alone = None if len(pairs.same) else "No two photographs of one person: nothing to be like."
    return tuple(filter(None, (alone, *(other.left_out for other in drawn.others))))


def _facts(drawn: DrawnPhotographs, pairs: _Pairs) -> tuple[tuple[str, str], ...]:
    return (
        ("photographs", str(drawn.photographs.source)),
        ("cropped by", drawn.photographs.crop),
        ("faces read and drawn", f"{len(drawn.drawn):,} of {len(pairs.people):,} photographs"),
        ("pairs of photographs", pairs.words),
    )


def _cosines(drawn: DrawnPhotographs, seen: SeenBy, members: np.ndarray):
    """By method cosines [M] of photographs and drawings, and the photographs [M].

    Args:
      members: bool [N], of which photographs.
    """
    drawings = {OURS: (seen.drawings, drawn.drawn)}
    drawings |= {o.name: (seen.others[o.name], o.rows) for o in drawn.others if len(o.rows)}
    found = {}
    for method, (features, rows) in drawings.items():
        kept = members[rows]
        cosines = row_cosines(seen.photographs[rows[kept]], features[kept])
        found[method] = cosines, rows[kept]
    own = found[OURS][1]
    mean_face = np.broadcast_to(seen.mean_face, (len(own), seen.mean_face.shape[1]))
    return found | {MEAN_FACE: (row_cosines(seen.photographs[own], mean_face), own)}


def _named(seen: SeenBy, who: str, method: str) -> dict:
    network = seen.network
    return {"people": who, "network": network.name, "role": network.role, "method": method}


def _row(seen, who, method, cosines, people, same, different, context: Context) -> dict:
    low, high = emd_interval(cosines, people, *same, context.seed)
    figures = similarity_figures(cosines, same[0], different)
    return _named(seen, who, method) | figures | {"emd_low": low, "emd_high": high}


def _plot(seen: SeenBy, who: str, similarities: Similarities) -> Plot:
    network = seen.network
    figure = similarity_figure(similarities, f"{network.name}, people {who}", network.role)
    name = f"cosines_{network.name}_{network.role}_{who}".replace(" ", "_")
    return Plot(name, f"Cosines by {network.name} ({network.role}), people {who}.", figure)


def _groups(drawn: DrawnPhotographs) -> dict[str, np.ndarray]:
    """In words, which of the photographs [N] bool; those of which any is drawn."""
    trained_on = drawn.photographs.trained_on
    groups = {"never trained on": ~trained_on, "trained on": trained_on}
    return {who: members for who, members in groups.items() if members[drawn.drawn].any()}


def _photograph_pairs(context: Context, drawn: DrawnPhotographs) -> _Pairs:
    photographs = drawn.photographs
    people = person_labels(photographs)
    if context.pairs is None:
        first = one_a_person(photographs).photographs
        different = first[different_person_pairs(len(first), context.seed)]
        same = same_person_pairs(photographs.identities)
        return _Pairs(same, different, people, f"{len(same):,} and {len(different):,}, see above")
    pairs = read_pairs(context.pairs, photographs.source, fewest_folds=1)
    row = {str(Path(path).resolve()): at for at, path in enumerate(photographs.paths)}
    rows = np.array([row.get(str(Path(p).resolve()), -1) for p in pairs.photographs])[pairs.rows]
    usable = (rows >= 0).all(axis=1)
    words = f"{usable.sum():,} of the {len(rows):,} in {context.pairs}"
    return _Pairs(rows[usable & pairs.same], rows[usable & ~pairs.same], people, words)


def _table(rows: list[dict]) -> Table:
    paper = next(figure for figure in FIGURES if figure.measure.startswith("EMD"))
    theirs = {"method": paper.method, "people": paper.data, "network": paper.standing}
    rows = [*rows, theirs | {"emd_to_same": float(paper.value)}]
    frame = pd.DataFrame(rows, columns=["people", *SIMILARITY_COLUMNS, "emd_low", "emd_high"])
    ends = zip(frame["emd_low"], frame["emd_high"], strict=True)
    frame["interval"] = [None if low != low else f"{low:.3f} – {high:.3f}" for low, high in ends]
    numbers = ("emd_to_same", "emd_to_different", "mean", "mean_same", "mean_different")
    formats = dict.fromkeys(numbers, decimals(3)) | {"interval": str}
    formats |= dict.fromkeys(("pairs", "same_pairs", "different_pairs"), "{:,.0f}".format)
    caption = (
        "Earth mover's distances between distributions of cosines, and their means; ours, the "
        "photographs among themselves, and the paper's figure on its own networks and data."
    )
    return Table("similarity", caption, frame, _HEADINGS, formats)
