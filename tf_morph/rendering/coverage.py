"""Which triangle owns a pixel: the rule, and the kernels that apply it.

All arithmetic is in float64, in the order written here, so that every kernel gives the same ids to
the last bit. With a corner's v = (x, y, w) in clip space and a pixel centre p = (x, y, 1), where
x = (2 column + 1) (1 / width) - 1 and y = 1 - (2 row + 1) (1 / height):

- the edge from corner u to corner v is their cross product E = (Ex, Ey, E1), in the homogeneous way
  of Olano and Greer ("Triangle Scan Conversion using 2D Homogeneous Coordinates", 1997), so that
  a triangle that crosses the camera's plane needs no clipping; its value at a pixel is
  e = Ex x + (Ey y + E1). Corner a faces the edge from b to c, and so on around;
- the triangle's area is the value of corner a on its edge, summed in the order x, y, w. Where it
  is negative, all edges and the area change sign, or with culling the triangle is left out. It
  is left out too where the area is no greater than `DEGENERATE` times the product of its three
  corners' largest absolute coordinates, or not finite;
- the depth plane is Z = Ea (za / area) + Eb (zb / area) + Ec (zc / area), component by component,
  and with z / area as z (1 / area); the depth is z = Zx x + (Zy y + Z1), that is z / w;
- the triangle covers a pixel where all three edges are positive, or nought on an edge it owns, and
  -1 <= z <= 1. It owns an edge with Ex > 0, or Ex = 0 and Ey > 0. In the triangle beyond the edge
  the value is the exact negative, so a pixel centre on it belongs to exactly one of the two;
- of the triangles that cover a pixel the nearest owns it; of equally near ones, the one of the
  lowest index.

Where all corners are in front of the camera, only pixels with centres within `BOX_MARGIN` of the
corners' bounding box are asked.
"""

import numpy as np
import tensorflow as tf

from tf_morph.rendering.kernels import AUTO, kernels_named

DEGENERATE = 1e-14  # below it the sign of an area is not certain
BOX_MARGIN = 1e-6  # pixels: the edges decide, not the box
FACING_AWAY = 1e-6  # pixels^2: what is nearer to edge-on is left to the exact test
# The sum of the edges' values over that of the corners' squared offsets from the pixel, below which
# a triangle is seen too much from its side for its weights to have a gradient.
EDGE_ON = 1e-9


def visible_triangles(
    clip_vertices: tf.Tensor,
    triangles: np.ndarray,
    height: int,
    width: int,
    cull_back_faces: bool = False,
    kernels: str = AUTO,
) -> tf.Tensor:
    """The triangle that owns each pixel.

    Args:
      clip_vertices: [B, V, 4] float32, homogeneous clip coordinates, -w <= x, y, z <= w visible.
      triangles: [T, 3] int32 vertex indices.
      height, width: of the image, in pixels.
      cull_back_faces: leave out triangles that appear clockwise in the image.
      kernels: see `kernels`.

    Returns:
      [B, H, W] int32 triangle indices, -1 where there is none. Row 0 is the top (y = +w). No
      gradient.

    Raises:
      InputError: there are no such kernels.
    """
    return kernels_named(kernels).visible_triangles(
        clip_vertices, triangles, height, width, cull_back_faces
    )
