"""How a detected face is cut out of its photograph for a recognition network.

Two kinds of rule: the five points brought into a template by a similarity transform, and the
detector's box with a margin, as VGGFace2's and FaceNet's own photographs were cropped.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from tf_morph.photographs.alignment import similarity_transform, warp
from tf_morph.photographs.detection import DetectedFace


class CropRule(Protocol):
    """From a photograph and a face in it to the picture a network wants."""

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """The face, uint8 [size, size, 3] sRGB-coded RGB.

        Raises:
          ValueError: there is nothing to cut out; the message says why.
        """


class FivePointCrop(NamedTuple):
    """A similarity transform that brings the five points nearest to a template.

    Attributes:
      template: (x, y) of right eye (left in the image), left eye, nose tip, right and left corner
        of the mouth, as shares of the image's side.
    """

    template: tuple[tuple[float, float], ...]

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """See `CropRule`; black where the photograph ends."""
        target = np.array(self.template) * size
        return warp(photograph, similarity_transform(face.five_points, target), size)


class BoxCrop(NamedTuple):
    """The detector's box, widened.

    Attributes:
      margin: added to width and height, as a share of them.
      margin_pixels: added to width and height, pixels of the photograph.
      square: the largest centred square of the widened box; else the box is squeezed into one.
      centre: this share of it, about its centre.
    """

    margin: float = 0.0
    margin_pixels: float = 0.0
    square: bool = False
    centre: float = 1.0

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """See `CropRule`; the box ends where the photograph does."""
        box = self._part(face.box, photograph.size)
        part = photograph.resize((size, size), Image.Resampling.BILINEAR, box=tuple(box))
        return np.asarray(part)

    def _part(self, box: np.ndarray, photograph_size: tuple[int, int]) -> np.ndarray:
        middle, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        sides = sides * (1 + self.margin) + self.margin_pixels
        low = np.maximum(middle - sides / 2, 0)
        high = np.minimum(middle + sides / 2, photograph_size)
        middle, sides = (low + high) / 2, high - low
        if sides.min() < 1:
            raise ValueError("its face lies outside it")
        if self.square:
            sides = np.full(2, sides.min())
        sides = sides * self.centre
        return np.concatenate([middle - sides / 2, middle + sides / 2])


def _in_pixels(side: float, *points: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Points counted from the first pixel's centre, as OpenCV does, as shares of the side."""
    return tuple(((x + 0.5) / side, (y + 0.5) / side) for x, y in points)


# The five points that insightface aligns to, for images of 112 pixels (`arcface_dst` in
# python-package/insightface/utils/face_align.py of github.com/deepinsight/insightface).
_ARCFACE = _in_pixels(
    112,
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)

# VGGFace2: MTCNN's box "extended by a factor 0.3", ending with the photograph (the authors' note
# beside their PyTorch weights); the shorter side then scaled to 256 pixels and the central 224
# taken (Cao et al. 2018, section on testing; from memory).
_VGGFACE2 = BoxCrop(margin=0.3, square=True, centre=224 / 256)
# FaceNet's align_dataset_mtcnn.py (github.com/davidsandberg/facenet) with --margin 32, as its
# instructions for LFW have it: pixels of the photograph, whose faces are about 90 wide; squeezed.
_FACENET_LFW = BoxCrop(margin_pixels=32)
# The same margin as 32 of the image's 160 pixels, so that it does not hang on the photograph's
# resolution (so reads facenet-pytorch's `margin`); and what training saw of 182 pixels, 44 of
# them margin, the central 160 of which are FaceNet's input.
_FACENET = BoxCrop(margin=32 / (160 - 32))
_FACENET_TRAINING = BoxCrop(margin=44 / (182 - 44), centre=160 / 182)

CROP_RULES: Mapping[str, CropRule] = MappingProxyType(
    {
        "aligned": FivePointCrop(_ARCFACE),
        "box_vggface2": _VGGFACE2,
        "box_facenet": _FACENET,
        "box_facenet_lfw": _FACENET_LFW,
        "box_facenet_training": _FACENET_TRAINING,
    }
)
