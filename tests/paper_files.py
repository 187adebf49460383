"""Every file that configs/paper.py names, of the published layouts and sizes, with random numbers.

python -m tests.paper_files FOLDER
"""

import os
import sys
from pathlib import Path

import numpy as np
import scipy.spatial
from PIL import Image

from tests.photographs.painted_face import paint
from tests.recognition.real_layouts import (
    random_weights,
    shapes_of,
    write_facenet_graph,
    write_keras_hdf5,
)
from tf_morph.config import ASSETS_VARIABLE, expand_path
from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.morphable_model.official_files import BASEL_2017
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.weight_files import catalogue

# Of the Basel Face Model 2017.
VERTICES, RIM, TRIANGLES = 53_149, 602, 105_694
COMPONENTS = {"shape": 199, "color": 199, "expression": 100}
_HALF_WIDTH_MM, _HALF_HEIGHT_MM, _DEPTH_MM = 80.0, 110.0, 90.0
_WAVES = 40  # smooth functions over the face, of which the components are mixed
_LANDMARKS = {
    "right.eye.corner_outer": (-45, 35),
    "right.eye.corner_inner": (-18, 35),
    "left.eye.corner_inner": (18, 35),
    "left.eye.corner_outer": (45, 35),
    "center.nose.tip": (0, -5),
    "right.lips.corner": (-25, -40),
    "left.lips.corner": (25, -40),
}


def write_paper_files(folder: Path, people: int = 24) -> None:
    """Fills `folder` as `TF_MORPH_ASSETS` should be for configs/paper.py; what is there stays.

    Args:
      folder: made where it is missing; a gigabyte and a half.
      people: in the photographs, two of each.
    """
    os.environ[ASSETS_VARIABLE] = str(folder)
    for name, write in (
        (BASEL_2017.place, lambda path: full_size_face().save(path)),
        (catalogue.published_files("vgg16")[0].place, _writer("vgg16")),
        (catalogue.published_files("resnet50")[0].place, _writer("resnet50")),
        (catalogue.published_files("inception_resnet_v1")[0].place, _write_facenet),
    ):
        path = expand_path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path)
    if not (folder / "lfw").exists():
        paint_photographs(folder / "lfw", people)


def full_size_face() -> MorphableModel:
    """A domed oval of the Basel Face Model's numbers of vertices, triangles and components.

    It varies smoothly and fills a picture as a face does, so that drawing it costs as much.
    """
    disc = _disc()
    place = disc * (_HALF_WIDTH_MM, _HALF_HEIGHT_MM)
    waves = _smooth_functions(disc)
    random = np.random.default_rng(3)
    bases = {
        part: _basis(
            np.column_stack([place, _dome(place)]) if part == "shape" else mean,
            waves,
            count,
            deviation,
            random,
        )
        for (part, count), mean, deviation in zip(
            COMPONENTS.items(),
            (None, np.full((VERTICES, 3), 0.5), np.zeros((VERTICES, 3))),
            (300.0, 4.0, 100.0),
            strict=True,
        )
    }
    triangles = scipy.spatial.Delaunay(disc).simplices
    clockwise = np.linalg.det(disc[triangles[:, 1:]] - disc[triangles[:, :1]]) < 0
    triangles[clockwise] = triangles[clockwise][:, ::-1]
    assert triangles.shape == (TRIANGLES, 3)
    return MorphableModel(
        **bases,
        triangles=triangles.astype(np.int32),
        landmarks={
            name: np.array([*point, _dome(np.array(point))], np.float32)
            for name, point in _LANDMARKS.items()
        },
        name="a random face of full size",
    )


def _disc() -> np.ndarray:
    """Points [V, 2] of the unit disc, evenly spread, of them `RIM` on its rim."""
    number = np.arange(VERTICES - RIM)
    radius = 0.995 * np.sqrt((number + 0.5) / len(number))
    angle = number * np.pi * (3 - np.sqrt(5))
    rim = 2 * np.pi * np.arange(RIM) / RIM
    radius = np.concatenate([radius, np.ones(RIM)])
    angle = np.concatenate([angle, rim])
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _dome(place: np.ndarray) -> np.ndarray:
    x, y = place[..., 0] / _HALF_WIDTH_MM, place[..., 1] / _HALF_HEIGHT_MM
    return _DEPTH_MM * (1 - 0.8 * (x * x + y * y))


def _smooth_functions(disc: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(4)
    directions = random.normal(scale=3.0, size=(2, _WAVES))
    return np.cos(disc @ directions + random.uniform(0, 2 * np.pi, _WAVES)).astype(np.float32)


def _basis(mean, waves, count, deviation, random) -> LinearBasis:
    """`count` unit columns; their deviations fall off as those of a measured model do."""
    mixed = random.normal(size=(_WAVES, 3 * count)).astype(np.float32)
    columns = (waves @ mixed).reshape(3 * VERTICES, count)
    columns /= np.linalg.norm(columns, axis=0)
    return LinearBasis(mean, columns, deviation / np.sqrt(1 + np.arange(count)))


def _writer(architecture: str):
    variant = dict(catalogue.published_files(architecture)[0].variant)

    def write(path: Path) -> None:
        shapes = shapes_of(ARCHITECTURES[architecture].build(**variant))
        write_keras_hdf5(path, random_weights(shapes))

    return write


def _write_facenet(path: Path) -> None:
    """FaceNet's frozen graph, with numbers by the same rule."""
    variant = catalogue.by_file_name(path).variant
    model = ARCHITECTURES["inception_resnet_v1"].build(**variant)
    weights = random_weights(shapes_of(model))
    for layer in model.layers:
        for variable in layer.weights:
            variable.assign(weights[layer.name][variable.name])
    write_facenet_graph(path, model)


def paint_photographs(folder: Path, people: int) -> None:
    """Two painted faces a person, each person of a hue, in which MTCNN finds a face."""
    random = np.random.default_rng(5)
    for person in range(people):
        (folder / f"Person_{person:02d}").mkdir(parents=True)
        tint = random.uniform(0.8, 1.2, 3)
        for number in (1, 2):
            left, top = random.integers(50, 80, 2)
            picture = np.asarray(paint((250, 250), (left, top, 110))[0]) * tint
            name = f"Person_{person:02d}_{number:04d}.png"
            picture = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
            picture.save(folder / f"Person_{person:02d}" / name)


if __name__ == "__main__":
    write_paper_files(Path(sys.argv[1]))
