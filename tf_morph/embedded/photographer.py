"""Photographs of people who do not exist: drawn, partly hidden, and spoilt as cameras do."""

import concurrent.futures
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tf_morph.embedded.development import develop
from tf_morph.embedded.expressions import random_expression
from tf_morph.embedded.glasses import put_on, random_glasses
from tf_morph.embedded.occluders import Lights, cover, random_occluder
from tf_morph.embedded.people import People
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.photographs.crop_rules import CROP_RULES
from tf_morph.rendering.backgrounds import cluttered_background
from tf_morph.rendering.camera import PORTRAIT_FIELD_OF_VIEW_DEGREES, fit_framing, image_places
from tf_morph.rendering.color import clipped_to_linear
from tf_morph.rendering.renderer import Renderer
from tf_morph.rendering.scene import Scene, default_distribution, sample_scene
from tf_morph.rendering.surround import build_surround

SIZE = 128  # pixels, the side of a photograph
# (left, top, right, bottom), shares of a photograph: what dlib's network is shown, as its own
# alignment cuts it out. There is more around it for networks that want another part.
DLIB_CROP = (0.11, 0.12, 0.89, 0.90)
# The same for the judge, which sees hair and chin, too: 112 pixels of 128.
JUDGE_CROP = (0.0625, 0.03125, 0.9375, 0.90625)
# Where the mean face's right eye, left eye, nose tip and corners of the mouth lie.
FIVE_POINTS = tuple(
    (
        DLIB_CROP[0] + x * (DLIB_CROP[2] - DLIB_CROP[0]),
        DLIB_CROP[1] + y * (DLIB_CROP[3] - DLIB_CROP[1]),
    )
    for x, y in CROP_RULES["aligned_dlib"].template
)
OCCLUDED_SHARE = 0.2
GLASSES_SHARE, DARK_SHARE = 0.2, 0.15  # of photographs; of the glasses
_BATCH = 32
_SUPERSAMPLING = 2
_CAMERA_DISTANCES = (0.7, 2.5)  # of the portrait's
_BACKGROUND_CONTRASTS = (0.02, 0.18)


class Assignment(NamedTuple):
    """What to photograph of each person.

    Attributes:
      photographs: how many.
      size: side of a photograph, pixels.
      seed: non-negative integers; of all but the people.
    """

    photographs: int
    size: int
    seed: Sequence[int]


def photograph_distribution() -> dict:
    """Scenes of photographs: wider than `default_distribution`, from which the regressor draws."""
    return default_distribution() | {
        "yaw_degrees": 18.0,
        "pitch_degrees": 8.0,
        # What a face aligner leaves.
        "roll_degrees": 3.0,
        "translation_mm": 3.0,
        "translation_depth_mm": 30.0,
        "exposure": (0.65, 1.15),
        "ambient_share": (0.25, 0.65),
        "temperature_kelvin": (3900.0, 7200.0),
    }


def photograph_people(
    model: MorphableModel, people: People, assignment: Assignment, folder: Path, name: str = ""
) -> None:
    """Writes `folder/<person>/<person>_0001.jpg` and so on, as LFW lays them out.

    Args:
      model: the people's.
      people: whom.
      assignment: how often, how large.
      folder: made where it is missing.
      name: of the progress bar.
    """
    for person in people.names:
        (folder / person).mkdir(parents=True, exist_ok=True)
    total = len(people.names) * assignment.photographs
    with (
        concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=total, desc=f"photographs {name}".strip(), unit="photo") as bar,
    ):
        waiting = []
        for first, drawn in _batches(model, people, assignment):
            # One batch is developed while the next is drawn.
            for job in waiting:
                job.result()
                bar.update()
            waiting = [
                pool.submit(_develop_one, drawn, row, first + row, people, assignment, folder)
                for row in range(len(drawn.picture))
            ]
        for job in waiting:
            job.result()
            bar.update()


class _Drawn(NamedTuple):
    """picture [B, S, S, 3] linear RGB; places [B, 5, 2] of eyes, nose and mouth as shares of the
    side; light_directions, light_colors [B, 2, 3]; ambient [B, 3]."""

    picture: tf.Tensor
    places: tf.Tensor
    light_directions: tf.Tensor
    light_colors: tf.Tensor
    ambient: tf.Tensor


def _batches(model, people: People, assignment: Assignment) -> Iterator[tuple[int, _Drawn]]:
    """Index of the first photograph, and what was drawn, as arrays."""
    draw = _drawing_function(model, assignment.size)
    who = np.repeat(np.arange(len(people.names)), assignment.photographs)
    for first in range(0, len(who), _BATCH):
        rows = who[first : first + _BATCH]
        seed = np.random.SeedSequence([*assignment.seed, first]).generate_state(2).astype(np.int32)
        expressions = [
            random_expression(model.expression_names, _generator(assignment, first + row, 2))
            for row in range(len(rows))
        ]
        drawn = draw(
            people.shape[rows], people.texture[rows], np.stack(expressions), tf.constant(seed)
        )
        yield first, tf.nest.map_structure(lambda values: values.numpy(), drawn)


def _drawing_function(model, size):
    points = five_points(model.landmarks)
    side = size * _SUPERSAMPLING
    targets = np.array(FIVE_POINTS) * side
    framing = fit_framing(points, targets, side, PORTRAIT_FIELD_OF_VIEW_DEGREES)
    surround = build_surround(model.shape.mean, model.triangles, points, hair_from_scalp=True)
    renderer = Renderer(model.triangles, side, side, framing, surround)
    low, high = np.log(_CAMERA_DISTANCES)

    @tf.function(reduce_retracing=True)
    def draw(shape, texture, expression, seed):
        batch = tf.shape(shape)[0]
        seeds = [tf.random.experimental.stateless_fold_in(seed, i) for i in range(4)]
        scene = _random_scene(batch, side, seeds[:3])
        distance = tf.exp(tf.random.stateless_uniform([batch], seeds[3], low, high))
        albedo = clipped_to_linear(model.albedo(texture))
        vertices = model.vertices(shape, expression if model.expression_names else None)
        picture = renderer(vertices, albedo, scene, distance).image
        picture = tf.nn.avg_pool2d(tf.clip_by_value(picture, 0.0, 1.0), _SUPERSAMPLING, 2, "VALID")
        return _Drawn(
            picture,
            image_places(framing, points, scene.yaw_pitch_roll, scene.translation, distance),
            tf.math.l2_normalize(scene.light_positions, axis=-1),
            scene.light_colors,
            scene.ambient,
        )

    return draw


def _random_scene(batch, side: int, seeds) -> Scene:
    scene = sample_scene(photograph_distribution(), batch, side, side, seeds[0])
    contrast = tf.random.stateless_uniform([batch], seeds[1], *_BACKGROUND_CONTRASTS)
    background = cluttered_background(batch, side, side, seeds[2], contrast)
    return scene._replace(background=background)


def _develop_one(
    drawn: _Drawn, row: int, index: int, people: People, assignment: Assignment, folder: Path
) -> None:
    generator = _generator(assignment, index, 1)
    picture, places = drawn.picture[row], drawn.places[row]
    lights = Lights(drawn.light_directions[row], drawn.light_colors[row], drawn.ambient[row])
    if generator.uniform() < GLASSES_SHARE:
        dark = generator.uniform() < DARK_SHARE
        picture = put_on(picture, random_glasses(generator, dark), places, lights)
    if generator.uniform() < OCCLUDED_SHARE:
        picture = cover(picture, random_occluder(places, generator), lights)
    person, number = divmod(index, assignment.photographs)
    name = people.names[person]
    (folder / name / f"{name}_{number + 1:04d}.jpg").write_bytes(develop(picture, generator))


def _generator(assignment: Assignment, index: int, stream: int) -> np.random.Generator:
    """Of what is random in one photograph, for one use."""
    return np.random.default_rng([*assignment.seed, index, stream])
