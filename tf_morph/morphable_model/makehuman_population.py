"""A population of adult heads of MakeHuman's targets, whose facial distances vary as people's.

Each head is the base mesh, a mixture of the macro targets (origin, sex, age, weight, muscle) and
every axis of makehuman_axes.py in a random amount. How much each axis varies, and how much of it
everybody has, is solved so that means and standard deviations of facial distances come as near to
published anthropometry (anthropometry.py) as the axes can bring them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

from tf_morph.morphable_model.anthropometry import PUBLISHED, base_distances
from tf_morph.morphable_model.makehuman_axes import all_axes
from tf_morph.morphable_model.makehuman_files import MakeHumanFiles
from tf_morph.morphable_model.makehuman_targets import HeadTargets

ORIGINS = ("african", "asian", "caucasian")
YEARS = (18.0, 90.0)

_SEXES = ("female", "male")
_STAGES = ("child", "young", "old")
# MakeHuman's own reading of age: a child is 10, the young are 25, the old 90 years.
_STAGE_YEARS = (10.0, 25.0, 90.0)
_AMOUNTS = ("min", "average", "max")
_LESS, _MORE = 0.35, 2.0  # times the usual that a modifier may vary
_MOST_SHIFTED = 2.0  # times the usual that everybody may have of it
_SHIFT_COST, _SPREAD_COST = 0.06, 0.05
_CORRECTIONS = 3
_PROBES = 400  # people by whom the macro targets' share is measured


class Population(NamedTuple):
    """Heads on the base mesh's used vertices, mm from between the eyes.

    Attributes:
      vertices: float32 [P, N, 3].
      years: [P].
      male: [P] in [0, 1].
      origins: [P, 3] shares, of `ORIGINS`.
      distances: what `base_distances` gives, [P] mm each.
    """

    vertices: np.ndarray
    years: np.ndarray
    male: np.ndarray
    origins: np.ndarray
    distances: dict[str, np.ndarray]


class HeadPopulation:
    """The distribution heads are drawn from.

    Attributes:
      axes: [A] the axes of makehuman_axes.py.
      means, deviations: [A], of the amounts people have of them, in full strengths.
    """

    def __init__(self, files: MakeHumanFiles):
        """
        Args:
          files: the targets.
        """
        self._targets = HeadTargets(files)
        self._macros = {name: self._targets.offsets(name) for name in _macro_names()}
        self.axes = all_axes(self._targets)
        self._calibrate()

    @property
    def average(self) -> np.ndarray:
        """[19158, 3] dm, the whole base mesh of an average adult: equal shares of all origins and
        both sexes, between young and old."""
        half = np.array([0.5])
        shares = _macro_shares(np.array([45.0]), half, np.full((1, 3), 1 / 3), half, half)
        files = self._targets.files
        whole = files.base.vertices.copy()
        for name, (share,) in shares.items():
            if share:
                whole += share * files.target(name)
        return whole

    def draw(self, count: int, seed: Sequence[int]) -> Population:
        """`count` people, the same for the same seed."""
        rng = np.random.default_rng(seed)
        people = self._macro_people(count, rng)
        vertices = people.vertices + self._modified(count, rng)
        return people._replace(vertices=vertices, distances=self._distances(vertices))

    def _distances(self, vertices: np.ndarray) -> dict[str, np.ndarray]:
        return base_distances(vertices, self._targets.used)

    def _macro_people(self, count: int, rng: np.random.Generator) -> Population:
        low, high = YEARS
        years = low + (high - low) * rng.beta(1.6, 2.2, count)
        # Most people's heads are neither fully the one nor the other sex's.
        male = np.where(rng.uniform(size=count) < 0.5, 1.0, 0.0)
        male = np.abs(male - np.abs(rng.normal(0.08, 0.1, count)).clip(0, 0.4))
        origins = rng.dirichlet(np.full(3, 0.35), count)
        weight, muscle = (np.clip(rng.normal(0.5, d, count), 0, 1) for d in (0.22, 0.16))
        shares = _macro_shares(years, male, origins, weight, muscle)
        amounts = np.stack([shares[name] for name in self._macros], axis=1).astype(np.float32)
        targets = np.stack(list(self._macros.values())).reshape(len(self._macros), -1)
        vertices = self._targets.base + (amounts @ targets).reshape(count, -1, 3)
        return Population(vertices, years, male, origins, {})

    def _calibrate(self) -> None:
        """Solves every axis' mean and standard deviation."""
        usual = np.array([axis.usual for axis in self.axes])
        shared = np.array([not axis.centred for axis in self.axes])
        wanted = np.array([published.pooled() for published in PUBLISHED.values()])
        people = self._macro_people(_PROBES, np.random.default_rng([0, 1]))
        found = self._distances(people.vertices)
        macro = np.array([(found[name].mean(), found[name].std()) for name in PUBLISHED])
        slopes = self._slopes()
        self.deviations = _spreads(slopes, usual, wanted[:, 1], macro[:, 1], shared)
        means = macro[:, 0]
        for _ in range(_CORRECTIONS):
            self.means = _shifts(slopes, usual, wanted, means, shared)
            # The two ends of an axis are not opposite, which no slope foresees.
            vertices = people.vertices + self._modified(_PROBES, np.random.default_rng([0, 2]))
            found = self._distances(vertices)
            means = [found[name].mean() for name in PUBLISHED] - slopes @ self.means

    def _slopes(self) -> np.ndarray:
        """[D, A], mm of each distance by a full strength of each axis, at a young adult."""
        young = [f"macrodetails/{o}-{s}-young" for o in ORIGINS for s in _SEXES]
        mean = self._targets.base + np.mean([self._macros[name] for name in young], axis=0)
        step = 0.25  # of full strength
        ends = np.stack(
            [mean + step * end for axis in self.axes for end in (axis.plus, axis.minus)]
        )
        distances = self._distances(ends)
        pairs = np.stack([distances[name] for name in PUBLISHED]).reshape(len(PUBLISHED), -1, 2)
        return (pairs[..., 0] - pairs[..., 1]) / (2 * step)

    def _modified(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """float32 [P, N, 3] mm, what the axes add to so many people, each in a drawn amount."""
        amounts = self.means + self.deviations * rng.standard_normal((count, len(self.axes)))
        # Strengths beyond the modelled are no one's.
        amounts = np.clip(
            amounts, self.means - 3 * self.deviations, self.means + 3 * self.deviations
        )
        amounts = amounts.astype(np.float32)
        moved = np.zeros((count, self._targets.base.size), np.float32)
        for way, side in ((1, "plus"), (-1, "minus")):
            ends = np.stack([getattr(axis, side) for axis in self.axes]).reshape(len(self.axes), -1)
            moved += np.maximum(way * amounts, 0) @ ends
        return moved.reshape(count, *self._targets.base.shape)


def _macro_names() -> list[str]:
    names = [f"{o}-{s}-{t}" for o in ORIGINS for s in _SEXES for t in _STAGES]
    names += [
        f"universal-{s}-{t}-{m}muscle-{w}weight"
        for s in _SEXES for t in _STAGES for m in _AMOUNTS for w in _AMOUNTS
    ]  # fmt: skip
    return [f"macrodetails/{name}" for name in names]


def _macro_shares(years, male, origins, weight, muscle) -> dict[str, np.ndarray]:
    """Of each macro target, [P]: products of the shares of what its name says."""
    stages = _hats(years, _STAGE_YEARS)
    sexes = np.stack([1 - male, male])
    weights, muscles = (_hats(value, (0.0, 0.5, 1.0)) for value in (weight, muscle))
    shares = {}
    for s, sex in enumerate(_SEXES):
        for t, stage in enumerate(_STAGES):
            both = sexes[s] * stages[t]
            for o, origin in enumerate(ORIGINS):
                shares[f"macrodetails/{origin}-{sex}-{stage}"] = both * origins[:, o]
            for m, more in enumerate(_AMOUNTS):
                for w, heavy in enumerate(_AMOUNTS):
                    name = f"macrodetails/universal-{sex}-{stage}-{more}muscle-{heavy}weight"
                    shares[name] = both * muscles[m] * weights[w]
    return shares


def _hats(values: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """[K, P] the linear interpolation's share of each knot."""
    return np.stack([np.interp(values, knots, row) for row in np.eye(len(knots))])


def _spreads(slopes, usual, wanted, macro, shared) -> np.ndarray:
    """Standard deviations, near the usual ones, that give distances the wanted ones."""
    missing = np.maximum(wanted**2 - macro**2, 0.05 * wanted**2)
    system = (slopes * usual) ** 2 / missing[:, None]
    near = _SPREAD_COST * np.eye(len(usual))
    solved = lsq_linear(
        np.concatenate([system, near]),
        np.concatenate([np.ones(len(wanted)), np.full(len(usual), _SPREAD_COST)]),
        bounds=(_LESS**2, _MORE**2),
    ).x
    return usual * np.where(shared, np.sqrt(solved), 1.0)


def _shifts(slopes, usual, wanted, macro, shared) -> np.ndarray:
    """What everybody has of each axis, so that mean distances are the wanted ones."""
    active = np.where(shared, usual, 0.0)
    system = slopes * active / wanted[:, 1:]
    near = _SHIFT_COST * np.eye(len(usual))
    solved = lsq_linear(
        np.concatenate([system, near]),
        np.concatenate([(wanted[:, 0] - macro) / wanted[:, 1], np.zeros(len(usual))]),
        bounds=(-_MOST_SHIFTED, _MOST_SHIFTED),
    ).x
    return active * solved
