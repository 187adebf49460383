"""What gets between a camera and a face: hands, microphones, scarves, hair, other things.

Everything is made of strokes: rounded, tapering rods, shaded as such by the scene's lights.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

# Linear RGB (ours); two of a list are mixed.
_SKIN = (
    (0.107, 0.0432, 0.0245),
    (0.342, 0.163, 0.0946),
    (0.638, 0.367, 0.253),
    (0.848, 0.554, 0.42),
)
_HAIR = (
    (0.00854, 0.00598, 0.0049),
    (0.0593, 0.0272, 0.0134),
    (0.214, 0.119, 0.0509),
    (0.263, 0.243, 0.223),
)
_CLOTH = (
    (0.0134, 0.0153, 0.0272),
    (0.523, 0.492, 0.448),
    (0.214, 0.0153, 0.0153),
    (0.0331, 0.0637, 0.171),
    (0.0509, 0.1, 0.0509),
    (0.263, 0.171, 0.0732),
)
_DARK = ((0.00394, 0.00394, 0.0049), (0.0397, 0.0397, 0.047))
_ROUNDNESS = 0.85  # below 1, so that a rod's rim still sees some light


class Stroke(NamedTuple):
    """A rounded rod: from `start` to `end` (x, y), with a radius at each, as shares of the
    picture's side; `albedo` [3] linear RGB."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple[float, float]
    albedo: np.ndarray


class Lights(NamedTuple):
    """directions [2, 3] of unit length, colors [2, 3], ambient [3]: as a `Scene` has them."""

    directions: np.ndarray
    colors: np.ndarray
    ambient: np.ndarray


def random_occluder(places: np.ndarray, generator: np.random.Generator) -> list[Stroke]:
    """Something before a face.

    Args:
      places: [5, 2] (x, y) of right eye, left eye, nose tip, right and left corner of the mouth,
        as shares of the picture's side.
      generator: of everything random.
    """
    kinds: Sequence[Callable] = (_hand, _microphone, _scarf, _strand, _object)
    return kinds[generator.integers(len(kinds))](places, generator)


def cover(picture: np.ndarray, strokes: Sequence[Stroke], lights: Lights) -> np.ndarray:
    """The picture with strokes before it, the first one hindmost.

    Args:
      picture: [S, S, 3] linear RGB.

    Returns:
      [S, S, 3] linear RGB.
    """
    size = len(picture)
    centers = (np.arange(size, dtype=np.float32) + 0.5) / size
    points = np.stack(np.meshgrid(centers, centers), axis=-1)
    for stroke in strokes:
        opacity, normals = _trace(stroke, points, size)
        facing = np.maximum(normals @ lights.directions.T, 0.0)
        shaded = stroke.albedo * (lights.ambient + facing @ lights.colors)
        picture = picture + opacity[..., None] * (shaded - picture)
    return picture.astype(np.float32)


def _trace(stroke, points, size):
    """Coverage [S, S] of each pixel, and normals [S, S, 3], y up, z towards the camera."""
    along = stroke.end - stroke.start
    length = max(float(along @ along), 1e-9)
    share = np.clip((points - stroke.start) @ along / length, 0.0, 1.0)
    offset = points - stroke.start - share[..., None] * along
    radius = stroke.radii[0] + share * (stroke.radii[1] - stroke.radii[0])
    distance = np.sqrt(np.square(offset).sum(-1))
    opacity = np.clip((radius - distance) * size + 0.5, 0.0, 1.0)
    lean = _ROUNDNESS * offset / np.maximum(distance, radius)[..., None]
    towards = np.sqrt(1.0 - np.square(lean).sum(-1))
    return opacity, np.stack([lean[..., 0], -lean[..., 1], towards], axis=-1)


def _hand(places, generator):
    """Fingers from one side of the chin up over a cheek."""
    albedo = _color(_SKIN, generator)
    side = generator.choice([-1.0, 1.0])
    mouth = places[3:].mean(0)
    wrist = mouth + [side * generator.uniform(0.42, 0.55), generator.uniform(0.25, 0.4)]
    knuckles = mouth + [side * generator.uniform(0.3, 0.4), generator.uniform(0.02, 0.15)]
    pointing = np.array([-side * generator.uniform(0.1, 0.5), -1.0])
    pointing /= np.linalg.norm(pointing)
    beside = np.array([-pointing[1], pointing[0]])
    strokes = [Stroke(wrist, knuckles, (0.13, 0.12), albedo)]
    for finger in range(int(generator.integers(2, 5))):
        start = knuckles + (finger - 1.5) * 0.075 * beside
        reach = 0.25 - 0.02 * abs(finger - 1.5) + generator.uniform(-0.03, 0.03)
        shade = albedo * generator.uniform(0.85, 1.0)
        strokes.append(Stroke(start, start + reach * pointing, (0.042, 0.033), shade))
    return strokes


def _microphone(places, generator):
    """A ball below the mouth, and the handle under it."""
    head = places[3:].mean(0) + [generator.uniform(-0.16, 0.16), generator.uniform(0.08, 0.18)]
    foot = head + [generator.uniform(-0.2, 0.2), 0.6]
    radius = generator.uniform(0.08, 0.12)
    return [
        Stroke(head, foot, (0.55 * radius, 0.4 * radius), _color(_DARK, generator)),
        Stroke(head, head, (radius, radius), _color(_DARK, generator)),
    ]


def _scarf(places, generator):
    """Folds of cloth around chin and mouth."""
    albedo = _color(_CLOTH, generator)
    mouth = places[3:].mean(0)
    strokes = []
    for height in (0.36, 0.28, 0.2):
        middle = mouth + [generator.uniform(-0.08, 0.08), height + generator.uniform(-0.03, 0.03)]
        shade = albedo * generator.uniform(0.75, 1.0)
        for side in (-0.6, 0.6):
            end = middle + [side, -generator.uniform(0.1, 0.3)]
            strokes.append(Stroke(middle, end, (0.09, 0.08), shade))
    return strokes


def _strand(places, generator):
    """A lock of hair falling into the face."""
    albedo = _color(_HAIR, generator)
    eyes = places[:2].mean(0)
    scale = np.linalg.norm(places[1] - places[0]) / 0.32
    root = eyes + scale * np.array([generator.uniform(-0.22, 0.22), -0.42])
    side = generator.choice([-1.0, 1.0])
    bent, fallen = side * generator.uniform(0.04, 0.2), side * generator.uniform(0.0, 0.14)
    breadth = generator.uniform(0.02, 0.07)
    strokes = []
    for _ in range(int(generator.integers(10, 22))):
        across = breadth * generator.standard_normal(2)
        start = root + scale * 0.7 * across
        down = generator.uniform(0.2, 0.32), generator.uniform(0.12, 0.3)
        bend = start + scale * (np.array([bent, down[0]]) + 0.4 * across)
        tip = bend + scale * (np.array([fallen, down[1]]) - 0.3 * across)
        thickness = scale * generator.uniform(0.004, 0.011)
        shade = albedo * generator.uniform(0.6, 1.3)
        strokes.append(Stroke(start, bend, (thickness, thickness), shade))
        strokes.append(Stroke(bend, tip, (thickness, 0.3 * thickness), shade))
    return strokes


def _object(places, generator):
    """An arm, a cup, a branch: a rod from outside the picture that ends before the face's edge."""
    angle = generator.uniform(0.0, 2 * np.pi)
    outwards = np.array([np.cos(angle), np.sin(angle)])
    tip = places[2] + generator.uniform(0.2, 0.35) * outwards
    end = tip + 1.2 * outwards + generator.uniform(-0.5, 0.5) * outwards[::-1] * [-1, 1]
    radius = generator.uniform(0.05, 0.12)
    radii = radius, radius * generator.uniform(0.9, 1.4)
    return [Stroke(tip, end, radii, _color(_CLOTH, generator))]


def _color(palette, generator):
    """Linear RGB [3] between two of the palette."""
    first, second = np.array(palette)[generator.integers(len(palette), size=2)]
    return first + generator.uniform() * (second - first)
