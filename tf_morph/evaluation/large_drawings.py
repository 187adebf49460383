"""Drawings for people to look at: larger than the networks', and smooth at their edges."""

import dataclasses

import numpy as np

from tf_morph.evaluation.coefficients import Coefficients
from tf_morph.morphable_model import MorphableModel
from tf_morph.regression.components import make_drawer
from tf_morph.regression.contact_sheet import turned
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.run import Run

_SUPERSAMPLING = 3


def draw_large(
    run: Run,
    model: MorphableModel,
    faces: Coefficients,
    yaw_radians: float,
    size: int,
    scale: float = 1.0,
) -> np.ndarray:
    """Drawings of faces, evenly lit, framed as the run's photographs are, or from further away.

    Args:
      run: its own size of pictures does not matter.
      model: of the faces; it has the run's mesh.
      faces: [N].
      yaw_radians: how far each is turned about its vertical axis.
      size: of the pictures, pixels.
      scale: of the face in the picture, relative to the photographs; below 1 more is seen around.

    Returns:
      uint8 sRGB [N, size, size, 3].
    """
    config = run.config.copy_and_resolve_references()
    config.rendering.size = size * _SUPERSAMPLING
    points = np.array(config.rendering.five_points)
    config.rendering.five_points = tuple(map(tuple, (0.5 + scale * (points - 0.5)).tolist()))
    drawer = make_drawer(config, run.model)
    large = dataclasses.replace(run, drawer=Drawer(model, drawer.renderer, drawer.distribution))
    scene = turned(drawer.frontal_scene(len(faces.shape)), yaw_radians)
    drawn = large.draw(*faces, scene)
    cells = drawn.reshape(len(drawn), size, _SUPERSAMPLING, size, _SUPERSAMPLING, 3)
    return np.round(cells.mean(axis=(2, 4))).astype(np.uint8)
