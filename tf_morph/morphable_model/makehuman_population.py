"""A population of adult heads of MakeHuman's targets, whose facial distances vary as people's.

Each head is the base mesh, a mixture of the macro targets (origin, sex, age, weight, muscle) and
every local modifier of the face in a random amount. How much each modifier varies, and how much of
it everybody has, is solved so that means and standard deviations of facial distances come as near
to published anthropometry (anthropometry.py) as the modifiers can bring them.
"""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

from tf_morph.morphable_model.anthropometry import PUBLISHED, base_distances
from tf_morph.morphable_model.makehuman_files import MakeHumanFiles
from tf_morph.morphable_model.makehuman_mesh import LOWER_LIP, MM, UPPER_LIP, eyes_middle

ORIGINS = ("african", "asian", "caucasian")
YEARS = (18.0, 90.0)

_SEXES = ("female", "male")
_STAGES = ("child", "young", "old")
# MakeHuman's own reading of age: a child is 10, the young are 25, the old 90 years.
_STAGE_YEARS = (10.0, 25.0, 90.0)
_AMOUNTS = ("min", "average", "max")
_FOLDERS = (
    "head",
    "eyes",
    "nose",
    "mouth",
    "ears",
    "chin",
    "cheek",
    "forehead",
    "eyebrows",
    "neck",
)
_OPPOSITES = (
    ("incr", "decr"), ("up", "down"), ("out", "in"), ("forward", "backward"),
    ("convex", "concave"), ("uncompress", "compress"), ("triangular", "invertedtriangular"),
)  # fmt: skip
# Moves of the whole head against the body, which an origin between the eyes undoes; pointed ears;
# measures of the neck that work on the shoulders.
_LEFT_OUT = re.compile(r"head-trans|ear-shape-pointed|measure-neck|asymm-|head-age")
# Shifts to one side, which are asymmetries by themselves.
_SIDEWAYS = re.compile(r"^(nose|mouth|neck)-trans out$")
_USUAL = 0.16  # of full strength: a trial's standard deviation; twice as much makes caricatures
_CENTRED = 0.25  # of the usual: of asymmetries and of shapes without an opposite
# Tenths of the whole head's size, breadth, height and depth, and of its breadth at cheekbones and
# jaw: a trial's standard deviations.
_PROPORTIONS = {
    "size": 0.35, "breadth": 0.35, "height": 0.3, "depth": 0.25, "cheekbones": 0.35, "jaw": 0.35
}  # fmt: skip
_LESS, _MORE = 0.35, 2.0  # times the usual that a modifier may vary
_MOST_SHIFTED = 2.0  # times the usual that everybody may have of it
_SHIFT_COST, _SPREAD_COST = 0.06, 0.05
_MOUTH_HALF_WIDTH = 25.0  # mm, of the opening between the lips
_CORRECTIONS = 3
_PROBES = 400  # people by whom the macro targets' share is measured


class Axis(NamedTuple):
    """A way in which heads differ.

    Attributes:
      name: such as "nose/nose-width1 incr".
      plus, minus: float32 [N, 3] mm, the displacement at full strength one way and the other.
      centred: whether nobody has any of it on average: of what moves the sides against one
        another, and of shapes that have no opposite.
    """

    name: str
    plus: np.ndarray
    minus: np.ndarray
    centred: bool


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
    """The distribution heads are drawn from."""

    def __init__(self, files: MakeHumanFiles, used: np.ndarray):
        """
        Args:
          files: the targets.
          used: int [N], the base mesh's vertices that matter.
        """
        self._files, self._used = files, used
        self._base = self._kept(files.base.vertices)
        self._macros = self._macro_targets()
        self.axes = self._all_axes()
        self._calibrate()

    @property
    def average(self) -> np.ndarray:
        """[19158, 3] dm, the whole base mesh of an average adult: equal shares of all origins and
        both sexes, between young and old."""
        shares = {key: 0.0 for key in self._macros}
        parts = self._macro_shares(np.array([45.0]), np.array([0.5]), np.full((1, 3), 1 / 3),
                                   np.array([0.5]), np.array([0.5]))  # fmt: skip
        shares |= {key: float(value[0]) for key, value in parts.items()}
        whole = self._files.base.vertices.copy()
        for key, share in shares.items():
            if share:
                whole += share * self._files.target(f"macrodetails/{key}")
        return whole

    def draw(self, count: int, seed: Sequence[int]) -> Population:
        """`count` people, the same for the same seed."""
        rng = np.random.default_rng(seed)
        people = self._macro_people(count, rng)
        vertices = people.vertices + self._modified(count, rng)
        return people._replace(vertices=vertices, distances=self._distances(vertices))

    def _kept(self, base: np.ndarray) -> np.ndarray:
        """The used vertices of places or offsets [19158, 3] dm, mm from between the eyes."""
        return (MM * (base - eyes_middle(base, self._files.base)))[self._used].astype(np.float32)

    def _target(self, name: str) -> np.ndarray:
        """A target's offsets of the used vertices, float32 [N, 3] mm, by which lips stay closed."""
        offsets = self._kept(self._files.target(name))
        upper, lower = (
            offsets[np.searchsorted(self._used, ids), 1].mean() for ids in (UPPER_LIP, LOWER_LIP)
        )
        offsets[:, 1] += (upper - lower) * self._lips_closing
        return offsets

    @functools.cached_property
    def _lips_closing(self) -> np.ndarray:
        """float32 [N], how far vertices go up that lips a millimetre apart may close."""
        line = self._base[np.searchsorted(self._used, [*UPPER_LIP, *LOWER_LIP])].mean(axis=0)
        x, y, z = (self._base - line).T
        across = np.clip(1 - (x / _MOUTH_HALF_WIDTH) ** 4, 0, 1)
        near = across * _ramp(np.abs(y), 14.0, 3.0) * _ramp(z, -22.0, -12.0)
        # What goes down with the jaw is of the lower lip.
        opened = -self._kept(self._files.unit("jawOpen"))[:, 1]
        depth = opened[np.searchsorted(self._used, LOWER_LIP)].mean()
        return np.float32(near * (np.clip(opened / depth, 0, 1) - 0.5))

    def _distances(self, vertices: np.ndarray) -> dict[str, np.ndarray]:
        return base_distances(vertices, self._used)

    def _macro_targets(self) -> dict[str, np.ndarray]:
        names = [f"{o}-{s}-{t}" for o in ORIGINS for s in _SEXES for t in _STAGES]
        names += [
            f"universal-{s}-{t}-{m}muscle-{w}weight"
            for s in _SEXES for t in _STAGES for m in _AMOUNTS for w in _AMOUNTS
        ]  # fmt: skip
        return {name: self._target(f"macrodetails/{name}") for name in names}

    def _macro_shares(self, years, male, origins, weight, muscle) -> dict[str, np.ndarray]:
        """Of each macro target, [P]: products of the shares of what its name says."""
        stages = _hats(years, _STAGE_YEARS)
        sexes = np.stack([1 - male, male])
        weights, muscles = (_hats(value, (0.0, 0.5, 1.0)) for value in (weight, muscle))
        shares = {}
        for s, sex in enumerate(_SEXES):
            for t, stage in enumerate(_STAGES):
                both = sexes[s] * stages[t]
                for o, origin in enumerate(ORIGINS):
                    shares[f"{origin}-{sex}-{stage}"] = both * origins[:, o]
                for m, more in enumerate(_AMOUNTS):
                    for w, heavy in enumerate(_AMOUNTS):
                        name = f"universal-{sex}-{stage}-{more}muscle-{heavy}weight"
                        shares[name] = both * muscles[m] * weights[w]
        return shares

    def _macro_people(self, count: int, rng: np.random.Generator) -> Population:
        low, high = YEARS
        years = low + (high - low) * rng.beta(1.6, 2.2, count)
        # Most people's heads are neither fully the one nor the other sex's.
        male = np.where(rng.uniform(size=count) < 0.5, 1.0, 0.0)
        male = np.abs(male - np.abs(rng.normal(0.08, 0.1, count)).clip(0, 0.4))
        origins = rng.dirichlet(np.full(3, 0.35), count)
        weight, muscle = (np.clip(rng.normal(0.5, d, count), 0, 1) for d in (0.22, 0.16))
        shares = self._macro_shares(years, male, origins, weight, muscle)
        amounts = np.stack([shares[name] for name in self._macros], axis=1).astype(np.float32)
        targets = np.stack(list(self._macros.values())).reshape(len(self._macros), -1)
        vertices = self._base + (amounts @ targets).reshape(count, -1, 3)
        return Population(vertices, years, male, origins, {})

    def _all_axes(self) -> list[Axis]:
        axes = self._proportions()
        for folder in _FOLDERS:
            axes += self._folder_axes(self._files.target_names(folder))
        axes += self._folder_axes(self._files.target_names("asym"))
        return axes

    def _proportions(self) -> list[Axis]:
        """A tenth more of the measures of `_PROPORTIONS`, each."""
        x, y, _ = self._base.T
        # Of cheeks and jaw only the sides move, so that nose and mouth keep their breadths.
        side = _ramp(np.abs(x), 20.0, 50.0)
        cheekbones = side * _ramp(-y, -25.0, 0.0) * _ramp(y, -70.0, -25.0)
        scales = {
            "size": (1, 1, 1),
            "breadth": (1, 0, 0),
            "height": (0, 1, 0),
            "depth": (0, 0, 1),
            "cheekbones": np.outer(cheekbones, (1, 0, 0)),
            "jaw": np.outer(side * _ramp(-y, 25.0, 70.0), (1, 0, 0)),
        }
        tenths = {name: np.float32(0.1 * self._base * scales[name]) for name in _PROPORTIONS}
        return [Axis(name, tenth, -tenth, False) for name, tenth in tenths.items()]

    def _folder_axes(self, names: Sequence[str]) -> list[Axis]:
        """Opposite targets become one axis, twins of left and right one axis and one asymmetry."""
        kept = [name for name in names if not _LEFT_OUT.search(name)]
        loaded = {name: self._target(name) for name in kept}
        ends: dict[str, dict[int, np.ndarray]] = {}
        for name, offsets in loaded.items():
            stem, way = _stem(name)
            ends.setdefault(stem, {})[way] = offsets
        axes = []
        for stem, both in ends.items():
            folder, local = stem.split("/")
            if local.startswith("r-"):
                continue
            nothing = np.zeros_like(self._base)
            plus, minus = both.get(1, nothing), both.get(-1, nothing)
            if local.startswith("l-"):
                twin = ends[f"{folder}/r-{local[2:]}"]
                other = twin.get(1, nothing), twin.get(-1, nothing)
                one_way = len(both) == 1
                axes.append(
                    Axis(f"{folder}/{local[2:]}", plus + other[0], minus + other[1], one_way)
                )
                axes.append(
                    Axis(f"{folder}/{local[2:]} askew", plus + other[1], minus + other[0], True)
                )
            else:
                sideways = folder == "asym" or bool(_SIDEWAYS.search(local))
                axes.append(Axis(stem, plus, minus, sideways or len(both) == 1))
        return axes

    def _calibrate(self) -> None:
        """Solves every axis' standard deviation and mean, in full strengths."""
        usual = np.array([_CENTRED if axis.centred else 1.0 for axis in self.axes]) * _USUAL
        usual[: len(_PROPORTIONS)] = list(_PROPORTIONS.values())
        people = self._macro_people(_PROBES, np.random.default_rng([0, 1]))
        found = self._distances(people.vertices)
        slopes = self._slopes()
        names = list(PUBLISHED)
        wanted = np.array([PUBLISHED[name].pooled() for name in names])
        macro = np.array([(found[name].mean(), found[name].std()) for name in names])
        shared = np.array([not axis.centred for axis in self.axes])
        self.deviations = _spreads(slopes, usual, wanted[:, 1], macro[:, 1], shared)
        means = macro[:, 0]
        for _ in range(_CORRECTIONS):
            self.means = _shifts(slopes, usual, wanted, means, shared)
            # The two ends of an axis are not opposite, which no slope foresees.
            vertices = people.vertices + self._modified(_PROBES, np.random.default_rng([0, 2]))
            found = self._distances(vertices)
            means = [found[name].mean() for name in names] - slopes @ self.means

    def _slopes(self) -> np.ndarray:
        """[D, A], mm of each distance by a full strength of each axis, at the base mesh."""
        mean = self._base + np.tensordot(
            np.full(6, 1 / 6, np.float32),
            np.stack([self._macros[f"{o}-{s}-young"] for o in ORIGINS for s in _SEXES]), 1,
        )  # fmt: skip
        step = 0.25
        ends = np.stack(
            [mean + step * end for axis in self.axes for end in (axis.plus, axis.minus)]
        )
        distances = self._distances(ends)
        pairs = np.stack([distances[name] for name in PUBLISHED]).reshape(len(PUBLISHED), -1, 2)
        return (pairs[..., 0] - pairs[..., 1]) / (2 * step)

    def _modified(self, count: int, rng: np.random.Generator) -> np.ndarray:
        amounts = self.means + self.deviations * rng.standard_normal((count, len(self.axes)))
        # Strengths beyond the modelled are no one's.
        amounts = np.clip(
            amounts, self.means - 3 * self.deviations, self.means + 3 * self.deviations
        )
        amounts = amounts.astype(np.float32)
        moved = np.zeros((count, self._base.size), np.float32)
        for way, side in ((1, "plus"), (-1, "minus")):
            ends = np.stack([getattr(axis, side) for axis in self.axes]).reshape(len(self.axes), -1)
            moved += np.maximum(way * amounts, 0) @ ends
        return moved.reshape(count, *self._base.shape)


def _stem(name: str) -> tuple[str, int]:
    """The axis a target is an end of, named with its positive way, and which end: 1 or -1."""
    for more, less in _OPPOSITES:
        if name.endswith(f"-{more}"):
            return f"{name.removesuffix(f'-{more}')} {more}", 1
        if name.endswith(f"-{less}"):
            return f"{name.removesuffix(f'-{less}')} {more}", -1
    if name.startswith("asym/") and name[-2:] in ("-l", "-r"):
        return name[:-2], 1 if name.endswith("l") else -1
    return name, 1


def _hats(values: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """[K, P] the linear interpolation's share of each knot."""
    return np.stack([np.interp(values, knots, row) for row in np.eye(len(knots))])


def _ramp(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """From 0 at `start` to 1 at `end`, smoothly."""
    share = np.clip((values - start) / (end - start), 0, 1)
    return share**2 * (3 - 2 * share)


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
