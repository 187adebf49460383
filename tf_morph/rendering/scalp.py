"""A face mesh's own scalp: whether it has one, its hair's colour, and how it is made bare."""

from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from tf_morph.hairstyles import STYLES
from tf_morph.rendering.hair import RECESSION
from tf_morph.rendering.hairline import hairline_depth, of_ears
from tf_morph.rendering.surround_shapes import Head, border_vertices

_RIM_MM = 38.0  # above the eyes
_NONE = np.empty(0, np.int32)
_DEEP_MM = 14.0  # inside the hairline all is hair
_BARE_MM = (-12.0, -4.0)  # across the hairline: skin as it is, skin repainted
_FOREHEAD_MM = (26.0, 46.0)  # above the eyes
_HAIR_SAMPLES = 256


@dataclass(frozen=True, eq=False)
class Scalp:
    """Hair on the face mesh itself.

    Attributes:
      hair: [N] int32, face vertices whose mean colour is the hair's; none: the scene's hair colour.
      forehead: [F] int32, face vertices whose mean colour is that of a bald head's skin.
      repainted: [R] int32, face vertices that some style shows bare.
      bare: [STYLES, R] float32 in [0, 1], how bare each style shows these.
      drawn_styles: for each of `STYLES` the one whose shell is drawn: where the mesh has no scalp
        to show, one that covers it.
    """

    hair: np.ndarray
    forehead: np.ndarray
    repainted: np.ndarray
    bare: np.ndarray
    drawn_styles: tuple[str, ...]

    def repaint(self, face_albedo: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
        """Faces as their hairstyles show them: bare skin where a style has no hair.

        Args:
          face_albedo: [B, V, 3] linear RGB.
          style: [B] int32.

        Returns:
          [B, V, 3] linear RGB.
        """
        if not len(self.repainted):
            return face_albedo
        skin = tf.reduce_mean(tf.gather(face_albedo, self.forehead, axis=1), axis=1, keepdims=True)
        bare = np.zeros((len(self.bare), face_albedo.shape[1], 1), np.float32)
        bare[:, self.repainted, 0] = self.bare
        return face_albedo + tf.gather(bare, style) * (skin - face_albedo)

    def on_vertices(self, kept: np.ndarray) -> "Scalp":
        """The same of a face mesh of the vertices `kept`, in order, `hair` and `forehead` among
        them."""
        there = np.isin(self.repainted, kept)
        return replace(
            self,
            hair=np.searchsorted(kept, self.hair).astype(np.int32),
            forehead=np.searchsorted(kept, self.forehead).astype(np.int32),
            repainted=np.searchsorted(kept, self.repainted[there]).astype(np.int32),
            bare=self.bare[:, there],
        )


def find_scalp(head: Head, face: np.ndarray, triangles: np.ndarray, painted: bool) -> Scalp:
    """The scalp of a mean face [V, 3] mm.

    Args:
      head: the face's measures.
      face: the mean face.
      triangles: [T, 3] integers.
      painted: the mesh has the colour of hair inside the hairline.
    """
    used = np.unique(triangles)
    depth = np.full(len(face), -np.inf)
    depth[used] = hairline_depth(head, face[used])
    if not _covers_the_skull(head, face[used]):
        rim = _upper_rim(head, face, triangles) if painted else _NONE
        stand_ins = dict.fromkeys(("bald", "shaved", "receding"), "short")
        return Scalp(rim, _NONE, _NONE, np.zeros((len(STYLES), 0), np.float32), _drawn(stand_ins))
    if not painted:
        nothing = np.zeros((len(STYLES), 0), np.float32)
        return Scalp(_NONE, _NONE, _NONE, nothing, _drawn({"shaved": "short"}))
    ears = np.zeros(len(face), bool)
    ears[used] = of_ears(head, face[used])
    hair = np.flatnonzero((depth > _DEEP_MM) & ~ears)
    hair = hair[:: max(1, len(hair) // _HAIR_SAMPLES)]
    height = (face[:, 1] - head.eyes[1]) / head.scale
    forehead = (height > _FOREHEAD_MM[0]) & (height < _FOREHEAD_MM[1])
    forehead &= (np.abs(face[:, 0]) < 28.0 * head.scale) & (face[:, 2] > head.center[2])
    forehead = np.intersect1d(np.flatnonzero(forehead), used)
    everywhere = _step(depth, *_BARE_MM) * ~ears
    receded = np.full(len(face), -np.inf)
    receded[used] = hairline_depth(head, face[used], RECESSION)
    bare = np.zeros((len(STYLES), len(face)), np.float32)
    bare[STYLES.index("bald")] = everywhere
    bare[STYLES.index("receding")] = everywhere * (1.0 - _step(receded, 0.0, 12.0))
    repainted = np.flatnonzero(bare.any(axis=0)).astype(np.int32)
    return Scalp(
        hair.astype(np.int32), forehead.astype(np.int32), repainted, bare[:, repainted], _drawn({})
    )


def _drawn(stand_ins: dict[str, str]) -> tuple[str, ...]:
    return tuple(stand_ins.get(name, name) for name in STYLES)


def _covers_the_skull(head: Head, vertices: np.ndarray) -> bool:
    """Whether there is skin on the top and at the back of the head."""
    offsets = (vertices - head.center) / head.scale
    behind = (offsets[:, 2] < -55.0) & (np.abs(offsets[:, 1]) < 40.0)
    above = (offsets[:, 1] > 70.0) & (np.abs(offsets[:, 2]) < 30.0)
    return bool(behind.any() and above.any())


def _step(values: np.ndarray, low: float, high: float) -> np.ndarray:
    rising = np.clip((values - low) / (high - low), 0.0, 1.0)
    return rising * rising * (3.0 - 2.0 * rising)


def _upper_rim(head: Head, face: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Vertices of the mesh's open border that lie well above the eyes."""
    border = border_vertices(triangles)
    return border[face[border, 1] > head.eyes[1] + _RIM_MM * head.scale].astype(np.int32)
