"""Similarity: cosines of photographs and renderings, and the EMD between their distributions.

The paper compares the two distributions of cosines by the earth mover's distance (section 5, its
figure of 0.16 on LFW with VGG-Face).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import wasserstein_distance

from tf_morph.evaluation.context import Context
from tf_morph.evaluation.identification import test_people
from tf_morph.evaluation.methods import ANOTHER_PHOTOGRAPH, MEAN_FACE, OURS, ROLES
from tf_morph.evaluation.pairs import read_pairs
from tf_morph.evaluation.paper import FIGURES
from tf_morph.evaluation.plots import (
    DIFFERENT_COLOR,
    OURS_COLOR,
    SAME_COLOR,
    clean,
    cosine_histogram,
)
from tf_morph.evaluation.predictions import NetworkFeatures, Predictions, predictions
from tf_morph.evaluation.section import Plot, Section, Table
from tf_morph.evaluation.tables import decimals, intervals
from tf_morph.recognition.recall import normalise

MOST_DIFFERENT_PAIRS = 200_000
EMD_DRAWS = 200


@dataclass(frozen=True)
class Similarities:
    """Cosines in [-1, 1] under one network.

    Attributes:
      same: [S] of pairs of photographs of one person.
      different: [D] of pairs of photographs of two people.
      ours: [P] of a photograph and the rendering of its prediction.
      mean_face: [P] of a photograph and the rendering of the mean face.
    """

    same: np.ndarray
    different: np.ndarray
    ours: np.ndarray
    mean_face: np.ndarray


def same_person_pairs(identities: Sequence[str]) -> np.ndarray:
    """All pairs [S, 2] of photographs of one person, the first index below the second."""
    people, inverse = np.unique(np.asarray(identities), return_inverse=True)
    groups = [np.flatnonzero(inverse == person) for person in range(len(people))]
    pairs = [
        np.stack([group[i] for i in np.triu_indices(len(group), 1)], axis=1)
        for group in groups
        if len(group) > 1
    ]
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), int)


def different_person_pairs(count: int, seed: int, most: int = MOST_DIFFERENT_PAIRS) -> np.ndarray:
    """Pairs [D, 2] of distinct indices below `count`, one photograph a person.

    All of them; where there are more than `most`, as many sampled with the seed, maybe one twice.
    """
    if count * (count - 1) // 2 <= most:
        return np.stack(np.triu_indices(count, 1), axis=1)
    random = np.random.default_rng([seed, count])
    first = random.integers(count, size=most)
    return np.stack([first, (first + random.integers(1, count, size=most)) % count], axis=1)


def pair_cosines(features: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Cosines [M] between rows pairs[:, 0] and pairs[:, 1] of features [N, D]."""
    unit = normalise(features)  # before they are paired: each row stands in hundreds of pairs
    return np.einsum("md,md->m", unit[pairs[:, 0]], unit[pairs[:, 1]])


def row_cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines [M] between the rows of two arrays of features [M, D]."""
    return np.einsum("md,md->m", normalise(first), normalise(second))


def earth_movers_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Earth mover's distance between two samples of cosines, [M] and [N]; nan if one is empty."""
    if not len(first) or not len(second):
        return float("nan")
    return float(wasserstein_distance(first, second))


def emd_interval(
    first: np.ndarray,
    first_people: np.ndarray,
    second: np.ndarray,
    second_people: np.ndarray,
    seed: int,
) -> tuple[float, float]:
    """95 % interval of `earth_movers_distance`, by the bootstrap's percentiles over people.

    People are sampled with replacement, each with all their cosines in both samples. Sampling adds
    noise, and noise adds to a distance: where it is near 0, the interval may lie above it.

    Args:
      first, second: cosines [M], [N].
      first_people, second_people: whose each is.
      seed: of the samples.

    Returns:
      (low, high); nan if a sample is empty.
    """
    if not len(first) or not len(second):
        return float("nan"), float("nan")
    people = np.concatenate([first_people, second_people])
    person = np.unique(people, return_inverse=True)[1]
    of_first = np.arange(len(people)) < len(first)
    values = np.concatenate([first, second])
    order = np.argsort(values)
    gaps, count = np.diff(values[order]), person.max() + 1
    random = np.random.default_rng([seed, count])
    distances = []
    for times in random.multinomial(count, np.full(count, 1 / count), EMD_DRAWS):
        weights = times[person].astype(np.float64)
        totals = weights[of_first].sum(), weights[~of_first].sum()
        if all(totals):
            shares = np.where(of_first, weights / totals[0], -weights / totals[1])[order]
            distances.append(np.abs(np.cumsum(shares)[:-1]) @ gaps)
    if not distances:
        return float("nan"), float("nan")
    low, high = np.percentile(distances, (2.5, 97.5))
    return float(low), float(high)


SIMILARITY_COLUMNS = (
    *("network", "role", "method", "emd_to_same", "emd_to_different"),
    *("mean", "mean_same", "mean_different", "pairs", "same_pairs", "different_pairs"),
)


def similarity_rows(similarities: Similarities, network: str, role: str) -> list[dict]:
    """One row (see `SIMILARITY_COLUMNS`) for our renderings, the mean face and the photographs.

    The row `another_photograph` compares the pairs of one person with themselves: its distance to
    the pairs of two people is the scale on which the others are to be read.
    """
    methods = {
        OURS: similarities.ours,
        MEAN_FACE: similarities.mean_face,
        ANOTHER_PHOTOGRAPH: similarities.same,
    }
    return [
        {"network": network, "role": role, "method": method}
        | similarity_figures(cosines, similarities.same, similarities.different)
        for method, cosines in methods.items()
    ]


def similarity_figures(
    cosines: np.ndarray, same: np.ndarray, different: np.ndarray
) -> dict[str, float]:
    """The figures of `SIMILARITY_COLUMNS` of one kind of pairs' cosines."""
    return {
        "emd_to_same": earth_movers_distance(cosines, same),
        "emd_to_different": earth_movers_distance(cosines, different),
        "mean": _mean(cosines),
        "mean_same": _mean(same),
        "mean_different": _mean(different),
        "pairs": len(cosines),
        "same_pairs": len(same),
        "different_pairs": len(different),
    }


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def similarity_table(name: str, caption: str, frame: pd.DataFrame) -> Table:
    """The table of such rows; `people` and intervals `emd_low`, `emd_high` are shown if there."""
    headings = {
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
    shown = frame
    if "emd_low" in frame:
        shown = frame.assign(interval=intervals(frame, "emd", 1, 3))
    headings = {column: words for column, words in headings.items() if column in shown}
    numbers = ("emd_to_same", "emd_to_different", "mean", "mean_same", "mean_different")
    formats = dict.fromkeys(numbers, decimals(3)) | {"interval": str}
    formats |= dict.fromkeys(("pairs", "same_pairs", "different_pairs"), "{:,.0f}".format)
    return Table(name, caption, frame, headings, formats, shown)


def similarity_figure(similarities: Similarities, network: str, role: str) -> Figure:
    """Histogram of the cosines of same, different and our pairs, each with its mean."""
    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    axes = figure.subplots()
    groups = {
        "photographs of two people": (similarities.different, DIFFERENT_COLOR),
        "photographs of one person": (similarities.same, SAME_COLOR),
        "photograph and our rendering": (similarities.ours, OURS_COLOR),
    }
    cosine_histogram(axes, groups)
    for values, color in groups.values():
        if len(values):
            axes.axvline(values.mean(), color=color, linewidth=1.5)
    axes.set_xlabel("cosine similarity of features")
    axes.set_title(f"{network} ({ROLES[role]})", fontsize="medium")
    figure.legend(loc="outside lower center", fontsize="small", frameon=False)
    return clean(figure)


# The suite emd.

_PROTOCOL = """\
- **Our pairs**: a photograph and the rendering of the face predicted for it; apart for people never
  trained on and trained on.
- **Same and different pairs**: of photographs, those of the file of pairs (`--pairs`, in the format
  of LFW's pairs.txt); without one, all pairs of one person, and of two people those between each
  person's first photograph by name, at most 200,000 of them sampled by a seed.
- **View and crop**: as of recall: frontal, evenly lit; cropped as the run's photographs are.
- **Score**: cosine of the features of the outputs the config compares, by each network.
- **EMD**: the earth mover's distance between two distributions of cosines, which have no unit; 95 %
  intervals by 200 bootstrap samples of people.
"""
_NOTES = (
    "another_photograph compares the pairs of one person with themselves: its distance to the "
    "pairs of two people is the scale on which the others are to be read.",
    "The interval samples people anew, which adds noise: near 0 it may lie above the distance.",
)


def emd_suite(context: Context) -> Section:
    """Cosines of photographs and renderings against those of photographs, on LFW or in its place.

    Raises:
      InputError, NotRun: what `predictions` and `read_pairs` raise.
    """
    source = context.only_folder("lfw")
    predicted = predictions(context, source)
    pairs = _photograph_pairs(context, predicted)
    rows, plots = [], []
    for features in predicted.features:
        network = features.network
        named = {"network": network.name, "role": network.role}
        same, different = (pair_cosines(features.images, p) for p in (pairs.same, pairs.different))
        for who, members in _groups(predicted).items():
            cosines = _cosines(features, members)
            for method, (values, images) in cosines.items():
                people = pairs.people[images], pairs.people[pairs.same[:, 0]]
                ends = emd_interval(values, people[0], same, people[1], context.seed)
                figures = similarity_figures(values, same, different)
                interval = dict(zip(("emd_low", "emd_high"), ends, strict=True))
                rows.append({"people": who, "method": method} | named | figures | interval)
            ours, mean_face = cosines[OURS][0], cosines[MEAN_FACE][0]
            similarities = Similarities(same, different, ours, mean_face)
            plots.append(_plot(network.name, network.role, who, similarities))
        photographs = similarity_figures(same, same, different)
        rows.append({"people": "–", "method": ANOTHER_PHOTOGRAPH} | named | photographs)
    stand_in = (("in place of LFW", "the run's own photographs: no --data=lfw:FOLDER is given"),)
    alone = () if len(pairs.same) else ("No two photographs of one person: nothing to be like.",)
    return Section(
        name="emd",
        title="Similarity of photographs and renderings",
        protocol=_PROTOCOL,
        facts=(*(() if source else stand_in), *_facts(predicted, pairs)),
        tables=(_emd_table(rows),),
        plots=tuple(plots),
        notes=(*_NOTES, *alone, *filter(None, (other.left_out for other in predicted.others))),
    )


class _Pairs(NamedTuple):
    """Rows of the image set [S, 2] and [D, 2], who is on each photograph [N], and in words."""

    same: np.ndarray
    different: np.ndarray
    people: np.ndarray
    words: str


def _facts(predicted: Predictions, pairs: _Pairs) -> tuple[tuple[str, str], ...]:
    rendered = f"{len(predicted.rendered):,} of {len(pairs.people):,} photographs"
    return (
        ("photographs", str(predicted.images.source)),
        ("cropped by", predicted.images.crop),
        ("faces predicted and rendered", rendered),
        ("pairs of photographs", pairs.words),
    )


def _cosines(features: NetworkFeatures, members: np.ndarray) -> dict[str, tuple]:
    """By method cosines [M] of photographs and renderings, and the photographs [M].

    Args:
      members: bool [N], of which photographs.
    """
    found = {}
    for method, (values, images) in features.renderings.items():
        kept = members[images]
        cosines = row_cosines(features.images[images[kept]], values[kept])
        found[method] = cosines, images[kept]
    own = found[OURS][1]
    mean_face = np.broadcast_to(features.mean_face, (len(own), features.mean_face.shape[1]))
    return found | {MEAN_FACE: (row_cosines(features.images[own], mean_face), own)}


def _groups(predicted: Predictions) -> dict[str, np.ndarray]:
    """In words, which of the photographs [N] bool; those of which any is rendered."""
    trained_on = predicted.images.trained_on
    groups = {"never trained on": ~trained_on, "trained on": trained_on}
    return {who: each for who, each in groups.items() if each[predicted.rendered].any()}


def _photograph_pairs(context: Context, predicted: Predictions) -> _Pairs:
    images = predicted.images
    if context.pairs is None:
        first = test_people(images.paths, images.identities).first
        different = first[different_person_pairs(len(first), context.seed)]
        same = same_person_pairs(images.identities)
        words = f"{len(same):,} and {len(different):,}, see above"
        return _Pairs(same, different, images.people, words)
    pairs = read_pairs(context.pairs, images.source, fewest_folds=1)
    row = {str(Path(path).resolve()): at for at, path in enumerate(images.paths)}
    rows = np.array([row.get(str(Path(p).resolve()), -1) for p in pairs.photographs])[pairs.rows]
    usable = (rows >= 0).all(axis=1)
    words = f"{usable.sum():,} of the {len(rows):,} in {context.pairs}"
    return _Pairs(rows[usable & pairs.same], rows[usable & ~pairs.same], images.people, words)


def _plot(network: str, role: str, who: str, similarities: Similarities) -> Plot:
    figure = similarity_figure(similarities, f"{network}, people {who}", role)
    name = f"cosines_{network}_{role}_{who}".replace(" ", "_")
    return Plot(name, f"Cosines by {network} ({role}), people {who}.", figure)


def _emd_table(rows: list[dict]) -> Table:
    paper = next(figure for figure in FIGURES if figure.measure.startswith("EMD"))
    theirs = {"method": paper.method, "people": paper.data, "network": paper.standing}
    rows = [*rows, theirs | {"emd_to_same": float(paper.value)}]
    frame = pd.DataFrame(rows, columns=["people", *SIMILARITY_COLUMNS, "emd_low", "emd_high"])
    caption = (
        "Earth mover's distances between distributions of cosines, and their means; ours, the "
        "photographs among themselves, and the paper's figure on its own networks and data."
    )
    return similarity_table("similarity", caption, frame)
