"""Where the features of a face are: what the colour fields need to know of a mesh."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class FaceLayout:
    """A mean face and its features; any mesh that can give these can be coloured.

    Attributes:
      vertices: [V, 3], mm.
      eyes: bool [2, V], the vertices of the right and of the left eyeball.
      pupils: [2, 3], the foremost points of the right and left eyeball, mm.
      contours: [68, 3], the iBUG landmarks, mm: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47,
        lips 48-67, each from the subject's right.
    """

    vertices: np.ndarray
    eyes: np.ndarray
    pupils: np.ndarray
    contours: np.ndarray
