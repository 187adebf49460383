"""Phong reflection of point lights and ambient light, pixel by pixel, over a background.

Lights are given by what a white surface shows, so nothing has to be divided by pi.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import AUTO, kernels_named


class Mesh(NamedTuple):
    """What the corners of the triangles have.

    Attributes:
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates: where they are seen.
      positions: [B, V, 3] float32 mm, world frame.
      normals: [B, V, 3] float32, of any length.
      albedo: [B, V, 3] float32 linear RGB.
    """

    clip_vertices: tf.Tensor
    positions: tf.Tensor
    normals: tf.Tensor
    albedo: tf.Tensor


class Light(NamedTuple):
    """What shines on them.

    Attributes:
      positions: [B, L, 3] float32 mm.
      colors: [B, L, 3] float32 linear RGB: what a white surface at the pivot facing the light
        shows. It falls off with the distance squared.
      ambient: [B, 3] float32 linear RGB, what a white surface shows without the lights.
    """

    positions: tf.Tensor
    colors: tf.Tensor
    ambient: tf.Tensor


def shade(
    mesh: Mesh,
    triangles: np.ndarray,
    triangle_ids: tf.Tensor,
    gloss: np.ndarray,
    light: Light,
    background: tf.Tensor,
    eye: np.ndarray,
    pivot: np.ndarray,
    kernels: str = AUTO,
) -> tf.Tensor:
    """The picture of a lit mesh before a background.

    Args:
      mesh: what is interpolated between the corners, perspective-correctly.
      triangles: [T, 3] int32.
      triangle_ids: [B, H, W] int32; the background shows where they are -1.
      gloss: [T], the share of the skin's specular reflection that each triangle has.
      light: the lights.
      background: [B, H, W, 3] linear RGB.
      eye, pivot: [3] mm.
      kernels: see `kernels`.

    Returns:
      [B, H, W, 3] linear RGB, differentiable with respect to mesh, light and background, not
      through `triangle_ids`. Where a surface turns away from a light, both value and gradient are
      zero; where it is seen from its very side, nothing flows through its clip coordinates.

    Raises:
      InputError: there are no such kernels.
    """
    return kernels_named(kernels).shade(
        mesh, triangles, triangle_ids, gloss, light, background, eye, pivot
    )
