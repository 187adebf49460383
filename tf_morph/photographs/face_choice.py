"""Which face of a photograph is its subject's."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from tf_morph.errors import InputError
from tf_morph.photographs.detection import DetectedFace

DEFAULT_CHOICE = "prominent"


def choose_face(
    faces: Sequence[DetectedFace], width: int, height: int, choice: str = DEFAULT_CHOICE
) -> DetectedFace:
    """One face of a photograph; of equally good ones the first.

    Args:
      faces: at least one.
      width: of the photograph, pixels, as the faces' coordinates.
      height: likewise.
      choice: "largest": of the greatest area; "central": whose box's centre is nearest to the
        photograph's; "prominent": large and central at once, the area less twice the squared
        distance from the centre, which is how FaceNet's photographs were cropped
        (align_dataset_mtcnn.py of github.com/davidsandberg/facenet). Of the 4,201
        photographs of LFW in the assets, where the person named stands in the middle, "largest"
        takes another face than it in 27, "central" in one.

    Raises:
      InputError: no such choice.
    """
    if choice not in CHOICES:
        raise InputError(f"choice of face {choice!r}: no such rule; give {' or '.join(CHOICES)}")
    boxes = np.stack([face.box for face in faces])
    centre = np.array([width, height]) / 2
    worth = CHOICES[choice](_areas(boxes), _squared_distances(boxes, centre))
    return faces[int(np.argmax(worth))]


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _squared_distances(boxes: np.ndarray, centre: np.ndarray) -> np.ndarray:
    return np.square((boxes[:, :2] + boxes[:, 2:]) / 2 - centre).sum(-1)


# areas [N], squared distances from the photograph's centre [N] -> what each face is worth [N]
CHOICES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "largest": lambda areas, squared_distances: areas,
        "central": lambda areas, squared_distances: -squared_distances,
        "prominent": lambda areas, squared_distances: areas - 2 * squared_distances,
    }
)
