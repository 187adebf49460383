"""What a portrait photograph shows around the face: hair, neck, clothes, ears.

Built once around the mean face, for every hairstyle. It moves with the face's pose, and its parts
near the face follow the face's own outline. Its place passes no gradient on to the face, nor does
the neck's colour; hair that takes its colour from the scalp does.
"""

from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf
from scipy.spatial import cKDTree

from tf_morph.hairstyles import STYLES
from tf_morph.rendering import surround_shapes as shapes
from tf_morph.rendering.hair import hair_shells
from tf_morph.rendering.scalp import Scalp, find_scalp

_CONTROLS = 320  # face vertices that pull the surround along
_ANCHORS = 6  # of them pull each vertex
_REACH_MM = 16.0
_FREE_MM, _FADE_MM = 25.0, 40.0  # from the face; farther from it little moves
# Materials: columns of `palette_weights`.
HAIR, CLOTHES, SKIN, CAVITY = range(4)
_CAVITY_COLOR = (0.06, 0.02, 0.018)  # linear RGB
_GLOSS = (0.35, 0.0, 1.0, 0.0)  # of hair, clothes, skin, cavity, as a share of the skin's


@dataclass(frozen=True, eq=False)
class Surround:
    """A mesh around a face mesh, one for each of the N hairstyles of `hairstyles.STYLES`.

    A style that lacks what another has holds it folded up inside the head.

    Attributes:
      vertices: [N, S, 3] float32 mm, model frame, around the mean face.
      triangles: [R, 3] int32, indices into the S vertices.
      palette_weights: [N, S, 4] float32: hair, clothes, skin, cavity.
      gloss: [R] float32, of each triangle, as a share of the skin's specular reflection.
      controls: [K] int32, face vertices that pull it along.
      control_means: [K, 3] float32 mm, where they are in the mean face.
      anchors: [N, S, A] int32, indices into `controls`: those that pull each vertex.
      anchor_weights: [N, S, A] float32.
      scalp: where the face mesh itself has hair.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    palette_weights: np.ndarray
    gloss: np.ndarray
    controls: np.ndarray
    control_means: np.ndarray
    anchors: np.ndarray
    anchor_weights: np.ndarray
    scalp: Scalp

    def attach(
        self, face_vertices: tf.Tensor, face_albedo: tf.Tensor, scene
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The surround of each face.

        Args:
          face_vertices: [B, V, 3] mm, model frame.
          face_albedo: [B, V, 3] linear RGB.
          scene: whose hairstyle [B], hair's colour [B, 3] (of no effect where hair takes its colour
            from the scalp) and clothes' colour [B, 3] are used.

        Returns:
          vertices [B, S, 3] mm and albedo [B, S, 3] linear RGB.
        """
        style = scene.hair_style
        hair_color = scene.hair_color
        if len(self.scalp.hair):
            hair_color = tf.reduce_mean(tf.gather(face_albedo, self.scalp.hair, axis=1), axis=1)
        moved = tf.stop_gradient(tf.gather(face_vertices, self.controls, axis=1))
        pulled = tf.gather(moved - self.control_means, tf.gather(self.anchors, style), batch_dims=1)
        weights = tf.gather(self.anchor_weights, style)
        follow = tf.reduce_sum(weights[..., tf.newaxis] * pulled, axis=2)
        skin = tf.gather(face_albedo, self.controls, axis=1)
        skin = tf.stop_gradient(tf.reduce_mean(skin, axis=1))
        cavity = tf.constant(_CAVITY_COLOR) + tf.zeros_like(skin)
        palette = tf.stack([hair_color, scene.clothes_color, skin, cavity], axis=1)
        return (
            tf.gather(self.vertices, style) + follow,
            tf.matmul(tf.gather(self.palette_weights, style), palette),
        )

    def with_triangles(self, triangles: np.ndarray) -> "Surround":
        """The same of other triangles [R, 3] over its vertices; those of no triangle are left out.

        Each triangle's corners must belong to one part: gloss is as in the part it lies in.
        """
        gloss = np.zeros(self.vertices.shape[1], np.float32)
        gloss[self.triangles.ravel()] = np.repeat(self.gloss, 3)
        kept = np.unique(triangles)
        return replace(
            self,
            vertices=self.vertices[:, kept],
            triangles=np.searchsorted(kept, triangles).astype(np.int32),
            palette_weights=self.palette_weights[:, kept],
            gloss=gloss[triangles[:, 0]],
            anchors=self.anchors[:, kept],
            anchor_weights=self.anchor_weights[:, kept],
        )

    def part(self, material: int) -> "Surround":
        """What is of one material alone, such as `HAIR`."""
        return self.with_triangles(
            self.triangles[self._materials[self.triangles[:, 0]] == material]
        )

    @property
    def _materials(self) -> np.ndarray:
        """[S], of each vertex the column of `palette_weights`."""
        return self.palette_weights.max(axis=0).argmax(axis=-1)

    def is_drawn(self, style: str) -> bool:
        """Whether there is any hair in a style, rather than all folded up in one place."""
        hair = self.vertices[STYLES.index(style)][self._materials == HAIR]
        return bool(np.ptp(hair, axis=0).any())

    @property
    def face_vertices(self) -> np.ndarray:
        """Vertices of the face mesh that it hangs on, int32, in order."""
        return np.unique(np.concatenate([self.controls, self.scalp.hair, self.scalp.forehead]))

    def on_vertices(self, kept: np.ndarray) -> "Surround":
        """The same around a face mesh of fewer vertices.

        Args:
          kept: [N] indices in the mesh it was on, in order; its `face_vertices` are there.
        """
        return replace(
            self,
            controls=np.searchsorted(kept, self.controls).astype(np.int32),
            scalp=self.scalp.on_vertices(kept),
        )


def build_surround(
    mean_vertices: np.ndarray,
    triangles: np.ndarray,
    five_points: np.ndarray,
    seed: int = 0,
    hair_from_scalp: bool = False,
    clothes: bool = True,
) -> Surround:
    """Builds the surround of a face model; ears, neck, mouth cavity only where the mesh has none.

    Args:
      mean_vertices: [V, 3] mm, the mean face, in the conventions' frame.
      triangles: [T, 3] integers, of the face mesh.
      five_points: [5, 3] mm: right eye, left eye, nose tip, right and left corner of the mouth.
      seed: of the hair's unevenness.
      hair_from_scalp: the mesh is painted with hair where hair grows, and the hair drawn over it
        has that colour.
      clothes: draw them; without them long hair hangs straight down.
    """
    face, used = np.asarray(mean_vertices, float), np.unique(triangles)
    head = shapes.measure_head(five_points)
    scalp = find_scalp(head, face, triangles, hair_from_scalp)
    shells = hair_shells(head, face[used], seed, clothes)
    drawn = [STYLES.index(name) for name in scalp.drawn_styles]
    hair = shells.vertices[drawn]
    parts = _other_parts(head, face, used, np.asarray(triangles))[0 if clothes else 1 :]
    starts = np.cumsum([hair.shape[1]] + [len(part.vertices) for part, _ in parts])
    others = np.concatenate([part.vertices for part, _ in parts])
    vertices = np.concatenate([hair, np.repeat(others[None], len(STYLES), 0)], axis=1)
    palette = np.zeros((*vertices.shape[:2], 4), np.float32)
    palette[:, : starts[0], HAIR] = shells.shade[drawn]
    for (part, material), start in zip(parts, starts[:-1], strict=True):
        palette[:, start : start + len(part.vertices), material] = part.shade
    around = [shells.triangles]
    around += [part.triangles + start for (part, _), start in zip(parts, starts, strict=False)]
    kinds = [HAIR] + [material for _, material in parts]
    gloss = [np.full(len(own), _GLOSS[kind]) for own, kind in zip(around, kinds, strict=True)]
    controls = used[_spread(face[used])]
    anchors, weights = _anchors(vertices, face[controls], head.scale)
    return Surround(
        vertices.astype(np.float32),
        np.concatenate(around).astype(np.int32),
        palette,
        np.concatenate(gloss).astype(np.float32),
        controls.astype(np.int32),
        face[controls].astype(np.float32),
        anchors,
        weights,
        scalp,
    )


def _other_parts(head, face, used, triangles) -> list[tuple[shapes.Shape, int]]:
    """Clothes, and what the mesh lacks: each with its material."""
    cut = shapes.neck_cut(head, face, triangles)
    parts = [(shapes.clothes(head, face, cut), CLOTHES)]
    if len(cut):
        parts.append((shapes.neck_below(head, face, cut), SKIN))
    else:
        parts.append((shapes.neck(head), SKIN))
    if not shapes.has_inner_mouth(head, face[used]):
        parts.append((shapes.mouth_cavity(head), CAVITY))
    if not shapes.ear_middle(head, face[used])[1]:
        parts.append((shapes.ears(head, face[used]), SKIN))
    return parts


def _spread(points: np.ndarray) -> np.ndarray:
    """Indices of points far from one another (farthest-point sampling)."""
    chosen = [int(np.argmax(points[:, 2]))]
    distances = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(_CONTROLS, len(points)):
        chosen.append(int(np.argmax(distances)))
        distances = np.minimum(distances, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def _anchors(
    vertices: np.ndarray, controls: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """For each of the vertices [N, S, 3] the controls that pull it, and how much."""
    distances, anchors = cKDTree(controls).query(vertices, k=min(_ANCHORS, len(controls)))
    distances = distances / scale
    nearest = distances[..., :1]
    weights = np.exp(-(distances**2 - nearest**2) / (2 * _REACH_MM**2))
    weights /= weights.sum(axis=-1, keepdims=True)
    weights *= np.exp(-((np.maximum(nearest - _FREE_MM, 0.0) / _FADE_MM) ** 2))
    return anchors.astype(np.int32), weights.astype(np.float32)
