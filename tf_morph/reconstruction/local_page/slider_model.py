"""A face model as a browser takes it: few enough vertices, columns of 16 bits."""

import functools
from dataclasses import dataclass

import numpy as np

from tf_morph.hairstyles import NO_HAIR, style_index
from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.reconstruction.hairdresser import Hairdresser
from tf_morph.regression.coarse_model import fewer_vertices
from tf_morph.rendering.surround import HAIR
from tf_morph.web_pages.heads import Mesh

MOST_VERTICES = 8500  # above them a move of all sliders is seen to lag
_STEPS = 32_767
_PLAIN_HAIR = (0.16, 0.12, 0.10)  # sRGB-coded, where the model has no hair of its own


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
    """The linear model behind sliders; vertices as `web_pages.heads` shows the mean face.

    Hair's vertices follow the face's; hair moves and is coloured linearly, too.
    """

    def __init__(self, model: MorphableModel, shape: int, texture: int, hair_from_scalp: bool):
        """
        Args:
          model: the heads'.
          shape, texture: how many coefficients of each a run gives.
          hair_from_scalp: as `Hairdresser` has it.
        """
        self.model = fewer_vertices(model, MOST_VERTICES)
        self._hair = Hairdresser(self.model, hair_from_scalp).surround
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
    def mean(self) -> Mesh:
        """The mean face, hair folded up inside."""
        vertices = self._placed(NO_HAIR, self._face)
        colors = np.clip(self._colored(NO_HAIR, np.float32(self.model.color.mean)), 0.0, 1.0)
        triangles = np.concatenate([self.model.triangles, self._hair.triangles + len(self._face)])
        return Mesh(vertices, np.round(255.0 * colors).astype(np.uint8), triangles)

    @functools.cached_property
    def _face(self) -> np.ndarray:
        return self.model.vertices(np.zeros(1, np.float32)).numpy()

    def _placed(self, hair: str, vertices: np.ndarray) -> np.ndarray:
        """Face and hair, [..., V + H, 3] mm, of faces [..., V, 3] mm."""
        around, style = self._hair, _drawn(hair)
        if hair == NO_HAIR:  # folded up where it makes the page's mesh no larger
            folded = 0.0 * vertices[..., :1, :] + self._face.mean(axis=0)
            return np.concatenate([vertices, folded.repeat(around.vertices.shape[1], -2)], axis=-2)
        moved = (vertices - self._face)[..., around.controls, :][..., around.anchors[style], :]
        follow = (around.anchor_weights[style][..., np.newaxis] * moved).sum(axis=-2)
        return np.concatenate([vertices, around.vertices[style] + follow], axis=-2)

    def _colored(self, hair: str, colors: np.ndarray) -> np.ndarray:
        """The same of colours [..., V, 3], sRGB-coded, as nearly as is linear in them."""
        scalp, style = self._hair.scalp, _drawn(hair)
        shade = self._hair.palette_weights[style, :, HAIR, np.newaxis] ** (1 / 2.2)
        if len(scalp.hair):
            own = colors[..., scalp.hair, :].mean(axis=-2, keepdims=True)
        else:
            own = np.float32(_PLAIN_HAIR) + 0.0 * colors[..., :1, :]
        skin = colors.copy()
        if hair != NO_HAIR and len(scalp.repainted):
            forehead = colors[..., scalp.forehead, :].mean(axis=-2, keepdims=True)
            covered = skin[..., scalp.repainted, :]
            bare = scalp.bare[style][:, np.newaxis]
            skin[..., scalp.repainted, :] = covered + bare * (forehead - covered)
        return np.concatenate([skin, shade * own], axis=-2)

    def packed(self, hair: str = NO_HAIR) -> bytes:
        """The model with hair of one of `HAIR_CHOICES`.

        Little-endian: float32 mean positions [3V], in the mean face's sizes from its middle;
        float32 mean colours [3V] in [0, 1], not clipped; float32 [K], the unit of each group's each
        column; int16 [K, 3V], the columns, of one standard deviation each."""
        shown = self.mean.vertices  # as the page has it, whatever the hair
        low, high = shown.min(axis=0), shown.max(axis=0)
        longest = float((high - low).max()) or 1.0
        whole = {"positions": self._placed, "colors": self._colored}
        means = {"positions": self._face, "colors": np.float32(self.model.color.mean)}
        rest = {moves: whole[moves](hair, means[moves]) for moves in whole}
        sizes = {"positions": longest, "colors": 1.0}
        columns = []
        for moves, basis, count in self._bases:
            moved = means[moves] + _columns(basis, count).reshape(count, -1, 3)
            change = whole[moves](hair, moved) - rest[moves]
            columns.append(change.reshape(count, -1) / sizes[moves])
        units, coded = _coded(np.concatenate(columns))
        positions = (rest["positions"] - (low + high) / 2) / longest
        floats = (positions.ravel(), rest["colors"].ravel(), units)
        return b"".join(array.astype("<f4").tobytes() for array in floats) + coded.tobytes()


def _drawn(hair: str) -> int:
    return style_index("bald" if hair == NO_HAIR else hair)


def _columns(basis: LinearBasis, count: int) -> np.ndarray:
    return (basis.basis * basis.standard_deviations).T[:count]


def _coded(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    largest = np.abs(columns).max(axis=1, initial=0.0)
    units = np.where(largest > 0, largest, 1.0) / _STEPS
    return units, np.round(columns / units[:, np.newaxis]).astype("<i2")
