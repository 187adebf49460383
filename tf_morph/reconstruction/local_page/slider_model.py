"""A face model as a browser takes it: few enough vertices, columns of 16 bits."""

from dataclasses import dataclass

import numpy as np

from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.regression.coarse_model import fewer_vertices

MOST_VERTICES = 8500  # above them a move of all sliders is seen to lag
_STEPS = 32_767


@dataclass(frozen=True)
class SliderGroup:
    """Coefficients of one kind.

    Attributes:
      name: "shape", "texture" or "expression".
      count: how many of them.
      moves: what they change: "positions" or "colors".
    """

    name: str
    count: int
    moves: str


class SliderModel:
    """The linear model behind sliders; vertices as `web_pages.heads` shows the mean face."""

    def __init__(self, model: MorphableModel, shape: int, texture: int):
        """
        Args:
          model: the heads'.
          shape, texture: how many coefficients of each a run gives.
        """
        self.model = fewer_vertices(model, MOST_VERTICES)
        self._bases = [
            ("positions", self.model.shape, shape),
            ("colors", self.model.color, texture),
        ]
        names = ["shape", "texture"]
        if self.model.expression is not None:
            count = self.model.expression.num_components
            self._bases.append(("positions", self.model.expression, count))
            names.append("expression")
        self.groups = tuple(
            SliderGroup(name, count, moves)
            for name, (moves, _, count) in zip(names, self._bases, strict=True)
        )

    @property
    def mean_vertices(self) -> np.ndarray:
        """float32 [V, 3] mm."""
        return self.model.vertices(np.zeros(1, np.float32)).numpy()

    @property
    def mean_colors(self) -> np.ndarray:
        """uint8 [V, 3] sRGB."""
        return np.round(255.0 * np.clip(self.model.color.mean, 0.0, 1.0)).astype(np.uint8)

    def packed(self) -> bytes:
        """Little-endian: float32 mean positions [3V], in the mean face's sizes from its middle;
        float32 mean colours [3V] in [0, 1], not clipped; float32 [K], the unit of each group's each
        column; int16 [K, 3V], the columns, of one standard deviation each."""
        vertices = self.mean_vertices
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        longest = float((high - low).max()) or 1.0
        positions = (vertices - (low + high) / 2) / longest
        sizes = {"positions": longest, "colors": 1.0}
        columns = [_columns(basis, count) / sizes[moves] for moves, basis, count in self._bases]
        units, coded = _coded(np.concatenate(columns))
        floats = (positions.ravel(), self.model.color.mean.ravel(), units)
        return b"".join(array.astype("<f4").tobytes() for array in floats) + coded.tobytes()


def _columns(basis: LinearBasis, count: int) -> np.ndarray:
    return (basis.basis * basis.standard_deviations).T[:count]


def _coded(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    largest = np.abs(columns).max(axis=1, initial=0.0)
    units = np.where(largest > 0, largest, 1.0) / _STEPS
    return units, np.round(columns / units[:, np.newaxis]).astype("<i2")
