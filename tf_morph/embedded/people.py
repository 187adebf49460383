"""People who do not exist: coefficients of a morphable model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tf_morph.morphable_model import MorphableModel


class People(NamedTuple):
    """P people.

    Attributes:
      names: [P], different ones.
      shape: [P, K] float32, in standard deviations.
      texture: [P, L] float32, in standard deviations.
    """

    names: tuple[str, ...]
    shape: np.ndarray
    texture: np.ndarray


def draw_people(model: MorphableModel, count: int, seed: Sequence[int]) -> People:
    """The first `count` of the seed's people: who is on which place does not depend on `count`.

    Args:
      model: its shape and colour distributions give the people.
      count: how many.
      seed: non-negative integers; other ones, other people.
    """
    sizes = model.shape_components, model.texture_components
    rows = [
        np.random.default_rng([*seed, person]).standard_normal(sum(sizes), np.float32)
        for person in range(count)
    ]
    coefficients = np.stack(rows)
    names = tuple(f"person_{person + 1:05d}" for person in range(count))
    return People(names, coefficients[:, : sizes[0]], coefficients[:, sizes[0] :])
