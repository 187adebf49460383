"""Glasses before a face: two lenses in rims, a bridge and the sides; clear ones and dark ones."""

from typing import NamedTuple

import numpy as np

from tf_morph.embedded.occluders import Lights

# Linear RGB of frames (ours): black, dark brown, tortoise, metal, clear red.
_FRAMES = (
    (0.006, 0.006, 0.007),
    (0.03, 0.014, 0.008),
    (0.12, 0.05, 0.02),
    (0.32, 0.30, 0.27),
    (0.15, 0.02, 0.025),
)
_SHINE = 0.25  # linear, what a lens mirrors of a lit room, where it mirrors anything


class Glasses(NamedTuple):
    """A pair of glasses; lengths as shares of the distance between the eyes.

    Attributes:
      half: (width, height) of half a lens.
      roundness: exponent of the superellipse a lens is: 2 is an ellipse, more is boxier.
      rim: half the thickness of the rim.
      drop: how far the lenses' middles lie below the eyes.
      frame: [3] linear RGB albedo.
      tint: [3] linear, what a lens lets through.
      shine: in [0, 1], how strongly the lenses mirror.
    """

    half: tuple[float, float]
    roundness: float
    rim: float
    drop: float
    frame: np.ndarray
    tint: np.ndarray
    shine: float


def random_glasses(generator: np.random.Generator, dark: bool) -> Glasses:
    """A pair, with lenses to see through or `dark` ones."""
    width = generator.uniform(0.34, 0.43)
    height = width * generator.uniform(0.6, 0.98)
    through = np.exp(-generator.uniform(1.6, 4.0)) if dark else generator.uniform(0.85, 0.98)
    return Glasses(
        half=(width, height),
        roundness=generator.uniform(2.0, 4.5),
        rim=generator.uniform(0.008, 0.03),
        drop=generator.uniform(0.03, 0.13),
        frame=np.array(_FRAMES[generator.integers(len(_FRAMES))]) * generator.uniform(0.7, 1.3),
        tint=through * np.exp(0.12 * generator.standard_normal(3) * dark),
        shine=generator.uniform(0.1, 0.5) if dark else max(generator.normal(0.0, 0.3), 0.0),
    )


def put_on(picture: np.ndarray, glasses: Glasses, places: np.ndarray, lights: Lights) -> np.ndarray:
    """The picture with glasses before the eyes.

    Args:
      picture: [S, S, 3] linear RGB.
      glasses: a pair.
      places: [5, 2] (x, y) of right eye, left eye, nose tip, right and left corner of the mouth,
        as shares of the picture's side.
      lights: of the scene.

    Returns:
      [S, S, 3] linear RGB.
    """
    size, (right, left) = len(picture), places[:2]
    across = left - right
    distance = np.linalg.norm(across)
    axis = across / distance
    centers = (np.arange(size, dtype=np.float32) + 0.5) / size
    offsets = np.stack(np.meshgrid(centers, centers), axis=-1) - (right + left) / 2
    # In distances between the eyes: along the line through the eyes, and down from the lenses.
    along = offsets @ axis / distance
    down = offsets @ np.array([-axis[1], axis[0]]) / distance - glasses.drop
    pixel = 1.0 / (distance * size)

    def covered(depth):
        return np.clip(depth / pixel + 0.5, 0.0, 1.0)[..., None]

    edge = _from_edge(np.abs(along) - 0.5, down, glasses)
    shaded = glasses.frame * (lights.ambient + lights.directions[:, 2] @ lights.colors)
    mirrored = glasses.shine * _SHINE * np.clip(0.5 - 3 * (down + 0.6 * along), 0.0, 1.0)
    lens = picture * glasses.tint + mirrored[..., None] * lights.ambient
    picture = picture + covered(edge) * (lens - picture)
    frame = np.maximum(covered(glasses.rim - np.abs(edge)), covered(_bridge(along, down, glasses)))
    frame = np.maximum(frame, covered(_sides(along, down, glasses)))
    return (picture + frame * (shaded - picture)).astype(np.float32)


def _from_edge(x, y, glasses):
    """How far inside a lens's edge, negative outside: nearly a distance, near the edge."""
    (width, height), power = glasses.half, glasses.roundness
    inside = (np.abs(x / width) ** power + np.abs(y / height) ** power) ** (1.0 / power)
    return (1.0 - inside) * min(width, height)


def _bridge(along, down, glasses):
    """An arch between the lenses."""
    reach = 0.5 - glasses.half[0] + 0.03
    arch = down + 0.35 * glasses.half[1] * (1.3 - (along / reach) ** 2)
    return np.where(np.abs(along) < reach, 0.8 * glasses.rim - np.abs(arch), -1.0)


def _sides(along, down, glasses):
    """From the lenses' outer edges back to the ears, as far as they are seen from the front."""
    start = 0.5 + 0.93 * glasses.half[0]
    outwards = np.abs(along) - start
    bar = down + 0.35 * glasses.half[1] + 0.1 * outwards
    shown = (outwards > 0) & (outwards < 0.16)
    return np.where(shown, 0.8 * glasses.rim - np.abs(bar), -1.0)
