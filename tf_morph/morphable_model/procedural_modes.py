"""How the procedural faces differ from the average: named displacements and who has how much."""

from typing import NamedTuple

import numpy as np

from tf_morph.morphable_model.procedural_surface import (
    EAR_CENTER,
    EYE_CENTER,
    Surface,
    bump,
    smoothstep,
)

_NAMELESS_MODES = 40
_NAMELESS_MM = 0.35


class _Push(NamedTuple):
    """One standard deviation moves the neighbourhood of `center` (and of its mirror image) by
    `direction` mm, falling off with `widths` mm; a mirrored push has its x turned round."""

    name: str
    center: tuple[float, float]
    widths: tuple[float, float]
    direction: tuple[float, float, float]


_PUSHES = (
    _Push("forehead height", (0, 75), (60, 25), (0, 4.0, 0)),
    _Push("forehead slope", (0, 80), (60, 22), (0, 0, -4.0)),
    _Push("forehead boss", (22, 52), (18, 16), (0, 0, 1.8)),
    _Push("forehead breadth", (60, 60), (25, 30), (3.0, 0, 0)),
    _Push("brow ridge", (24, 19), (16, 6), (0, 0, 1.8)),
    _Push("brow height", (28, 16), (20, 7), (0, 1.6, 0)),
    _Push("outer brow height", (42, 14), (10, 8), (0, 1.4, 0)),
    _Push("glabella", (0, 18), (9, 8), (0, 0, 1.4)),
    _Push("eye spacing", (31, 0), (15, 12), (1.35, 0, 0)),
    _Push("eye depth", (32, 1), (16, 11), (0, 0, 1.8)),
    _Push("eye length", (46, 0), (7, 8), (1.3, 0, 0)),
    _Push("eye slant", (45, 0), (7, 8), (0, 1.4, 0)),
    _Push("eye level", (30, 0), (24, 14), (0, 1.3, 0)),
    _Push("bags under the eyes", (31, -13), (11, 4.5), (0, 0, 1.0)),
    _Push("nose bridge", (0, -8), (8, 12), (0, 0, 2.2)),
    _Push("nose bridge breadth", (9, -12), (6, 13), (1.1, 0, 0)),
    _Push("nasion depth", (0, 6), (8, 7), (0, 0, 1.4)),
    _Push("nose tip", (0, -39), (11, 10), (0, 0, 2.6)),
    _Push("nose tip height", (0, -40), (12, 8), (0, 1.9, 0)),
    _Push("nose length", (0, -41), (22, 13), (0, -2.4, 0)),
    _Push("nose breadth", (13, -41), (6, 7), (1.9, 0, 0)),
    _Push("nose tip breadth", (7, -38), (5, 6), (1.0, 0, 0)),
    _Push("wing height", (13, -41), (5, 5), (0, 1.1, 0)),
    _Push("cheekbones", (47, -20), (14, 11), (0, 0, 2.2)),
    _Push("cheekbone breadth", (62, -18), (18, 18), (2.4, 0, 0)),
    _Push("cheek fullness", (40, -52), (15, 17), (0.9, 0, 2.6)),
    _Push("nasolabial fold", (22, -50), (4, 12), (0, 0, 1.1)),
    _Push("lip to nose", (0, -58), (22, 8), (0, 1.5, 0)),
    _Push("mouth breadth", (23, -67), (9, 8), (1.4, 0, 0)),
    _Push("mouth level", (0, -67), (30, 11), (0, 1.7, 0)),
    _Push("mouth protrusion", (0, -67), (20, 13), (0, 0, 1.6)),
    _Push("upper lip fullness", (0, -62), (16, 4), (0, 0.7, 0.7)),
    _Push("lower lip fullness", (0, -73), (16, 4), (0, -0.75, 0.8)),
    _Push("mouth corners", (24, -67), (6, 6), (0, 1.2, 0)),
    _Push("chin", (0, -98), (18, 13), (0, 0, 2.9)),
    _Push("chin length", (0, -106), (42, 16), (0, -3.6, 0)),
    _Push("chin breadth", (17, -100), (12, 12), (2.0, 0, 0)),
    _Push("chin cleft", (0, -99), (3.0, 6), (0, 0, -0.7)),
    _Push("under the lip", (0, -82), (17, 5), (0, 0, 1.2)),
    _Push("jaw breadth", (52, -72), (20, 22), (3.6, 0, 0)),
    _Push("jaw angle", (50, -78), (18, 16), (0, 3.2, 0)),
    _Push("double chin", (0, -116), (35, 8), (0, -2.0, 0)),
    _Push("temples", (62, 28), (12, 20), (1.3, 0, 1.0)),
)
# How a person's sex (+ male), age and weight, standard normal over people, enter the modes: in
# standard deviations of the mode, the rest of whose variance is the person's own.
_FACTORS = {
    "sex": {
        "brow ridge": 0.7, "jaw breadth": 0.6, "chin length": 0.5, "chin breadth": 0.5,
        "nose breadth": 0.35, "nose length": 0.4, "nose bridge": 0.35, "forehead slope": 0.5,
        "brow height": -0.5, "upper lip fullness": -0.35, "lower lip fullness": -0.35,
        "cheek fullness": -0.3, "size": 0.55, "eye depth": -0.3,
    },
    "age": {
        "bags under the eyes": 0.6, "nasolabial fold": 0.6, "upper lip fullness": -0.45,
        "mouth corners": -0.4, "nose length": 0.4, "double chin": 0.35, "brow height": -0.3,
        "lip to nose": 0.25,
    },
    "weight": {
        "cheek fullness": 0.65, "double chin": 0.65, "jaw breadth": 0.45, "breadth": 0.4,
        "cheekbone breadth": 0.35, "chin breadth": 0.3,
    },
}  # fmt: skip


class Modes(NamedTuple):
    """names [P]; displacements [P,V,3] mm a standard deviation; loadings [P,P+3]: `loadings @ n`
    with n standard normal gives the modes' amounts, each of variance one."""

    names: tuple[str, ...]
    displacements: np.ndarray
    loadings: np.ndarray

    def sample(self, count: int, seed: list[int]) -> np.ndarray:
        """[count,P] amounts, each standard normal over people, correlated by sex, age, weight."""
        normal = np.random.default_rng(seed).standard_normal((count, self.loadings.shape[1]))
        return normal @ self.loadings.T


def face_modes(surface: Surface, seed: int) -> Modes:
    """All modes of `surface`: the named ones, then `seed`'s small bumps without a name."""
    fields = {
        **_global_fields(surface),
        **_push_fields(surface),
        **_lid_fields(surface),
        **_ear_fields(surface),
    }
    fields |= _nameless_fields(surface, seed)
    names = tuple(fields)
    return Modes(names, np.stack(list(fields.values())), _loadings(names))


def _loadings(names):
    factors = np.array([[loads.get(name, 0.0) for name in names] for loads in _FACTORS.values()])
    own = np.sqrt(1.0 - np.sum(factors**2, axis=0))
    return np.concatenate([np.diag(own), factors.T], axis=1)


def _global_fields(surface):
    x, y, z = surface.vertices.T
    zero = np.zeros_like(x)
    depth = z + 80.0
    lower = smoothstep(-y, 0.0, 110.0)
    return {
        "size": _stack(0.025 * x, 0.025 * y, 0.025 * depth),
        "breadth": _stack(0.035 * x, zero, zero),
        "length": _stack(zero, 0.035 * y, zero),
        "depth": _stack(zero, zero, 0.04 * depth),
        "taper": _stack(0.05 * x * lower, zero, zero),
        "convexity": _stack(zero, zero, -3.0 * ((y + 15.0) / 75.0) ** 2),
        "nose askew": _stack(0.8 * bump(x, y, (0, -40), (14, 16)), zero, zero),
        "mouth askew": _stack(zero, 0.5 * np.tanh(x / 20) * bump(x, y, (0, -67), (26, 10)), zero),
        "eyes askew": _stack(zero, 0.5 * np.tanh(x / 20) * bump(0, y, (0, 2), (1, 14)), zero),
        "chin askew": _stack(1.0 * bump(x, y, (0, -104), (30, 18)), zero, zero),
    }


def _push_fields(surface):
    return {push.name: _push_field(surface, push) for push in _PUSHES}


def _push_field(surface, push):
    x, y, _ = surface.vertices.T
    direction = np.array(push.direction)
    field = bump(x, y, push.center, push.widths)[:, None] * direction
    if push.center[0]:
        mirror = bump(-x, y, push.center, push.widths)[:, None]
        field = field + mirror * direction * [-1, 1, 1]
    return field


def _lid_fields(surface):
    """The lids alone: the eyeballs stay."""
    x, y, _ = surface.vertices.T
    skin = ~surface.eyeball
    side = np.abs(x)
    zero = np.zeros_like(x)
    upper = skin * bump(side, y, (EYE_CENTER[0], 4.5), (10, 2.5))
    lower = skin * bump(side, y, (EYE_CENTER[0], -4.5), (10, 2.5))
    fold = skin * bump(side, y, (36, 8.5), (11, 3))
    return {
        "upper lid": _stack(zero, 0.75 * upper, zero),
        "lower lid": _stack(zero, -0.5 * lower, zero),
        "lid fold": _stack(zero, -0.7 * fold, 0.9 * fold),
    }


def _ear_fields(surface):
    x, y, z = (surface.vertices - np.array(EAR_CENTER) * [0, 1, 1]).T
    side, zero = np.sign(x), np.zeros_like(x)
    out = np.abs(x) - EAR_CENTER[0]
    fields = {
        "ear length": _stack(zero, 0.055 * y, 0.03 * z),
        "ear breadth": _stack(zero, zero, 0.06 * z),
        "ear flare": _stack(0.2 * side * out, zero, zero),
        "ear height": _stack(zero, np.full_like(x, 1.8), zero),
    }
    return {name: field * surface.ear[:, None] for name, field in fields.items()}


def _nameless_fields(surface, seed):
    generator = np.random.default_rng([seed, 1])
    x, y, _ = surface.vertices.T
    fields = {}
    for i in range(_NAMELESS_MODES):
        center = generator.uniform((-60, -105), (60, 85))
        widths = generator.uniform(9, 22, 2)
        direction = generator.standard_normal(3) * _NAMELESS_MM
        fields[f"nameless {i}"] = bump(x, y, center, widths)[:, None] * direction
    return fields


def _stack(x, y, z):
    return np.stack([x, y, z], -1)
