"""MakeHuman's targets on the vertices of a head, in millimetres from between its eyes.

The targets of some origins and of the lips part them: each is corrected here so that lips which
are closed on the base mesh stay so.
"""

import functools

import numpy as np

from tf_morph.morphable_model.makehuman_files import MakeHumanFiles
from tf_morph.morphable_model.makehuman_mesh import (
    LOWER_LIP,
    MM,
    UPPER_LIP,
    eyes_middle,
    used_vertices,
)

_MOUTH_HALF_WIDTH = 25.0  # mm, of the opening between the lips


class HeadTargets:
    """The targets on a head's vertices.

    Attributes:
      files: where they are read from.
      used: int [N], ascending, the base mesh's vertices that a head is made from.
      base: float32 [N, 3] mm, their places.
    """

    def __init__(self, files: MakeHumanFiles):
        self.files = files
        self.used = used_vertices(files.base)
        self.base = self.on_head(files.base.vertices)

    def on_head(self, whole: np.ndarray) -> np.ndarray:
        """Places or offsets [19158, 3] dm as the head's, float32 [N, 3] mm."""
        return (MM * (whole - eyes_middle(whole, self.files.base)))[self.used].astype(np.float32)

    def offsets(self, name: str) -> np.ndarray:
        """A target, float32 [N, 3] mm; named, and raises, as `MakeHumanFiles.target`."""
        offsets = self.on_head(self.files.target(name))
        upper, lower = (offsets[self._rows(ids), 1].mean() for ids in (UPPER_LIP, LOWER_LIP))
        offsets[:, 1] += (upper - lower) * self._lips_closing
        return offsets

    @functools.cached_property
    def _lips_closing(self) -> np.ndarray:
        """float32 [N], how far vertices go up that lips a millimetre apart may close."""
        line = self.base[self._rows([*UPPER_LIP, *LOWER_LIP])].mean(axis=0)
        x, y, z = (self.base - line).T
        across = np.clip(1 - (x / _MOUTH_HALF_WIDTH) ** 4, 0, 1)
        near = across * smooth_ramp(np.abs(y), 14.0, 3.0) * smooth_ramp(z, -22.0, -12.0)
        # What goes down with the jaw is of the lower lip.
        opened = -self.on_head(self.files.unit("jawOpen"))[:, 1]
        depth = opened[self._rows(LOWER_LIP)].mean()
        return np.float32(near * (np.clip(opened / depth, 0, 1) - 0.5))

    def _rows(self, ids) -> np.ndarray:
        return np.searchsorted(self.used, ids)


def smooth_ramp(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """From 0 at `start` to 1 at `end`, with no kink at either."""
    share = np.clip((values - start) / (end - start), 0, 1)
    return share**2 * (3 - 2 * share)
