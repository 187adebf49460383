"""What is timed: world vertices to clip space, visibility, colours to pixels, by each kernel."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow_graphics.rendering.camera import perspective

from benchmarks.meshes import head_framing, head_like_mesh
from benchmarks.rasterizer.cases import TFG
from tf_morph.rendering import Framing, default_distribution, sample_scene
from tf_morph.rendering.camera import FAR_MM, NEAR_MM, clip_coordinates, pose_vertices
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.interpolation import interpolate

_SEED = 0
_SHAPE_DEVIATION = 0.05  # of each mesh's three axes
# TF-Graphics reckons in fixed point, where millimetres in clip space overflow; the scale of clip
# space changes nothing else.
_CLIP_UNIT_MM = 100.0

Draw = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


class Meshes(NamedTuple):
    """A batch of meshes before the camera, each of its own shape and pose.

    Attributes:
      world: [B, V, 3] mm, world frame.
      colors: [B, V, 3] in [0.1, 1].
      triangles: [T, 3] int32.
      framing: the camera.
      noise: [B, H, W, 3], the gradient of the loss with respect to the picture.
    """

    world: tf.Tensor
    colors: tf.Tensor
    triangles: np.ndarray
    framing: Framing
    noise: tf.Tensor

    @property
    def size(self) -> int:
        """Of the square pictures, in pixels."""
        return self.noise.shape[1]

    def facing_away(self) -> float:
        """Share of the triangles that appear clockwise in the pictures, 0 to 1."""
        clip = clip_coordinates(self.framing, self.world, 1.0).numpy()[..., [0, 1, 3]]
        return float(np.mean(np.linalg.det(clip[:, self.triangles]) < 0))


@functools.lru_cache(maxsize=1)
def make_meshes(triangles: int, size: int, batch: int) -> Meshes:
    """`batch` heads of about so many triangles before the camera; the same in every call."""
    mean, triangles = head_like_mesh(triangles)
    framing = head_framing(size)
    random = np.random.default_rng(_SEED)
    shapes = mean * random.normal(1, _SHAPE_DEVIATION, (batch, 1, 3))
    scene = sample_scene(default_distribution(), batch, size, size, tf.constant([_SEED, 0]))
    return Meshes(
        pose_vertices(
            framing, tf.constant(shapes, tf.float32), scene.yaw_pitch_roll, scene.translation
        ),
        tf.constant(random.uniform(0.1, 1, shapes.shape), tf.float32),
        triangles,
        framing,
        tf.constant(random.normal(size=(batch, size, size, 3)), tf.float32),
    )


def drawer(kernel: str, meshes: Meshes, culled: bool) -> Draw:
    """A function of world vertices and colours [B, V, 3] to pictures [B, H, W, 3], black around.

    Row 0 is the top, but of TF-Graphics' pictures the bottom.

    Raises:
      ImportError: there are no such kernels.
      Unavailable: TF-Graphics' kernel cannot be built here (benchmarks.peers.tfg_rasterizer).
    """
    return _tfg_drawer(meshes, culled) if kernel == TFG else _our_drawer(kernel, meshes, culled)


def forward_step(draw: Draw, meshes: Meshes) -> Callable[[], tf.Tensor]:
    """Draws the pictures, in a `tf.function`."""
    compiled = tf.function(draw)
    return lambda: compiled(meshes.world, meshes.colors)


def total_step(draw: Draw, meshes: Meshes) -> Callable[[], list[tf.Tensor]]:
    """Draws them and passes `noise` back to vertices and colours, in a `tf.function`."""

    @tf.function
    def gradients(world, colors, noise):
        with tf.GradientTape() as tape:
            tape.watch([world, colors])
            loss = tf.reduce_sum(draw(world, colors) * noise)
        return tape.gradient(loss, [world, colors])

    return lambda: gradients(meshes.world, meshes.colors, meshes.noise)


def _our_drawer(kernel: str, meshes: Meshes, culled: bool) -> Draw:
    triangles, size = meshes.triangles, meshes.size

    def draw(world, colors):
        clip = clip_coordinates(meshes.framing, world, 1.0)
        ids = visible_triangles(clip, triangles, size, size, culled, kernel)
        return interpolate(colors, clip, triangles, ids, kernel)

    return draw


def _tfg_drawer(meshes: Meshes, culled: bool) -> Draw:
    """As its users call it."""
    from tensorflow_graphics.rendering import rasterization_backend, triangle_rasterizer

    from benchmarks.peers import tfg_rasterizer

    tfg_rasterizer.backend()
    matrix = tf.repeat(_view_projection(meshes.framing)[tf.newaxis], len(meshes.world), axis=0)

    def draw(world, colors):
        return triangle_rasterizer.rasterize(
            world,
            meshes.triangles,
            {"colors": colors},
            matrix,
            (meshes.size, meshes.size),
            enable_cull_face=culled,
            backend=rasterization_backend.RasterizationBackends.CPU,
        )["colors"]

    return draw


def _view_projection(framing: Framing) -> tf.Tensor:
    """[4, 4]: what `clip_coordinates` does, in a smaller unit."""
    projection = perspective.right_handed(
        *(tf.constant([value]) for value in (framing.field_of_view, 1.0, NEAR_MM, FAR_MM))
    )
    view = np.eye(4, dtype=np.float32)
    view[:3, 3] = -np.array(framing.camera_mm)
    return projection @ view / _CLIP_UNIT_MM
