"""Faces found in photographs and cut out as a run reads them."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.photographs.aligned import NO_FACE
from tf_morph.photographs.alignment import warp
from tf_morph.photographs.crop_rules import CropRule
from tf_morph.photographs.decode import decompression_bombs_refused, read_upright, upright
from tf_morph.photographs.detection import DetectedFace, detect_faces
from tf_morph.photographs.face_choice import choose_face

Photograph = str | Path | Image.Image | np.ndarray  # an array: uint8 sRGB [H, W, 3]


@dataclasses.dataclass(frozen=True, eq=False)
class FoundFace:
    """A face in a photograph.

    Attributes:
      crop: uint8 sRGB [S, S, 3], as the run's networks see it.
      alignment: float64 [2, 3], (x, y, 1) in the photograph to (x, y) in the crop, pixels.
      detected: box and five points in the photograph, pixels.
    """

    crop: np.ndarray
    alignment: np.ndarray
    detected: DetectedFace

    @property
    def five_points_in_crop(self) -> np.ndarray:
        """float64 [5, 2], (x, y) pixels of the crop; the points as `DetectedFace` orders them."""
        return self.detected.five_points @ self.alignment[:, :2].T + self.alignment[:, 2]


def open_photograph(photograph: Photograph) -> Image.Image:
    """A photograph as 8-bit RGB, upright.

    Args:
      photograph: a file's path, a Pillow image, or an array uint8 sRGB [H, W, 3].

    Raises:
      InputError: it cannot be decoded, or the array is another one.
    """
    if isinstance(photograph, np.ndarray):
        return _of_array(photograph)
    with decompression_bombs_refused():
        if isinstance(photograph, Image.Image):
            return _of_image(photograph)
        read = read_upright(str(photograph))
    if isinstance(read, str):
        raise InputError(f"{photograph}: {read}")
    return read


def find_faces(
    photographs: Sequence[Image.Image], rule: CropRule, size: int, every: bool = False
) -> list[tuple[FoundFace, ...]]:
    """The faces of each photograph: its prominent one, or all, from left to right.

    Args:
      photographs: 8-bit RGB, upright.
      rule: how faces are cut out.
      size: side of what is cut out, pixels.
      every: all faces, not the prominent one alone.
    """
    found = detect_faces([np.asarray(photograph) for photograph in photographs])
    return [
        _cut(photograph, _chosen(photograph, faces, every), rule, size)
        for photograph, faces in zip(photographs, found, strict=True)
    ]


def no_face(photograph: Photograph) -> InputError:
    """What is wrong with a photograph without a face."""
    named = f"{photograph}: " if isinstance(photograph, (str, Path)) else "photograph: "
    return InputError(f"{named}{NO_FACE}; give one that shows a face of 20 pixels or more")


def _chosen(photograph: Image.Image, faces: Sequence[DetectedFace], every: bool):
    if not faces:
        return ()
    if every:
        return sorted(faces, key=lambda face: face.box[0] + face.box[2])
    return (choose_face(faces, *photograph.size),)


def _cut(photograph, faces, rule: CropRule, size: int) -> tuple[FoundFace, ...]:
    cut = []
    for face in faces:
        try:
            alignment = rule.transform(face, photograph.size, size)
        except ValueError:  # a box outside the photograph, or points in one place: no face there
            continue
        cut.append(FoundFace(warp(photograph, alignment, size), alignment, face))
    return tuple(cut)


def _of_array(array: np.ndarray) -> Image.Image:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or not array.size:
        raise InputError(
            f"photograph: an array {array.dtype.name} {list(array.shape)}; give uint8 sRGB "
            "[height, width, 3]"
        )
    return Image.fromarray(np.ascontiguousarray(array))


def _of_image(image: Image.Image) -> Image.Image:
    try:
        return upright(image)
    except Exception as error:  # Pillow decodes an image when it is first needed
        raise InputError(f"photograph: cannot be decoded ({error})") from error
