"""Similarity transforms of space, and the best one between known points."""

from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation


class SimilarityTransform(NamedTuple):
    """x -> scale * rotation @ x + translation.

    Attributes:
      scale: above 0.
      rotation: float64 [3, 3], of determinant 1.
      translation: float64 [3], in the unit of where it leads to.
    """

    scale: float
    rotation: np.ndarray
    translation: np.ndarray

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points [..., 3] where they are brought to."""
        return self.scale * (points @ self.rotation.T) + self.translation

    def after(self, first: "SimilarityTransform") -> "SimilarityTransform":
        """`first`, then this."""
        return SimilarityTransform(
            self.scale * first.scale, self.rotation @ first.rotation, self(first.translation)
        )

    def inverse(self) -> "SimilarityTransform":
        """Back again."""
        back = self.rotation.T
        return SimilarityTransform(1.0 / self.scale, back, -(back @ self.translation) / self.scale)

    def scaled(self, scale: float, about: np.ndarray) -> "SimilarityTransform":
        """The same turn at another scale; the point `about` [3] is brought to where it was."""
        translation = self(about) - scale * (self.rotation @ about)
        return SimilarityTransform(scale, self.rotation, translation)


IDENTITY = SimilarityTransform(1.0, np.eye(3), np.zeros(3))


def umeyama(moving: np.ndarray, fixed: np.ndarray, scaled: bool = True) -> SimilarityTransform:
    """Brings points [N, 3] as near as can be to their counterparts [N, 3], by least squares.

    Not mirrored. Umeyama, IEEE PAMI 13, 376 (1991).

    Args:
      scaled: whether the scale is found too, or stays 1.
    """
    centre, target = moving.mean(axis=0), fixed.mean(axis=0)
    centred = moving - centre
    left, values, right = np.linalg.svd((fixed - target).T @ centred)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right)) or 1.0])
    rotation = (left * signs) @ right
    scale = float(values @ signs / np.square(centred).sum()) if scaled else 1.0
    return SimilarityTransform(scale, rotation, target - scale * (rotation @ centre))


def small_motion(motion: np.ndarray, about: np.ndarray) -> SimilarityTransform:
    """A motion [7]: rotation vector, shift, logarithm of the scale; rotated and scaled
    about the point `about` [3]."""
    rotation = Rotation.from_rotvec(motion[:3]).as_matrix()
    scale = float(np.exp(motion[6]))
    return SimilarityTransform(scale, rotation, about + motion[3:6] - scale * (rotation @ about))
