"""Pictures whose edges carry a gradient: rasterize, then splat.

After Cole, Genova, Sud, Vlasic and Zhang ("Differentiable Surface Rendering via Non-Differentiable
Sampling", ICCV 2021): what a pixel shows is a sample of the surface, which moves with the mesh and
covers its pixel and parts of the eight around it; where samples of a nearer surface meet what lies
behind them, how much they cover is what has a gradient. It does not ask that triangles be larger
than pixels, as anti-aliasing along the mesh's edges does.

`tensorflow_graphics.rendering.splat`, their own, runs here, but takes several times as long, blurs
the whole picture, needs hidden surfaces drawn as further layers to tell an inner edge from a slope,
and its truncated Gaussian gives a growing disc's area 0.83 of its gradient (here 0.92 to 0.94: a
sample lies half a pixel inside the edge it stands for). Here:
- only pixels at an edge change. Elsewhere the samples cover everything, and what moves in there is
  in the gradient of the shaded colours already;
- a sample's coverage is the quadratic B-spline, whose shifts sum to one: with no normalisation a
  surface is opaque, an edge covers the area it did before, and a straight edge, moving, covers as
  much more as it sweeps over;
- an inner edge is where the distance jumps.
"""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.interpolation import interpolate
from tf_morph.rendering.kernels import AUTO

_NOWHERE = 1e30  # the background's distance
# The pixel itself and the eight around it, (down, right).
_TAPS = np.stack(np.meshgrid((-1, 0, 1), (-1, 0, 1), indexing="ij"), -1).reshape(9, 2)
# The share of a pixel that a sample at a tap covers, and how fast that grows as the sample moves
# right and down, in pixels: the quadratic B-spline and its slope at -1, 0 and 1.
_SPLINE, _SLOPE = np.array([0.125, 0.75, 0.125]), np.array([0.5, 0.0, -0.5])
_COVER = np.outer(_SPLINE, _SPLINE).ravel().astype(np.float32)
_RIGHT = np.outer(_SPLINE, _SLOPE).ravel()
_DOWN = np.outer(_SLOPE, _SPLINE).ravel()
_GROWTH = np.stack([_RIGHT, _DOWN], -1).astype(np.float32)


def soften_edges(
    colors: tf.Tensor,
    background: tf.Tensor,
    clip_vertices: tf.Tensor,
    triangles: np.ndarray,
    triangle_ids: tf.Tensor,
    jump: float,
    kernels: str = AUTO,
) -> tf.Tensor:
    """A picture with soft edges, one pixel to either side, that have a gradient.

    Args:
      colors: [B, H, W, C] float32, what each pixel shows; of any kind that may be averaged.
      background: [B, H, W, C] float32, what it would show with nothing before it.
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates; w is the distance.
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32, -1 for background, as `rasterize` gives them.
      jump: of two neighbouring pixels, the nearer hides a part of the farther where the distance
        grows by more than this share of itself; the background is beyond all jumps.
      kernels: see `kernels`.

    Returns:
      [B, H, W, C] float32: `colors` but for pixels next to others across an edge, which are mixed
      with those. Differentiable with respect to `colors`, `background`, and at edges
      `clip_vertices`: the nearer surface's alone, for an edge moves with it. First derivatives
      only. At the picture's border surfaces count as going on.

    Raises:
      InputError: there are no such kernels.
    """
    still, covered = tf.stop_gradient(clip_vertices), triangle_ids >= 0
    distances = interpolate(still[..., 3:], still, triangles, triangle_ids, kernels)[..., 0]
    distances = tf.where(covered, distances, _NOWHERE)
    edge = _at_an_edge(distances, 1.0 + jump)
    places = tf.where(edge)
    taps = _tap_indices(places, tf.shape(triangle_ids))

    at_taps = tf.gather(tf.reshape(distances, [-1]), taps)
    here = at_taps[:, 4:5]
    nearer, farther = at_taps * (1.0 + jump) < here, here * (1.0 + jump) < at_taps
    beneath = tf.reduce_any(nearer, axis=1, keepdims=True)  # else what is around lies beneath it
    other = tf.cast(tf.where(beneath, nearer, farther), tf.float32)
    # Weights that stay and corners that move: samples that move with the mesh.
    edge_ids = tf.where(edge, triangle_ids, -1)
    samples = interpolate(clip_vertices, still, triangles, edge_ids, kernels)
    moves = _moves(samples, taps)
    # What lies beneath stays; the pixel's own surface gives way to it as its own sample moves.
    moves = tf.where(beneath[..., tf.newaxis], moves, moves[:, 4:5])
    covers = other * (_COVER + tf.reduce_sum(_GROWTH * moves, axis=-1))
    share = tf.reduce_sum(covers, axis=1, keepdims=True)

    own = tf.gather_nd(colors, places)
    seen = tf.where(
        tf.gather(tf.reshape(covered, [-1]), taps)[..., tf.newaxis],
        tf.gather(_pixels(colors), taps),
        tf.gather_nd(background, places)[:, tf.newaxis],
    )
    weights = other * _COVER
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    mean = tf.reduce_sum(weights[..., tf.newaxis] * seen, axis=1)
    return tf.tensor_scatter_nd_update(colors, places, own + share * (mean - own))


def _at_an_edge(distances: tf.Tensor, ratio: float) -> tf.Tensor:
    """Whether the distance jumps between a pixel and one of the eight around it, [B, H, W]."""
    here = distances[..., tf.newaxis]
    farthest = tf.nn.max_pool2d(here, 3, 1, "SAME")
    nearest = -tf.nn.max_pool2d(-here, 3, 1, "SAME")
    return ((farthest > ratio * here) | (here > ratio * nearest))[..., 0]


def _tap_indices(places: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
    """Indices [E, 9] into all the batch's pixels of those around places [E, 3]."""
    image, row, column = tf.unstack(places[:, tf.newaxis], axis=-1)
    height, width = tf.cast(shape[1], tf.int64), tf.cast(shape[2], tf.int64)
    # Beyond the border the outermost pixels are repeated.
    row = tf.clip_by_value(row + _TAPS[:, 0], 0, height - 1)
    column = tf.clip_by_value(column + _TAPS[:, 1], 0, width - 1)
    return (image * height + row) * width + column


def _moves(samples: tf.Tensor, taps: tf.Tensor) -> tf.Tensor:
    """How far the samples at taps move right and down, [E, 9, 2] pixels: zero, with a gradient."""
    height, width = samples.shape[1:3]
    x, y, _, w = tf.unstack(tf.gather(_pixels(samples), taps), axis=-1)
    w = tf.where(w == 0.0, 1.0, w)  # no sample
    places = tf.stack([0.5 * width * (x / w), -0.5 * height * (y / w)], axis=-1)
    return places - tf.stop_gradient(places)


def _pixels(images: tf.Tensor) -> tf.Tensor:
    """[B, H, W, C] to [B * H * W, C]."""
    return tf.reshape(images, [-1, images.shape[-1]])
