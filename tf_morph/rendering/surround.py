"""What a portrait photograph shows around the face: hair, neck, clothes, ears.

Built once around the mean face. It moves with the face's pose, and its parts near the face follow
the face's own outline. Its place passes no gradient on to the face, nor does the neck's colour;
hair that takes its colour from the scalp does.
"""

from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from tf_morph.rendering import surround_shapes as shapes
from tf_morph.rendering.hair import hair

_CONTROLS = 96  # face vertices that pull the surround along
_REACH_MM = 35.0
_RIM_HEIGHT = 0.6  # above the eyes, in distances between them
_NO_SCALP = np.empty(0, np.int32)
_HOLD = 0.02  # weight of staying in place: far from the face little moves
# Materials: columns of `palette_weights`.
_HAIR, _CLOTHES, _SKIN, _CAVITY = range(4)
_CAVITY_COLOR = (0.06, 0.02, 0.018)  # linear RGB
_GLOSS = (0.35, 0.0, 1.0, 0.0)  # of hair, clothes, skin, cavity, as a share of the skin's


@dataclass(frozen=True, eq=False)
class Surround:
    """A mesh around a face mesh.

    Attributes:
      vertices: [S, 3] float32 mm, model frame, around the mean face.
      triangles: [R, 3] int32, indices into `vertices`.
      palette_weights: [S, 4] float32: hair, clothes, skin, cavity.
      gloss: [R] float32, of each triangle, as a share of the skin's specular reflection.
      controls: [K] int32, face vertices that pull it along.
      control_means: [K, 3] float32 mm, where they are in the mean face.
      control_weights: [S, K] float32.
      scalp: [N] int32, face vertices whose colour the hair takes; none: the scene's hair colour.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    palette_weights: np.ndarray
    gloss: np.ndarray
    controls: np.ndarray
    control_means: np.ndarray
    control_weights: np.ndarray
    scalp: np.ndarray

    def attach(
        self,
        face_vertices: tf.Tensor,
        face_albedo: tf.Tensor,
        hair_color: tf.Tensor,
        clothes_color: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The surround of each face.

        Args:
          face_vertices: [B, V, 3] mm, model frame.
          face_albedo: [B, V, 3] linear RGB.
          hair_color: [B, 3] linear RGB, of no effect where there is a scalp.
          clothes_color: [B, 3] linear RGB.

        Returns:
          vertices [B, S, 3] mm and albedo [B, S, 3] linear RGB.
        """
        if len(self.scalp):
            hair_color = tf.reduce_mean(tf.gather(face_albedo, self.scalp, axis=1), axis=1)
        moved = tf.stop_gradient(tf.gather(face_vertices, self.controls, axis=1))
        skin = tf.gather(face_albedo, self.controls, axis=1)
        skin = tf.stop_gradient(tf.reduce_mean(skin, axis=1))
        follow = tf.matmul(self.control_weights, moved - self.control_means)
        cavity = tf.constant(_CAVITY_COLOR) + tf.zeros_like(skin)
        palette = tf.stack([hair_color, clothes_color, skin, cavity], axis=1)
        return self.vertices + follow, tf.matmul(self.palette_weights, palette)

    def with_triangles(self, triangles: np.ndarray) -> "Surround":
        """The same of other triangles [R, 3] over its vertices; those of no triangle are left out.

        Each triangle's corners must belong to one part: gloss is as in the part it lies in.
        """
        gloss = np.zeros(len(self.vertices), np.float32)
        gloss[self.triangles.ravel()] = np.repeat(self.gloss, 3)
        kept = np.unique(triangles)
        return replace(
            self,
            vertices=self.vertices[kept],
            triangles=np.searchsorted(kept, triangles).astype(np.int32),
            palette_weights=self.palette_weights[kept],
            gloss=gloss[triangles[:, 0]],
            control_weights=self.control_weights[kept],
        )

    def on_vertices(self, kept: np.ndarray) -> "Surround":
        """The same around a face mesh of fewer vertices.

        Args:
          kept: [N] indices in the mesh it was on, in order; its `controls` and `scalp` are there.
        """
        return replace(
            self,
            controls=np.searchsorted(kept, self.controls).astype(np.int32),
            scalp=np.searchsorted(kept, self.scalp).astype(np.int32),
        )


def build_surround(
    mean_vertices: np.ndarray,
    triangles: np.ndarray,
    five_points: np.ndarray,
    seed: int = 0,
    hair_from_scalp: bool = False,
) -> Surround:
    """Builds the surround of a face model; ears too, where the mesh has none.

    Args:
      mean_vertices: [V, 3] mm, the mean face, in the conventions' frame.
      triangles: [T, 3] integers, of the face mesh.
      five_points: [5, 3] mm: right eye, left eye, nose tip, right and left corner of the mouth.
      seed: of the hair's unevenness.
      hair_from_scalp: the hair has the colour of the mesh's upper rim, for models whose rim lies
        under the hair and is coloured so.
    """
    face, used = np.asarray(mean_vertices, float), np.unique(triangles)
    head = shapes.measure_head(five_points)
    parts = [
        (hair(head, face[used], seed), _HAIR),
        (shapes.clothes(head), _CLOTHES),
        (shapes.neck(head), _SKIN),
        (shapes.mouth_cavity(head), _CAVITY),
    ]
    if not shapes.ear_middle(head, face[used])[1]:
        parts.append((shapes.ears(head, face[used]), _SKIN))
    starts = np.cumsum([0] + [len(part.vertices) for part, _ in parts])
    vertices = np.concatenate([part.vertices for part, _ in parts])
    around = [part.triangles + start for (part, _), start in zip(parts, starts[:-1], strict=True)]
    palette = np.zeros((len(vertices), 4), np.float32)
    gloss = np.concatenate([np.full(len(part.triangles), _GLOSS[kind]) for part, kind in parts])
    for (part, material), start in zip(parts, starts[:-1], strict=True):
        palette[start : start + len(part.vertices), material] = part.shade
    controls = used[_spread(face[used])]
    return Surround(
        vertices.astype(np.float32),
        np.concatenate(around).astype(np.int32),
        palette,
        gloss.astype(np.float32),
        controls.astype(np.int32),
        face[controls].astype(np.float32),
        _control_weights(vertices, face[controls], head.scale),
        _upper_rim(face, np.asarray(triangles), five_points) if hair_from_scalp else _NO_SCALP,
    )


def _upper_rim(face: np.ndarray, triangles: np.ndarray, five_points: np.ndarray) -> np.ndarray:
    """Vertices of the mesh's open border that lie well above the eyes."""
    edges = np.sort(np.concatenate([triangles[:, [i, (i + 1) % 3]] for i in range(3)]), axis=1)
    edges, uses = np.unique(edges, axis=0, return_counts=True)
    border = np.unique(edges[uses == 1])
    eyes = np.asarray(five_points, float)[:2]
    height = eyes[:, 1].mean() + _RIM_HEIGHT * np.linalg.norm(eyes[1] - eyes[0])
    return border[face[border, 1] > height].astype(np.int32)


def _spread(points: np.ndarray) -> np.ndarray:
    """Indices of points far from one another (farthest-point sampling)."""
    chosen = [int(np.argmax(points[:, 2]))]
    distances = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(_CONTROLS, len(points)):
        chosen.append(int(np.argmax(distances)))
        distances = np.minimum(distances, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def _control_weights(vertices: np.ndarray, controls: np.ndarray, scale: float) -> np.ndarray:
    squared = ((vertices[:, None] - controls[None]) ** 2).sum(-1)
    weights = np.exp(-squared / (2 * (_REACH_MM * scale / 2) ** 2))
    return (weights / (weights.sum(1, keepdims=True) + _HOLD)).astype(np.float32)
