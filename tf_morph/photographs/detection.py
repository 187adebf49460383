"""Faces and their five points found in pictures, by MTCNN (Zhang et al. 2016, as mtcnn 1.0 has it).

Coordinates are those of docs/conventions.md: the centre of the first pixel lies at (0.5, 0.5).
"""

import functools
import hashlib
import importlib.metadata
import importlib.resources
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from mtcnn import MTCNN

# Pixels. Larger pictures are scaled down to it first, so that any takes about 0.05 s on two cores
# (one of 250 x 250 pixels 0.02 s);
# the smallest face that mtcnn looks for, 20 pixels, is then a 25th of the picture's longest side.
LONGEST_SIDE = 512
_BATCH_SIZE = 16
# mtcnn counts from the first pixel's centre: on LFW the x of a point and of its mirror image add
# up to the width less 0.9.
_FIRST_PIXEL_CENTRE = 0.5
_NUMBERS_OF_A_FACE = 15  # box, score, x of five points, y of five points
_WEIGHTS = {"StagePNet": "pnet.lz4", "StageRNet": "rnet.lz4", "StageONet": "onet.lz4"}


class DetectedFace(NamedTuple):
    """A face in a picture.

    Attributes:
      box: float64 [4], its (left, top, right, bottom) in pixels; it may reach outside the picture.
      five_points: float64 [5, 2], (x, y) in pixels of the right eye (left in the image), the left
        eye, the nose's tip, the right and the left corner of the mouth.
      score: how sure the detector is, from 0.8 to 1.
    """

    box: np.ndarray
    five_points: np.ndarray
    score: float

    def scaled(self, factor: tuple[float, float]) -> "DetectedFace":
        """The same face in the picture scaled by `factor`, (x, y)."""
        return DetectedFace(
            self.box * np.tile(factor, 2), self.five_points * np.array(factor), self.score
        )


def detect_faces(pictures: Sequence[np.ndarray]) -> list[tuple[DetectedFace, ...]]:
    """The faces of each picture, the surest first.

    Pictures of equal size go through the detector together. Where two boxes around a face are
    equally good, which one is kept may depend on a picture's company: points moved by up to 5
    pixels in 6 of 125 photographs of LFW, and by none in the others.

    Args:
      pictures: uint8 [H, W, 3] each, sRGB-coded RGB, upright, of any sizes; those larger than
        `LONGEST_SIDE` are looked at scaled down.
    """
    shrunk = [shrink(Image.fromarray(picture)) for picture in pictures]
    found: list[tuple[DetectedFace, ...]] = [()] * len(pictures)
    for indices in _batches([picture.shape for picture in shrunk]):
        batch = _detect_in_equal([shrunk[i] for i in indices])
        for index, faces in zip(indices, batch, strict=True):
            height, width = pictures[index].shape[:2]
            small_height, small_width = shrunk[index].shape[:2]
            factor = (width / small_width, height / small_height)
            found[index] = tuple(face.scaled(factor) for face in faces)
    return found


def shrink(picture: Image.Image) -> np.ndarray:
    """The picture as the detector looks at it: uint8 [h, w, 3], no side over `LONGEST_SIDE`."""
    shrinkage = LONGEST_SIDE / max(picture.size)
    if shrinkage < 1:
        size = tuple(max(1, round(side * shrinkage)) for side in picture.size)
        picture = picture.resize(size, Image.Resampling.BILINEAR)  # antialiased by Pillow
    return np.asarray(picture)


@functools.cache
def detector_fingerprint() -> str:
    """Hex; another one where the same picture may be answered differently."""
    described = f"mtcnn {importlib.metadata.version('mtcnn')}, longest side {LONGEST_SIDE}"
    return hashlib.sha256(described.encode()).hexdigest()[:16]


def _batches(shapes: Sequence[tuple[int, ...]]) -> Iterator[list[int]]:
    """Indices of pictures of one shape, `_BATCH_SIZE` at most; mtcnn mixes up the paddings of
    pictures of different shapes."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for index, shape in enumerate(shapes):
        by_shape.setdefault(shape, []).append(index)
    for indices in by_shape.values():
        for start in range(0, len(indices), _BATCH_SIZE):
            yield indices[start : start + _BATCH_SIZE]


def _detect_in_equal(pictures: list[np.ndarray]) -> list[list[DetectedFace]]:
    # With another smallest face than its default mtcnn 1.0 builds a pyramid whose last pictures
    # are smaller than its network's window, and reports no face at all.
    rows = _detector().detect_faces(
        pictures, box_format="xyxy", output_type="numpy", postprocess=False
    )
    if rows.shape[1] != 1 + _NUMBERS_OF_A_FACE:  # its form of "none" where an early stage has none
        return [[] for _ in pictures]
    faces = [[_face(row[1:]) for row in rows if row[0] == i] for i in range(len(pictures))]
    return [sorted(found, key=lambda face: -face.score) for found in faces]


def _face(row: np.ndarray) -> DetectedFace:
    points = np.stack([row[5:10], row[10:15]], -1)
    return DetectedFace(
        np.float64(row[:4]) + _FIRST_PIXEL_CENTRE,
        np.float64(points) + _FIRST_PIXEL_CENTRE,
        float(row[4]),
    )


@functools.cache
def _detector() -> "MTCNN":
    import mtcnn  # TensorFlow comes with it, and takes seconds
    import mtcnn.stages

    # By their whole paths: given the names alone, mtcnn would first unpickle files so named in the
    # working directory.
    folder = importlib.resources.files("mtcnn") / "assets" / "weights"
    stages = [
        getattr(mtcnn.stages, stage)(weights=str(folder / weights))
        for stage, weights in _WEIGHTS.items()
    ]
    return mtcnn.MTCNN(stages=stages)
