"""Photographs of people who do not exist: faces of a morphable model, rendered and spoilt."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image, ImageFilter
from tqdm import tqdm

from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.rendering.camera import (
    PORTRAIT_FIELD_OF_VIEW_DEGREES,
    PORTRAIT_FIVE_POINTS,
    fit_framing,
)
from tf_morph.rendering.color import linear_to_srgb, srgb_to_linear
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.scene import default_distribution, sample_scene
from tf_morph.rendering.surround import build_surround

# Where the mean face's five points land, as shares of the picture: an aligned photograph's crop.
_BATCH = 32
_SUPERSAMPLING = 2


class People(NamedTuple):
    """Whom to photograph.

    Attributes:
      count: how many people.
      photographs: how many of each.
      size: side of a photograph, pixels.
      seed: of the people and of the photographs; another seed, other people.
    """

    count: int
    photographs: int
    size: int
    seed: int


def photograph_people(model: MorphableModel, people: People, folder: Path, name: str = "") -> None:
    """Writes `folder/person_00001/person_00001_0001.jpg` and so on, as LFW lays them out.

    Args:
      model: its shape and colour distributions give the people.
      people: how many, how often.
      folder: made where it is missing.
      name: of the progress bar.
    """
    total = people.count * people.photographs
    with tqdm(total=total, desc=f"photographs {name}".strip(), unit="photo") as bar:
        for first, pictures in _batches(model, people):
            for offset, picture in enumerate(pictures):
                person, number = divmod(first + offset, people.photographs)
                identity = f"person_{person + 1:05d}"
                (folder / identity).mkdir(parents=True, exist_ok=True)
                path = folder / identity / f"{identity}_{number + 1:04d}.jpg"
                _write(picture, path, people.size, [people.seed, 3, first + offset])
                bar.update()


def _batches(model: MorphableModel, people: People) -> Iterator[tuple[int, np.ndarray]]:
    """Index of the first photograph, sRGB [B, S, S, 3] in [0, 1]; only the last B may differ."""
    generator = np.random.default_rng([people.seed, 1])
    shape = generator.standard_normal((people.count, model.shape_components)).astype(np.float32)
    color = generator.standard_normal((people.count, model.texture_components)).astype(np.float32)
    draw = _drawing_function(model, people.size * _SUPERSAMPLING)
    who = np.repeat(np.arange(people.count), people.photographs)
    for first in range(0, len(who), _BATCH):
        drawn = who[first : first + _BATCH]
        yield first, draw(shape[drawn], color[drawn], tf.constant([people.seed, first])).numpy()


def _drawing_function(model, size):
    points = five_points(model.landmarks)
    targets = np.array(PORTRAIT_FIVE_POINTS) * size
    framing = fit_framing(points, targets, size, PORTRAIT_FIELD_OF_VIEW_DEGREES)
    surround = build_surround(model.shape.mean, model.triangles, points)
    renderer = Renderer(model.triangles, size, size, framing, surround)
    distribution = default_distribution()

    @tf.function(reduce_retracing=True)
    def draw(shape, color, seed):
        albedo = srgb_to_linear(tf.clip_by_value(model.albedo(color), 0.0, 1.0))
        scene = sample_scene(distribution, tf.shape(shape)[0], size, size, seed)
        image = renderer(model.vertices(shape), albedo, scene).image
        return linear_to_srgb(tf.clip_by_value(image, 0.0, 1.0))

    return draw


def _write(picture: np.ndarray, path: Path, size: int, seed: list[int]) -> None:
    """As a camera would: out of focus, white balance off, noisy, compressed; each a little."""
    generator = np.random.default_rng(seed)
    image = Image.fromarray(np.rint(picture * 255).astype(np.uint8))
    image = image.resize((size, size), Image.Resampling.BOX)
    image = image.filter(ImageFilter.GaussianBlur(generator.uniform(0.0, 0.9) * size / 64))
    values = np.asarray(image, np.float32) / 255
    values = values ** generator.uniform(0.85, 1.2) * generator.uniform(0.95, 1.05, 3)
    values = values + generator.normal(0.0, generator.uniform(0.0, 0.02), values.shape)
    noisy = Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
    buffer = io.BytesIO()
    noisy.save(buffer, "JPEG", quality=int(generator.integers(70, 96)))
    path.write_bytes(buffer.getvalue())
