"""From the light that fell into a camera to the file it leaves."""

import io

import numpy as np
from PIL import Image, ImageFilter

from tf_morph.morphable_model.srgb import linear_to_srgb

_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def develop(picture: np.ndarray, generator: np.random.Generator) -> bytes:
    """A JPEG file, a little wrong at random: in exposure, colour, focus, noise and compression.

    Args:
      picture: [S, S, 3] linear RGB.
      generator: of everything random.
    """
    cast = np.exp(generator.normal(0.0, 0.035, 3))
    coded = linear_to_srgb(np.clip(picture * cast, 0.0, 1.0)) ** generator.uniform(0.8, 1.2)
    grey = (coded @ _GREY)[..., None]
    coded = grey + generator.uniform(0.65, 1.05) * (coded - grey)
    blurred = _image(coded).filter(
        ImageFilter.GaussianBlur(generator.uniform(0.0, 0.55) * len(picture) / 64)
    )
    values = np.asarray(blurred, np.float32) / 255
    values = values + generator.normal(0.0, generator.uniform(0.0, 0.025), values.shape)
    buffer = io.BytesIO()
    _image(values).save(buffer, "JPEG", quality=int(generator.integers(60, 96)))
    return buffer.getvalue()


def _image(coded):
    return Image.fromarray(np.rint(np.clip(coded, 0, 1) * 255).astype(np.uint8))
