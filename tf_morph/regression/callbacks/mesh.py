"""The same people's faces as meshes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
import trimesh
from tensorboard.plugins.mesh import summary_v2 as mesh_summary

from tf_morph.atomic import whole_file
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.callbacks.observer import Observer
from tf_morph.regression.coarse_model import fewer_vertices
from tf_morph.regression.decoder import Decoder

_MOST_VERTICES = 12_000  # for a browser, and for event files that hold many of these
_CAMERA = {"camera": {"cls": "PerspectiveCamera", "fov": 30, "near": 1, "far": 5000}}


class Meshes(Observer):
    """Meshes with vertex colours, sRGB, of fixed photographs' faces: in TensorBoard, and the first
    one's newest as a PLY file. Meshes of many vertices are shown by some of them."""

    def __init__(
        self,
        decoder: Decoder,
        model: MorphableModel,
        features: np.ndarray,
        newest: Path,
        writer,
        is_due: Callable[[int], bool],
    ):
        """
        Args:
          features: [N, E] the encoder's, of a few people.
          newest: the PLY file.
        """
        self._decoder, self._features = decoder, tf.constant(features)
        self._model = fewer_vertices(model, _MOST_VERTICES)
        self._newest, self._writer, self._is_due = newest, writer, is_due

    def after_step(self, step, values):
        if not self._is_due(step):
            return
        shape, texture = self._decoder(self._features)
        vertices = self._model.vertices(shape).numpy()
        albedo = self._model.albedo(texture).numpy()
        colors = np.round(np.clip(albedo, 0.0, 1.0) * 255.0).astype(np.uint8)
        triangles = self._model.triangles
        _write_ply(self._newest, vertices[0], colors[0], triangles)
        with self._writer.as_default():
            mesh_summary.mesh(
                "faces",
                vertices,
                faces=np.broadcast_to(triangles, (len(vertices), *triangles.shape)),
                colors=colors,
                config_dict=_CAMERA,
                step=step,
            )


def _write_ply(path: Path, vertices, colors, triangles) -> None:
    mesh = trimesh.Trimesh(vertices, triangles, vertex_colors=colors, process=False)
    with whole_file(path) as temporary:
        temporary.write_bytes(mesh.export(file_type="ply"))
