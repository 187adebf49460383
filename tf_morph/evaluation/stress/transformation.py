"""What makes a photograph hard, in growing amounts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tf_morph.rendering.color import clipped_to_srgb, srgb_to_linear

RIGHT_EYE, LEFT_EYE, NOSE, RIGHT_MOUTH, LEFT_MOUTH = range(5)


@dataclass(frozen=True)
class Setting:
    """What a transformation knows beside the photographs.

    Attributes:
      places: [5, 2] (x, y) of right eye, left eye, nose tip, right and left corner of the mouth, as
        shares of the picture's side: the same in all, as the photographs are cropped alike.
      seed: of all that is random; a photograph's draws depend on its place in the array, too.
    """

    places: np.ndarray
    seed: int

    @property
    def eye_distance(self) -> float:
        """As a share of the picture's side."""
        return float(np.linalg.norm(self.places[LEFT_EYE] - self.places[RIGHT_EYE]))

    def generator(self, photograph: int) -> np.random.Generator:
        """Of one photograph's random draws: the same at every amount."""
        return np.random.default_rng([self.seed, photograph])


@dataclass(frozen=True)
class Transformation:
    """One way to make photographs hard.

    Attributes:
      name: one word, for tables.
      title: what it is, in words.
      unit: of the amounts, `{}` standing for one: "quality {}".
      amounts: growing in severity; the first is mild, the last extreme.
      apply: (photographs uint8 sRGB [N, S, S, 3], amount, setting) to photographs of that shape.
    """

    name: str
    title: str
    unit: str
    amounts: tuple[float, ...]
    apply: Callable[[np.ndarray, float, Setting], np.ndarray]

    def label(self, amount: float) -> str:
        """An amount in words."""
        return self.unit.format(f"{amount:g}")


def to_light(images: np.ndarray) -> np.ndarray:
    """Pictures uint8 sRGB [N, S, S, 3] as the light they stand for, linear RGB in [0, 1]."""
    table = srgb_to_linear(np.arange(256, dtype=np.float32) / 255.0).numpy()
    return table[images]


def from_light(linear: np.ndarray) -> np.ndarray:
    """The inverse; what is beyond [0, 1] is cut off, as by a sensor."""
    return to_bytes(clipped_to_srgb(linear.astype(np.float32)).numpy())


def to_bytes(coded: np.ndarray) -> np.ndarray:
    """sRGB-coded values, cut to [0, 1], as uint8."""
    return np.rint(np.clip(coded, 0.0, 1.0) * 255.0).astype(np.uint8)
