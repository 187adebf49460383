"""The suite of similarity: is a drawing as like its photograph as another photograph would be?"""

from pathlib import Path

import numpy as np
import pandas as pd

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.drawn_photographs import DrawnPhotographs, SeenBy, drawn_photographs
from tf_morph.evaluation.gallery_recall.questions import one_a_person
from tf_morph.evaluation.gallery_recall.suites import only_folder
from tf_morph.evaluation.paper import FIGURES
from tf_morph.evaluation.plots import similarity_figure
from tf_morph.evaluation.sections import Plot, Section, Table
from tf_morph.evaluation.similarity import (
    SIMILARITY_COLUMNS,
    Similarities,
    different_person_pairs,
    pair_cosines,
    row_cosines,
    same_person_pairs,
    similarity_rows,
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
- **EMD**: the earth mover's distance between two distributions of cosines, which have no unit.
"""


def emd_suite(context: Context) -> Section:
    """Cosines of photographs and drawings against those of photographs, on LFW or in its place."""
    source = only_folder(context, "lfw")
    drawn = drawn_photographs(context, source)
    groups = _groups(drawn)
    same, different, pairs = _photograph_pairs(context, drawn)
    rows, plots = [], []
    for seen in drawn.seen:
        network = seen.network
        for who, members in groups.items():
            cosines = _similarities(drawn, seen, members, same, different)
            of_group = similarity_rows(cosines, network.name, network.role)
            rows += [
                {"people": who, **row} for row in of_group if row["method"] != "another_photograph"
            ]
            figure = similarity_figure(cosines, f"{network.name}, {who}", network.role)
            name = f"cosines_{network.name}_{network.role}_{who}".replace(" ", "_")
            plots.append(Plot(name, f"Cosines by {network.name}, people {who}.", figure))
        rows.append({"people": "–", **of_group[-1]})
    stand_in = (("in place of LFW", "the run's own photographs: no --data=lfw:FOLDER is given"),)
    return Section(
        name="emd",
        title="Similarity of photographs and drawings",
        protocol=_PROTOCOL,
        facts=(*(() if source else stand_in), ("pairs of photographs", pairs)),
        tables=(_table(rows),),
        plots=tuple(plots),
    )


def _groups(drawn: DrawnPhotographs) -> dict[str, np.ndarray]:
    """In words, which of the drawings [Q] bool."""
    trained_on = drawn.photographs.trained_on[drawn.drawn]
    groups = {"never trained on": ~trained_on, "trained on": trained_on}
    return {who: members for who, members in groups.items() if members.any()}


def _photograph_pairs(context: Context, drawn: DrawnPhotographs):
    """Pairs [S, 2] and [D, 2] of rows of the photographs, and in words where they are from."""
    photographs = drawn.photographs
    if context.pairs is None:
        first = one_a_person(photographs).photographs
        different = first[different_person_pairs(len(first), context.seed)]
        return same_person_pairs(photographs.identities), different, "all of one person; of two"
    pairs = read_pairs(context.pairs, photographs.source)
    row = {str(Path(path).resolve()): at for at, path in enumerate(photographs.paths)}
    rows = np.array([row.get(str(Path(p).resolve()), -1) for p in pairs.photographs])[pairs.rows]
    usable = (rows >= 0).all(axis=1)
    words = f"{usable.sum():,} of the {len(rows):,} in {context.pairs}"
    return rows[usable & pairs.same], rows[usable & ~pairs.same], words


def _similarities(drawn, seen: SeenBy, members, same, different) -> Similarities:
    own = seen.photographs[drawn.drawn[members]]
    return Similarities(
        same=pair_cosines(seen.photographs, same),
        different=pair_cosines(seen.photographs, different),
        ours=row_cosines(own, seen.drawings[members]),
        mean_face=row_cosines(own, np.broadcast_to(seen.mean_face, own.shape)),
    )


def _table(rows: list[dict]) -> Table:
    paper = next(figure for figure in FIGURES if figure.measure.startswith("EMD"))
    rows = [*rows, {"method": paper.method, "people": paper.data}]
    frame = pd.DataFrame(rows, columns=["people", *SIMILARITY_COLUMNS])
    frame.loc[frame.index[-1], "emd_to_same"] = float(paper.value)
    frame.loc[frame.index[-1], "network"] = paper.standing
    numbers = ("emd_to_same", "emd_to_different", "mean", "mean_same", "mean_different")
    formats = dict.fromkeys(numbers, decimals(3))
    formats |= dict.fromkeys(("pairs", "same_pairs", "different_pairs"), decimals(0))
    caption = "Earth mover's distances between distributions of cosines, and their means."
    return Table("similarity", caption, frame, None, formats)
