"""The ways in which heads differ beyond origin, sex, age and weight: MakeHuman's local targets, and
proportions of our own."""

import re
from typing import NamedTuple

import numpy as np

from tf_morph.morphable_model.makehuman_targets import HeadTargets, smooth_ramp

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


class Axis(NamedTuple):
    """A way in which heads differ.

    Attributes:
      name: such as "nose/nose-width1 incr".
      plus, minus: float32 [N, 3] mm, the displacement at full strength one way and the other.
      usual: by how much of full strength people are taken to differ, a standard deviation.
      centred: whether nobody has any of it on average: of what moves the sides against one
        another, and of shapes that have no opposite.
    """

    name: str
    plus: np.ndarray
    minus: np.ndarray
    usual: float
    centred: bool


def all_axes(targets: HeadTargets) -> list[Axis]:
    """Every axis there is: those of proportions, of the targets' folders, and asymmetries."""
    axes = _proportions(targets.base)
    for folder in (*_FOLDERS, "asym"):
        axes += _folder_axes(targets, folder)
    return axes


def _proportions(base: np.ndarray) -> list[Axis]:
    """A tenth more of the measures of `_PROPORTIONS`, each, of the base head [N, 3] mm."""
    x, y, _ = base.T
    # Of cheeks and jaw only the sides move, so that nose and mouth keep their breadths.
    side = smooth_ramp(np.abs(x), 20.0, 50.0)
    cheekbones = side * smooth_ramp(-y, -25.0, 0.0) * smooth_ramp(y, -70.0, -25.0)
    jaw = side * smooth_ramp(-y, 25.0, 70.0)
    scales = {
        "size": (1, 1, 1),
        "breadth": (1, 0, 0),
        "height": (0, 1, 0),
        "depth": (0, 0, 1),
        "cheekbones": np.outer(cheekbones, (1, 0, 0)),
        "jaw": np.outer(jaw, (1, 0, 0)),
    }
    tenths = {name: np.float32(0.1 * base * scale) for name, scale in scales.items()}
    return [
        Axis(name, tenth, -tenth, _PROPORTIONS[name], centred=False)
        for name, tenth in tenths.items()
    ]


class _Ends(NamedTuple):
    """Of an axis: its displacements, and whether the files have but one of them."""

    plus: np.ndarray
    minus: np.ndarray
    one_way: bool


def _folder_axes(targets: HeadTargets, folder: str) -> list[Axis]:
    """Opposite targets become one axis, twins of left and right one axis and one asymmetry."""
    found: dict[str, dict[int, np.ndarray]] = {}
    for name in targets.files.target_names(folder):
        if not _LEFT_OUT.search(name):
            stem, way = _stem(name)
            found.setdefault(stem.split("/")[1], {})[way] = targets.offsets(name)
    nothing = np.zeros_like(targets.base)
    ends = {
        local: _Ends(ways.get(1, nothing), ways.get(-1, nothing), len(ways) == 1)
        for local, ways in found.items()
    }
    axes = []
    for local, (plus, minus, one_way) in ends.items():
        if local.startswith("l-"):
            right = ends[f"r-{local[2:]}"]
            name = f"{folder}/{local[2:]}"
            axes.append(_local_axis(name, plus + right.plus, minus + right.minus, one_way))
            axes.append(
                _local_axis(f"{name} askew", plus + right.minus, minus + right.plus, centred=True)
            )
        elif not local.startswith("r-"):
            sideways = folder == "asym" or bool(_SIDEWAYS.search(local))
            axes.append(_local_axis(f"{folder}/{local}", plus, minus, sideways or one_way))
    return axes


def _local_axis(name: str, plus: np.ndarray, minus: np.ndarray, centred: bool) -> Axis:
    return Axis(name, plus, minus, _USUAL * (_CENTRED if centred else 1.0), centred)


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
