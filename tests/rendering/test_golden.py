"""Pictures drawn as they were before. After a change that is meant, look at them and redraw:

python -m tests.rendering.test_golden
"""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.rendering.faces import batched, face_renderer
from tf_morph.rendering import (
    default_distribution,
    frontal_scene,
    linear_to_srgb,
    sample_scene,
)
from tf_morph.rendering.kernels import CPU

SIZE = 72
FOLDER = Path(__file__).parent / "golden"
CODES = 3  # of 255: what rounding may make of another processor's arithmetic
SHARE = 0.004  # of the pixels may differ more: an outline's may change hands


def scene_named(name):
    if name.startswith("frontal"):
        return frontal_scene(1, SIZE, SIZE)
    return sample_scene(default_distribution(), 1, SIZE, SIZE, tf.constant([5, int(name[-1])]))


def picture(name, kernels=CPU):
    bare = "bare" in name
    renderer, vertices, colors = face_renderer(SIZE, 40, not bare, kernels)
    image = renderer(batched(vertices), batched(colors), scene_named(name)).image[0]
    coded = linear_to_srgb(tf.clip_by_value(image, 0.0, 1.0)).numpy()
    return (coded * 255 + 0.5).astype(np.uint8)


NAMES = ("frontal", "frontal_bare", "random_1", "random_2", "random_bare_3")


@pytest.mark.parametrize("name", NAMES)
def test_drawn_as_before(name, kernels):
    expected = np.asarray(Image.open(FOLDER / f"{name}.png")).astype(int)
    differing = np.abs(picture(name, kernels).astype(int) - expected).max(-1) > CODES
    assert differing.mean() <= SHARE


def test_the_tolerance_notices_half_a_pixel():
    image = picture("frontal").astype(int)
    moved = (image + np.roll(image, 1, axis=1)) // 2
    assert (np.abs(moved - image).max(-1) > CODES).mean() > 5 * SHARE


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for one in NAMES:
        Image.fromarray(picture(one)).save(FOLDER / f"{one}.png")
