"""A face's vertices, colours and scene to its picture."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.rendering.camera import Framing, clip_coordinates, pose_vertices, seen_from
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.kernels import AUTO, kernels_named
from tf_morph.rendering.normals import vertex_normals
from tf_morph.rendering.rasterizer import checked_triangles
from tf_morph.rendering.scene import Scene
from tf_morph.rendering.shading import Light, Mesh, shade
from tf_morph.rendering.silhouette import soften_edges
from tf_morph.rendering.surround import Surround

# A surface steeper than 76 degrees counts as an edge that hides what is behind it, pixel by pixel.
_STEEPEST = 4.0  # growth of the distance across a pixel, in widths of what the pixel shows


class Rendering(NamedTuple):
    """Pictures.

    Attributes:
      image: [B, H, W, 3] linear RGB, not clipped.
      mask: [B, H, W] float32, 1 where a triangle (of face or surround) is seen, else 0, with no
        gradient; of a soft silhouette, the share of the pixel, with one.
    """

    image: tf.Tensor
    mask: tf.Tensor


class Renderer:
    """Draws meshes of one topology with one camera."""

    def __init__(
        self,
        triangles: np.ndarray,
        height: int,
        width: int,
        framing: Framing,
        surround: Surround | None = None,
        cull_back_faces: bool = True,
        kernels: str = AUTO,
        soft_silhouette: bool = False,
    ):
        """
        Args:
          triangles: [T, 3] integers, counter-clockwise seen from outside.
          height, width: of the pictures, in pixels.
          framing: the camera, see `fit_framing`.
          surround: a `Surround` to draw around the face, or None for the bare mesh.
          cull_back_faces: leave out triangles seen from behind.
          kernels: what draws, see `kernels`.
          soft_silhouette: give outlines a gradient, by splatting: image and mask are blurred a
            little, one pixel to either side of edges and nowhere else, see `silhouette`.

        Raises:
          InputError: `triangles` is no [T, 3] array of non-negative integers, or there are no such
            kernels.
        """
        self.triangles = checked_triangles(triangles, None)
        self.height = height
        self.width = width
        self.framing = framing
        self.surround = surround
        self.cull_back_faces = cull_back_faces
        self.kernels = kernels
        self.soft_silhouette = soft_silhouette
        kernels_named(kernels)

    def of_mesh(self, triangles: np.ndarray, surround: Surround | None) -> "Renderer":
        """The same camera before another mesh."""
        return Renderer(
            triangles, self.height, self.width, self.framing, surround,
            self.cull_back_faces, self.kernels, self.soft_silhouette,
        )  # fmt: skip

    def __call__(
        self,
        vertices: tf.Tensor,
        albedo: tf.Tensor,
        scene: Scene,
        camera_distance: tf.Tensor | None = None,
    ) -> Rendering:
        """Draws each face in its scene.

        Args:
          vertices: [B, V, 3] mm, model frame.
          albedo: [B, V, 3] linear RGB.
          scene: of leading dimension B.
          camera_distance: [B], see `seen_from`; None: 1 for all.

        Returns:
          A `Rendering`, differentiable with respect to vertices, albedo and all of `scene`,
          through everything but visibility; with a soft silhouette through outlines, too.

        Raises:
          InputError: a triangle has a vertex that is not among the V.
        """
        triangles, gloss = self.triangles_and_gloss(vertices.shape[1])
        mesh, ids = self._seen(vertices, albedo, scene, camera_distance, triangles)
        clip, world, albedo = mesh
        image = shade(
            Mesh(clip, world, vertex_normals(world, triangles, self.kernels), albedo),
            triangles,
            ids,
            gloss,
            Light(scene.light_positions, scene.light_colors, scene.ambient),
            scene.background,
            np.array(self.framing.camera_mm),
            np.array(self.framing.pivot_mm),
            self.kernels,
        )
        rendering = Rendering(image, tf.cast(ids >= 0, tf.float32))
        if self.soft_silhouette:
            rendering = self._softened(rendering, scene.background, clip, triangles, ids)
        return rendering

    def visible_triangles(self, vertices: tf.Tensor, scene: Scene) -> tf.Tensor:
        """Which triangle each pixel shows, as `triangles_and_gloss` counts them, -1: none.

        Args and errors as of a drawing; returns [B, H, W] int32, without a gradient.
        """
        triangles, _ = self.triangles_and_gloss(vertices.shape[1])
        return self._seen(vertices, tf.zeros_like(vertices), scene, None, triangles)[1]

    def _seen(self, vertices, albedo, scene, camera_distance, triangles):
        """Of all that is drawn clip coordinates, world places and albedo; visible triangles."""
        if self.surround is not None:
            around, around_albedo = self.surround.attach(vertices, albedo, scene)
            albedo = self.surround.scalp.repaint(albedo, scene.hair_style)
            vertices = tf.concat([vertices, around], axis=1)
            albedo = tf.concat([albedo, around_albedo], axis=1)
        world = pose_vertices(self.framing, vertices, scene.yaw_pitch_roll, scene.translation)
        seen_at = world
        if camera_distance is not None:
            seen_at = seen_from(self.framing, world, camera_distance)
        clip = clip_coordinates(self.framing, seen_at, self.width / self.height)
        ids = visible_triangles(
            clip, triangles, self.height, self.width, self.cull_back_faces, self.kernels
        )
        return (clip, world, albedo), ids

    def _softened(self, rendering, background, clip, triangles, ids) -> Rendering:
        colors = tf.concat([rendering.image, rendering.mask[..., tf.newaxis]], axis=-1)
        nothing = tf.pad(background, [[0, 0]] * 3 + [[0, 1]])
        pixel = 2.0 * np.tan(self.framing.field_of_view / 2) / self.height  # over the distance
        softened = soften_edges(
            colors, nothing, clip, triangles, ids, _STEEPEST * pixel, self.kernels
        )
        return Rendering(softened[..., :3], softened[..., 3])

    def triangles_and_gloss(self, face_vertices: int) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn of a face of so many vertices, the surround's after the face's own.

        Returns:
          triangles [T, 3] int32, and the share [T] of the skin's reflection that each has.
        """
        triangles = checked_triangles(self.triangles, face_vertices)
        skin = np.ones(len(triangles), np.float32)
        if self.surround is None:
            return triangles, skin
        around = self.surround.triangles + np.int32(face_vertices)
        return (
            checked_triangles(np.concatenate([triangles, around]), None),
            np.concatenate([skin, self.surround.gloss]),
        )
