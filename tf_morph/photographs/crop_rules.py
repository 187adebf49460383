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

    def transform(
        self, face: DetectedFace, photograph_size: tuple[int, int], size: int
    ) -> np.ndarray:
        """float64 [2, 3]: (x, y, 1) in the photograph to (x, y) in the picture, pixels.

        Args:
          face: in the photograph.
          photograph_size: its width and height, pixels.
          size: the picture's side, pixels.

        Raises:
          ValueError: there is nothing to cut out; the message says why.
        """

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """The face, uint8 [size, size, 3] sRGB-coded RGB.

        Raises:
          ValueError: there is nothing to cut out; the message says why.
        """


class FivePointCrop(NamedTuple):
    """A similarity transform that brings the five points nearest to a template.

    Attributes:
      template: (x, y) of right eye (left in the image), left eye, nose tip, right and left corner
        of the mouth, as shares of the image's width and height.
      aspect: height over width of what is cut out; squeezed into a square where it is not 1.
    """

    template: tuple[tuple[float, float], ...]
    aspect: float = 1.0

    def transform(
        self, face: DetectedFace, photograph_size: tuple[int, int], size: int
    ) -> np.ndarray:
        """See `CropRule`."""
        del photograph_size
        target = np.array(self.template) * (size, size * self.aspect)
        return similarity_transform(face.five_points, target) / [[1], [self.aspect]]

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """See `CropRule`."""
        return warp(photograph, self.transform(face, photograph.size, size), size)


class BoxCrop(NamedTuple):
    """The detector's box, widened, up to the photograph's edges; squeezed where it is not square.

    Attributes:
      margin: added to width and height, as a share of them.
      margin_pixels: added to width and height, pixels of the photograph.
      longer: makes a square of the box's longer side first; it may then reach outside.
      shorter: takes the central square of the box's shorter side in the end.
      centre: this share of it is taken, about its centre.
    """

    margin: float = 0.0
    margin_pixels: float = 0.0
    longer: bool = False
    shorter: bool = False
    centre: float = 1.0

    def transform(
        self, face: DetectedFace, photograph_size: tuple[int, int], size: int
    ) -> np.ndarray:
        """See `CropRule`."""
        left, top, right, bottom = self.part(face.box, photograph_size)
        x, y = size / (right - left), size / (bottom - top)
        return np.array([[x, 0, -x * left], [0, y, -y * top]])

    def cut(self, photograph: Image.Image, face: DetectedFace, size: int) -> np.ndarray:
        """See `CropRule`."""
        return warp(photograph, self.transform(face, photograph.size, size), size)

    def part(self, box: np.ndarray, photograph_size: tuple[int, int]) -> np.ndarray:
        """(left, top, right, bottom), pixels, of what is cut out for a face's box.

        Raises:
          ValueError: the box lies outside the photograph.
        """
        middle, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        sides = sides * (1 + self.margin) + self.margin_pixels
        low = np.maximum(middle - sides / 2, 0)
        high = np.minimum(middle + sides / 2, photograph_size)
        if (high - low).min() < 1:
            raise ValueError("its face lies outside it")
        if self.longer:
            sides = np.full(2, sides.max())
        else:
            middle, sides = (low + high) / 2, high - low
        if self.shorter:
            sides = np.full(2, sides.min())
        sides = sides * self.centre
        return np.concatenate([middle - sides / 2, middle + sides / 2])


# The five points that insightface aligns to, for images of 112 pixels (`arcface_dst` in
# python-package/insightface/utils/face_align.py of github.com/deepinsight/insightface), which
# counts, as OpenCV does, from the first pixel's centre.
_ARCFACE = tuple(
    ((x + 0.5) / 112, (y + 0.5) / 112)
    for x, y in (
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    )
)

# VGG-Face: a square of the box's longer side and a tenth (from memory of the `faceCrop` that came
# with its weights, which had another detector).
_VGG_FACE = BoxCrop(margin=0.1, longer=True)
# VGGFace2: MTCNN's box "extended by a factor 0.3", ending with the photograph (the authors' note
# beside their PyTorch weights; read as 1.3 times its sides); the shorter side then scaled to 256
# pixels and the central 224 taken (Cao et al. 2018 on testing; from memory).
_VGGFACE2 = BoxCrop(margin=0.3, shorter=True, centre=224 / 256)
# FaceNet's align_dataset_mtcnn.py (github.com/davidsandberg/facenet) with --margin 32, as for LFW:
# pixels of the photograph, whatever its size; LFW's faces are 92 wide and 124 high.
_FACENET_LFW = BoxCrop(margin_pixels=32)
# The same margin as 32 of the image's 160 pixels, so that it does not hang on the photograph's
# size, as facenet-pytorch reads it; and what training saw of 182 pixels, 44 of them margin, the
# central 160 of which are the network's input.
_FACENET = BoxCrop(margin=32 / (160 - 32))
_FACENET_TRAINING = BoxCrop(margin=44 / (182 - 44), centre=160 / 182)


def _symmetric(eye, nose, mouth) -> tuple[tuple[float, float], ...]:
    """The template whose right half mirrors its left: right eye, nose's height, right corner."""
    (eye_x, eye_y), (mouth_x, mouth_y) = eye, mouth
    return (eye, (1 - eye_x, eye_y), (0.5, nose), mouth, (1 - mouth_x, mouth_y))


# Where the five points lie on average within those boxes in 4,156 photographs of LFW and their
# mirror images: the same crop, steadier than the box.
_IN_VGG_FACE = _symmetric((0.3462, 0.3923), 0.5717, (0.3631, 0.7277))
_IN_VGGFACE2 = _symmetric((0.3002, 0.3602), 0.5940, (0.3222, 0.7968))
_IN_FACENET = _symmetric((0.3182, 0.4052), 0.5631, (0.3382, 0.7003))
_FACENET_ASPECT = 1.346
# Where they lie on average in the chips that dlib 20.0.1 cuts out for its own network
# (`get_face_chip_details(shape, 150, 0.25)` of its frontal detector and its predictor of five
# landmarks), and in their mirror images: 1,437 photographs of LFW, each of another person.
_IN_DLIB = _symmetric((0.3223, 0.3036), 0.5125, (0.3424, 0.6934))


class Frame(NamedTuple):
    """A square of dlib's chip's plane that several networks' crops lie in, in the chip's sides.

    So that networks which want a face at different scales see one and the same picture, each its
    own part of it: `part_of` is what their `crop` is then.
    """

    left: float
    top: float
    side: float

    def template(self) -> tuple[tuple[float, float], ...]:
        """Where `aligned_dlib`'s five points lie in the frame."""
        return tuple(((x - self.left) / self.side, (y - self.top) / self.side) for x, y in _IN_DLIB)

    def part_of(self, rule: "FivePointCrop") -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of a rule's crop, as shares of the frame, three digits."""
        shown = np.array(self.template())
        wanted = np.array(rule.template)
        scale, _, shift_x = similarity_transform(wanted, shown)[0]
        shift_y = similarity_transform(wanted, shown)[1, 2]
        edges = np.array([shift_x, shift_y, shift_x + scale, shift_y + scale])
        return tuple(float(edge) for edge in np.clip(np.round(edges, 3), 0, 1))


# dlib's chip and insightface's template, which ends above it, with a little to spare.
WIDE = Frame(left=-0.1125, top=-0.225, side=1.225)

CROP_RULES: Mapping[str, CropRule] = MappingProxyType(
    {
        "aligned_wide": FivePointCrop(WIDE.template()),
        "aligned": FivePointCrop(_ARCFACE),
        "aligned_dlib": FivePointCrop(_IN_DLIB),
        "aligned_vgg_face": FivePointCrop(_IN_VGG_FACE),
        "aligned_vggface2": FivePointCrop(_IN_VGGFACE2),
        "aligned_facenet": FivePointCrop(_IN_FACENET, _FACENET_ASPECT),
        "box_vgg_face": _VGG_FACE,
        "box_vggface2": _VGGFACE2,
        "box_facenet": _FACENET,
        "box_facenet_lfw": _FACENET_LFW,
        "box_facenet_training": _FACENET_TRAINING,
    }
)

ALIGNED = "aligned"
_ALIGNED_FOR = {
    "dlib_resnet": "aligned_dlib",
    "vgg16": "aligned_vgg_face",
    "resnet50": "aligned_vggface2",
    "senet50": "aligned_vggface2",
    "inception_resnet_v1": "aligned_facenet",
    "facenet_nn2": "aligned_facenet",
}


def aligned_for(network: str) -> str:
    """The rule that aligns faces to a network's own crop, by the name of its architecture.

    It is `ALIGNED`, insightface's template, for networks of no such architecture.
    """
    return _ALIGNED_FOR.get(network, ALIGNED)
