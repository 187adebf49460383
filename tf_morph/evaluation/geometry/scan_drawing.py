"""Textured scans drawn by our renderer, the texture read pixel by pixel."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.evaluation.geometry.textured_scan import TexturedScan
from tf_morph.rendering import Framing, Renderer, Scene, frontal_scene


class Drawing(NamedTuple):
    """image: float32 [S, S, 3] linear RGB, black where no surface is; mask: float32 [S, S]."""

    image: np.ndarray
    mask: np.ndarray


class ScanDrawer:
    """One scan before one camera.

    The renderer has a colour a vertex. So it draws a white scan and a black one: their difference
    is what a matt surface reflects, to be multiplied by the texture, and the black one's is gloss.
    Drawn evenly lit in the colours of what its corners have, the scan shows that in every pixel.
    """

    def __init__(self, scan: TexturedScan, framing: Framing, size: int, culled: bool = True):
        """
        Args:
          scan: mm, our frame.
          framing: the camera.
          size: side of the pictures, pixels.
          culled: leave out what is seen from inside.
        """
        self.scan, self.size = scan, size
        self._vertices = np.float32(scan.mesh.vertices)
        triangles = scan.mesh.triangles
        self._surface = Renderer(triangles, size, size, framing, None, culled)
        # No corner shared: at a texture's seam one place has several coordinates.
        apart = np.arange(triangles.size).reshape(-1, 3)
        self._corners = Renderer(apart, size, size, framing, None, culled)

    def __call__(self, scene: Scene) -> Drawing:
        """The scan in a scene, of leading dimension 1, whose background is black."""
        white, black = (
            self._surface(self._vertices[None], np.full((1, *self._vertices.shape), x, "f4"), scene)
            for x in (1.0, 0.0)
        )
        mask, gloss = white.mask[0].numpy(), black.image[0].numpy()
        image = (white.image[0].numpy() - gloss) * self.albedo(scene) + gloss
        return Drawing(image, mask)

    def albedo(self, scene: Scene) -> np.ndarray:
        """[S, S, 3] linear RGB, the scan's own colours, unlit; of no meaning beside it."""
        values = self.scan.corners.reshape(-1, self.scan.corners.shape[-1])
        values = np.pad(values, [(0, 0), (0, 3 - values.shape[1])])
        return self.scan.albedo(self._seen(values, scene)).astype(np.float32)

    def places(self, scene: Scene) -> np.ndarray:
        """[S, S, 3] mm: where on the unposed scan each pixel lies; NaN beside it."""
        vertices = self.scan.mesh.vertices[self.scan.mesh.triangles].reshape(-1, 3)
        found = self._seen(vertices, scene)
        return np.where(self.mask(scene)[..., None], found, np.nan)

    def mask(self, scene: Scene) -> np.ndarray:
        """bool [S, S]: where the scan is."""
        return self.visible_triangles(scene) >= 0

    def visible_triangles(self, scene: Scene) -> np.ndarray:
        """int32 [S, S], -1 where there is none."""
        return self._surface.visible_triangles(self._vertices[None], scene)[0].numpy()

    def _seen(self, values, scene: Scene) -> np.ndarray:
        """Values [3 T, 3] of the corners, interpolated at each pixel."""
        even = scene._replace(
            light_colors=tf.zeros_like(scene.light_colors), ambient=tf.ones_like(scene.ambient)
        )
        corners = self._vertices[self.scan.mesh.triangles].reshape(1, -1, 3)
        return self._corners(corners, np.float32(values)[None], even).image[0].numpy()


def black_scene(size: int, yaw_pitch_roll=(0.0, 0.0, 0.0)) -> Scene:
    """The evaluation's frontal light, B = 1, before black; angles in radians."""
    scene = frontal_scene(1, size, size)
    return scene._replace(
        yaw_pitch_roll=tf.constant([yaw_pitch_roll], tf.float32),
        background=tf.zeros_like(scene.background),
    )
