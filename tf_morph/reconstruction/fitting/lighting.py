"""The light of photographs whose faces' poses are known."""

import numpy as np
import tensorflow as tf

from tf_morph.reconstruction.fitting.comparison import Comparison, Lighting, Photographed
from tf_morph.reconstruction.fitting.light import solve_light
from tf_morph.reconstruction.fitting.unknowns import Unknowns
from tf_morph.rendering.color import clipped_to_linear

FIRST_SPREAD = 0.25  # sRGB-coded, over the three channels
_SPREADS = (0.1, 0.15)
_MEDIANS = 1.5  # a pixel further off than so many medians is given up


def light_photographs(
    compare: Comparison, photographed: Photographed, view: Unknowns, spread: np.ndarray
) -> Lighting:
    """The light under which each face looks most like its photograph.

    Args:
      compare: draws the faces.
      photographed: B faces.
      view: their poses.
      spread: [B], as last known, `FIRST_SPREAD` at first.
    """
    lit, masks = _lit(compare, photographed, view)
    linear = clipped_to_linear(photographed.crops).numpy()
    solved = [
        solve_light(lit[b][:, mask], linear[b][mask], spread[b]) for b, mask in enumerate(masks)
    ]
    colors, ambient = (np.stack(part).astype(np.float32) for part in zip(*solved, strict=True))
    lighting = Lighting(tf.constant(colors), tf.constant(ambient), tf.constant(spread, tf.float32))
    off = np.sqrt(compare.pixels_off(photographed, lighting, view)[0].numpy())
    medians = [
        np.median(o[mask]) if mask.any() else 0.0 for o, mask in zip(off, masks, strict=True)
    ]
    spreads = np.clip(_MEDIANS * np.array(medians), *_SPREADS)
    return lighting._replace(spread=tf.constant(spreads, tf.float32))


def _lit(compare, photographed, view) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [B, L + 1, S, S, 3] under each white light alone and ambient light alone; masks."""
    batch, lights = len(photographed.crops), len(compare.lights)

    def each(values):
        return tf.repeat(values, lights + 1, axis=0)

    alone = tf.eye(lights + 1)[:, :, tf.newaxis] * tf.ones(3)
    alone = tf.tile(alone, [batch, 1, 1])
    drawn = compare.draw(
        each(photographed.vertices),
        each(photographed.albedo),
        Unknowns(*map(each, view)),
        alone[:, :lights],
        alone[:, lights],
    )
    size = compare.renderer.height
    lit = drawn.image.numpy().reshape(batch, lights + 1, size, size, 3)
    return lit, drawn.mask.numpy().reshape(batch, lights + 1, size, size)[:, 0] > 0.5
