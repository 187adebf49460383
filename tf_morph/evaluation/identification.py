"""Identification: ranks of probes among a gallery of images, recall, CMC, confidence intervals.

A probe, such as the rendering of a predicted face, is compared with every image of a gallery by
the cosine of a recognition network's features; it is a hit at k where a right image is among the
first k. Ties and their tolerance are `recognition.recall`'s. All intervals are the bootstrap's,
95 %, over people: they are sampled with replacement, each with all their probes, for those of one
person are alike and do not count as independent. Where all values are the same it has no width.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tf_morph.errors import InputError
from tf_morph.evaluation.methods import CHANCE, ROLES
from tf_morph.evaluation.plots import COLORS, GREY, clean, legend_below
from tf_morph.evaluation.section import Table
from tf_morph.evaluation.tables import decimals, intervals, percent
from tf_morph.recognition.recall import Placing as Ranks
from tf_morph.recognition.recall import match_curve
from tf_morph.recognition.recall import place as rank_probes

PAPER_GALLERY = 84  # images of MoFA-Test, on which the paper reports recall
PERSON, IMAGE = "a photograph of the person", "the very photograph"  # what counts as a hit
EVERYBODY, ANY = "everybody", "any"
TOP = (1, 5)
DRAWS = 1000  # of the bootstrap
_BLOCK = 1 << 24  # counts held at once: 128 MiB
_CMC_POINTS = 40  # of the curve in its table; the figure has them all


# Who is in a gallery.


@dataclass(frozen=True)
class TestPeople:
    """The people evaluated, in the order of their names, as indices into the test photographs.

    Attributes:
      names: the people, P of them.
      first: [P] each person's first photograph by path: the gallery.
      another: [P] the person's second photograph by path, -1 where there is none.
    """

    __test__ = False  # not a test case, whatever its name

    names: tuple[str, ...]
    first: np.ndarray
    another: np.ndarray

    @property
    def with_another(self) -> np.ndarray:
        """Indices into `names` of the people of whom there are two photographs or more."""
        return np.flatnonzero(self.another >= 0)


def test_people(paths: Sequence[str], identities: Sequence[str]) -> TestPeople:
    """Chooses each person's photographs by path, so that no shuffle or seed moves the choice.

    Args:
      paths: of the photographs, N.
      identities: whom each shows, N.
    """
    photographs: dict[str, list[int]] = {}
    for index in sorted(range(len(paths)), key=lambda index: paths[index]):
        photographs.setdefault(identities[index], []).append(index)
    names = tuple(sorted(photographs))
    return TestPeople(
        names=names,
        first=np.array([photographs[name][0] for name in names], int),
        another=np.array([(photographs[name] + [-1])[1] for name in names], int),
    )


test_people.__test__ = False  # pytest would collect it where it is imported


def galleries_of(
    names: Sequence[str], sets: Mapping[str, Collection[str]], seed: int
) -> list[list[np.ndarray]]:
    """Galleries as rows of `names`, those of one size together, small first.

    They are the sets of a fixed split, or where there are none everybody, and before that disjoint
    galleries of `PAPER_GALLERY` people where there are more.

    Raises:
      InputError: of one set there are fewer than two people among `names`.
    """
    if not sets:
        everybody = [np.arange(len(names))]
        if len(names) <= PAPER_GALLERY:
            return [everybody]
        return [disjoint_galleries(len(names), PAPER_GALLERY, seed), everybody]
    by_size: dict[int, list[np.ndarray]] = {}
    for name, people in sets.items():
        rows = np.flatnonzero([person in people for person in names])
        if len(rows) < 2:
            raise InputError(
                f"photographs of {len(rows)} people of the set {name!r} can be read, and recall "
                "needs at least 2; mend the photographs or photographs.split"
            )
        by_size.setdefault(len(rows), []).append(rows)
    return [by_size[size] for size in sorted(by_size)]


def disjoint_galleries(people: int, size: int, seed: int) -> list[np.ndarray]:
    """Galleries of `size` people without overlap, from one seeded shuffle of range(people).

    Those left over are in none; without enough people for one gallery there is none.
    """
    order = np.random.default_rng([seed, size]).permutation(people)
    return [np.sort(order[i : i + size]) for i in range(0, people - size + 1, size)]


# Intervals.


class Estimate(NamedTuple):
    """A mean and the ends of its 95 % interval; the ends are nan where there is none."""

    mean: float
    low: float
    high: float

    def columns(self, name: str) -> dict[str, float]:
        """As `name`, `name_low` and `name_high`."""
        return {name: self.mean, f"{name}_low": self.low, f"{name}_high": self.high}


def estimate(values: np.ndarray, people: np.ndarray, seed: int) -> Estimate:
    """The mean of `values` [Q] with its `bootstrap_interval`."""
    return Estimate(float(np.mean(values)), *bootstrap_interval(values, people, seed))


def bootstrap_interval(values: np.ndarray, people: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of `values`, by the bootstrap's percentiles over people.

    Args:
      values: [Q].
      people: [Q], whose each value is.
      seed: of the `DRAWS` draws.

    Returns:
      (low, high); nan where there are no values.
    """
    if not len(values):
        return float("nan"), float("nan")
    person = np.unique(people, return_inverse=True)[1]
    counts, sums = np.bincount(person), np.bincount(person, weights=values)
    random = np.random.default_rng([seed, len(counts)])
    rows, left, means = max(1, _BLOCK // len(counts)), DRAWS, []
    while left:
        draws = min(rows, left)
        times = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), draws)
        means.append((times @ sums) / (times @ counts))
        left -= draws
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5))
    return float(low), float(high)


# Ranks, recall and CMC.


class Probes(NamedTuple):
    """What one method looks for: features [Q, D], and the image each stands for, int [Q]."""

    features: np.ndarray
    images: np.ndarray


@dataclass(frozen=True)
class Identification:
    """How well one method's probes of one group find their images, by one network.

    Attributes:
      method, network, role: what made the probes, which network compared them, and its part.
      people, photographs: the group of probes, in words.
      hit: what counts as one, in words.
      gallery: images in each gallery.
      galleries: how many of that size.
      probes: how many, in all galleries together.
      top: k to recall; the ends are nan for chance.
      deviations: k to the deviation between the galleries' own recalls, nan for fewer than two.
      median_rank: of the expected ranks.
      cmc: [G] recall among the first 1, 2, … G.
    """

    method: str
    network: str
    role: str
    people: str
    photographs: str
    hit: str
    gallery: int
    galleries: int
    probes: int
    top: Mapping[int, Estimate]
    deviations: Mapping[int, float]
    median_rank: float
    cmc: np.ndarray


COLUMNS = (
    *("method", "network", "role", "people", "photographs", "hit"),
    *("gallery", "galleries", "probes"),
    *(f"top{k}{end}" for k in TOP for end in ("", "_low", "_high", "_deviation")),
    "median_rank",
)
Groups = Mapping[tuple[str, str], np.ndarray]


def identify(
    features: np.ndarray,
    probes: Mapping[str, Probes],
    galleries: Sequence[np.ndarray],
    labels: Mapping[str, np.ndarray],
    *,
    network: str,
    role: str,
    seed: int,
    groups: Groups | None = None,
) -> list[Identification]:
    """Ranks every method's probes by one network, and chance: a random order.

    Args:
      features: [N, D] of all images.
      probes: by method; in a gallery those are ranked whose label is in it.
      galleries: each the images [G] that stand in it, all of one size.
      labels: by what counts as a hit, int [N] of every image; those of a probe's label are right.
        `PERSON` is among them: the intervals are over people.
      network, role: its name and its part.
      seed: of the bootstrap.
      groups: (people, photographs) in words to bool [N]: of which images the probes are.
    """
    groups = groups or {(EVERYBODY, ANY): np.ones(len(features), bool)}
    found = []
    for hit, of_image in labels.items():
        for method, (values, images) in probes.items():
            ranked = [
                (rows, rank_probes(values[rows], of_image[images[rows]], features[g], of_image[g]))
                for g in galleries
                if len(rows := np.flatnonzero(np.isin(of_image[images], of_image[g])))
            ]
            for group, members in _distinct(groups, images):
                kept = [(rows[members[rows]], r.rows(members[rows])) for rows, r in ranked]
                parts = [(labels[PERSON][images[rows]], r) for rows, r in kept if len(rows)]
                if parts:
                    named = (method, network, role, *group, hit)
                    found.append(_identification(named, parts, len(galleries[0]), seed))
    return [*found, *_chance(galleries, labels, network, role)]


def _distinct(groups: Groups, images: np.ndarray) -> Iterator:
    """(group, its probes as bool [Q]) of the groups whose probes no earlier group has."""
    known = {np.zeros(len(images), bool).tobytes()}
    for group, members in groups.items():
        probes = members[images]
        if probes.tobytes() not in known:
            known.add(probes.tobytes())
            yield group, probes


def _chance(galleries, labels, network: str, role: str) -> Iterator[Identification]:
    """For every image of the galleries: exact, whatever the network."""
    size = len(galleries[0])
    for hit, of_image in labels.items():
        parts = []
        for images in galleries:
            matches = np.unique(of_image[images], return_inverse=True, return_counts=True)
            matches = matches[2][matches[1]]
            parts.append((None, Ranks(np.zeros_like(matches), size - matches, matches)))
        yield _identification((CHANCE, network, role, EVERYBODY, ANY, hit), parts, size, 0)


def _identification(named, parts, gallery: int, seed: int) -> Identification:
    """Of (people, their ranks) in one gallery after the other."""
    people, ranks = zip(*parts, strict=True)
    together = Ranks(*(np.concatenate(v) for v in zip(*map(_counts, ranks), strict=True)))
    top, deviations = {}, {}
    for k in TOP:
        hits = together.hits(k)
        if people[0] is None:
            top[k] = Estimate(float(hits.mean()), np.nan, np.nan)
        else:
            top[k] = estimate(hits, np.concatenate(people), seed)
        means = [float(r.hits(k).mean()) for r in ranks]
        single = len(means) < 2 or people[0] is None
        deviations[k] = float("nan") if single else float(np.std(means, ddof=1))
    return Identification(
        *named,
        gallery=gallery,
        galleries=len(parts),
        probes=len(together.higher),
        top=top,
        deviations=deviations,
        median_rank=float(np.median(together.ranks)),
        cmc=match_curve(together, gallery),
    )


def _counts(ranks: Ranks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return ranks.higher, ranks.tied, ranks.matches


def recall_columns(ranks: Ranks, people: np.ndarray, seed: int) -> dict[str, float]:
    """top1 with its interval and top5, for tables with columns of their own."""
    return estimate(ranks.hits(1), people, seed).columns("top1") | {
        "top5": float(ranks.hits(5).mean())
    }


# The table and the figure.


def identification_frame(found: Sequence[Identification]) -> pd.DataFrame:
    """A row each, see `COLUMNS`."""
    rows = []
    for each in found:
        row = {name: getattr(each, name) for name in (*COLUMNS[:9], "median_rank")}
        for k in TOP:
            row |= each.top[k].columns(f"top{k}") | {f"top{k}_deviation": each.deviations[k]}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def identification_table(name: str, frame: pd.DataFrame) -> Table:
    """Recall with its intervals; columns that say one thing throughout are not shown."""
    headings = {
        "method": "method",
        "network": "network",
        "role": "role",
        "people": "people",
        "photographs": "probe from photograph",
        "hit": "hit",
        "gallery": "gallery",
        "top1": "top-1",
        "interval1": "95 % interval",
        "top1_deviation": "between galleries",
        "top5": "top-5",
        "interval5": "95 % interval",
        "top5_deviation": "between galleries",
        "median_rank": "median rank",
        "probes": "probes",
        "galleries": "galleries",
    }
    for column in ("people", "photographs", "hit", "galleries"):
        if frame[column].nunique() == 1:
            del headings[column]
    for column in ("top1_deviation", "top5_deviation"):  # one gallery of every size
        if frame[column].isna().all():
            del headings[column]
    shown = frame.assign(**{f"interval{k}": intervals(frame, f"top{k}", 100, 1) for k in TOP})
    formats = dict.fromkeys(("top1", "top5", "top1_deviation", "top5_deviation"), percent)
    formats |= dict.fromkeys(("gallery", "galleries", "probes"), "{:,}".format)
    formats |= {"median_rank": decimals(1), "interval1": str, "interval5": str}
    caption = "How often a probe finds its person; intervals are the bootstrap's over people."
    return Table(name, caption, frame, headings, formats, shown)


def cmc_table(name: str, found: Sequence[Identification]) -> Table:
    """The CMC, a column each, at ranks spread evenly on a logarithmic scale."""
    gallery = found[0].gallery
    spread = np.geomspace(1, gallery, _CMC_POINTS).round().astype(int)
    ranks = np.union1d(spread, np.arange(1, min(10, gallery) + 1))
    columns = {"k": ranks}
    for each in found:
        title = (each.method, each.network, each.people, each.photographs, each.hit)
        columns[", ".join(title)] = each.cmc[ranks - 1]
    frame = pd.DataFrame(columns)
    caption = f"Recall among the first k of {gallery:,}."
    return Table(name, caption, frame, None, dict.fromkeys(frame.columns[1:], percent))


def cmc_figure(found: Sequence[Identification]) -> Figure:
    """CMC on a logarithmic axis: a panel a network, chance in each."""
    networks = list(dict.fromkeys((each.network, each.role) for each in found))
    colors = {
        key: COLORS[at % len(COLORS)]
        for at, key in enumerate(dict.fromkeys((e.method, e.people) for e in found))
    }
    styles = {"in the gallery": "-", "another": "--"}
    figure = Figure(figsize=(1.0 + 4.2 * len(networks), 4.8), layout="constrained")
    panels = figure.subplots(1, len(networks), squeeze=False, sharey=True)[0]
    for axes, (network, role) in zip(panels, networks, strict=True):
        for each in (e for e in found if (e.network, e.role) == (network, role)):
            chance = each.method == CHANCE
            label = f"{each.method.replace('_', ' ')}: {each.people}, {each.photographs}"
            axes.semilogx(
                np.arange(1, each.gallery + 1), 100 * each.cmc,
                ":" if chance else styles.get(each.photographs, "-."),
                color=GREY if chance else colors[each.method, each.people],
                label=CHANCE if chance else label, linewidth=1.4, drawstyle="steps-post",
            )  # fmt: skip
        axes.set_title(f"{network} ({ROLES[role]})", fontsize="medium")
        axes.set_xlabel(f"k, of {found[0].gallery:,}")
        axes.grid(color=GREY, alpha=0.25, linewidth=0.5)
    panels[0].set_ylabel("recall among the first k, %")
    panels[0].set_ylim(0, 101)
    legend_below(figure, panels[0], columns=2, size="x-small")
    return clean(figure)
