"""Where the features of a face are, and coordinates in which they lie at the same places on all."""

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np

# Heights of the anchors of `FaceLayout.canonical_points` above the eyes, in canonical
# millimetres: brows, eyes, base of the nose, line of the lips, chin (measured on ICT-FaceKit's
# mean face, which stands for an average adult's).
BROW_HEIGHT, NOSE_HEIGHT, LIPS_HEIGHT, CHIN_HEIGHT = 24.0, -47.0, -69.0, -111.0
PUPIL_DISTANCE = 64.0

_BROWS, _EYES, _NOSE_BASE, _LIP_LINE, _CHIN = slice(17, 27), slice(36, 48), 33, [62, 66], 8


@dataclasses.dataclass(frozen=True)
class FaceLayout:
    """A mean face and its features; any mesh that can give these can be coloured.

    Attributes:
      vertices: [V, 3], mm.
      eyes: bool [2, V], the vertices of the right and of the left eyeball.
      pupils: [2, 3], the foremost points of the right and left eyeball, mm.
      contours: [68, 3], the iBUG landmarks, mm: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47,
        lips 48-67, each from the subject's right.
      nostrils: [2, 3], the openings of the nose, mm; None: guessed from the contours.
      under_hair: [V] in [0, 1], where the mesh lies under the hair drawn over it; None: the hair of
        the head is painted on the mesh down to a line of the person's own.
      regions: name -> [V] in [0, 1], parts of the mesh that are known: "lips", "ears",
        "inner_mouth", "teeth", "tongue"; what is not named is guessed from the contours, or is not
        there.
    """

    vertices: np.ndarray
    eyes: np.ndarray
    pupils: np.ndarray
    contours: np.ndarray
    nostrils: np.ndarray | None = None
    under_hair: np.ndarray | None = None
    regions: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def canonical_points(self, points: np.ndarray) -> np.ndarray:
        """Points [..., 3] in mm as canonical millimetres [..., 3]: the origin midway between the
        pupils, the pupils 64 apart, +Y up with the anchors above at their heights, +Z out."""
        middle = self.pupils.mean(axis=0)
        scale = PUPIL_DISTANCE / np.linalg.norm(self.pupils[1] - self.pupils[0])
        centred = (np.asarray(points, np.float64) - middle) * scale
        heights = (self.contours[:, 1] - middle[1]) * scale
        anchors = np.array(
            [
                heights[_CHIN],
                heights[_LIP_LINE].mean(),
                heights[_NOSE_BASE],
                heights[_EYES].mean(),
                heights[_BROWS].mean(),
            ]
        )
        targets = np.array([CHIN_HEIGHT, LIPS_HEIGHT, NOSE_HEIGHT, 0.0, BROW_HEIGHT])
        centred[..., 1] = _warp(centred[..., 1], anchors, targets)
        return centred

    @functools.cached_property
    def points(self) -> np.ndarray:
        """The vertices in canonical millimetres, [V, 3]."""
        return self.canonical_points(self.vertices)

    @functools.cached_property
    def features(self) -> np.ndarray:
        """The contours in canonical millimetres, [68, 3]."""
        return self.canonical_points(self.contours)

    @functools.cached_property
    def eyeball(self) -> np.ndarray:
        """Whether a vertex is of an eyeball, bool [V]."""
        return self.eyes.any(axis=0)


def _warp(values: np.ndarray, anchors: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Piecewise linear through the anchors, shifted by as much as the last one beyond them."""
    inside = np.interp(values, anchors, targets)
    below, above = values - anchors[0], values - anchors[-1]
    return inside + np.minimum(below, 0) + np.maximum(above, 0)
