"""Faces drawn with fewer triangles than their model has: for pictures of fewer pixels."""

import numpy as np
import tensorflow as tf

from tf_morph.morphable_model import LinearBasis, MorphableModel
from tf_morph.regression.drawing import Drawer
from tf_morph.rendering.level_of_detail import simplified, triangle_normals
from tf_morph.rendering.surround import Surround

_COLOR_MM = 40.0  # what black to white counts for, in millimetres
_COLOR_DIMENSIONS = 6  # of how far apart two vertices' colours are over all faces
_PALETTE_MM = 40.0
_TRIAL_FACES, _TRIAL_SEED = 64, (0, 0)  # drawn to learn what is seen
_UNSEEN = 0.02  # how much a triangle counts that is never seen, by the mean of those that are


def coarse_drawer(drawer: Drawer, triangles: int) -> Drawer:
    """Draws the same faces with about so many triangles, among them the surround's; 0: with all.

    Its meshes are made of the fine ones' own vertices, where shape and colour are the same.
    What hangs on particular vertices (the surround's place, hair's colour) hangs on the same.
    Pictures differ from the fine mesh's by what lies between the vertices.
    """
    model, renderer = drawer.model, drawer.renderer
    surround = renderer.surround
    whole = len(model.triangles) + (len(surround.triangles) if surround is not None else 0)
    if not 0 < triangles < whole:
        return drawer
    share, seen = triangles / whole, _seen(drawer)
    thinned = _thinned_triangles(model, share, seen[: len(model.triangles)])
    kept = np.unique(thinned)
    if surround is not None:
        kept = np.union1d(kept, surround.face_vertices)
        around = _thinned_surround(surround, share, seen[len(model.triangles) :])
        surround = around.on_vertices(kept)
    model = model.of_vertices(kept, np.searchsorted(kept, thinned).astype(np.int32))
    return Drawer(model, renderer.of_mesh(model.triangles, surround), drawer.distribution)


def _seen(drawer: Drawer) -> np.ndarray:
    """[T], how often training's scenes show a place of each triangle, surround's last."""
    renderer, model = drawer.renderer, drawer.model
    draw = tf.random.stateless_normal((_TRIAL_FACES, model.shape_components), _TRIAL_SEED)
    vertices = model.vertices(draw)
    scene = drawer.random_scene(_TRIAL_FACES, tf.constant(_TRIAL_SEED))
    ids = renderer.visible_triangles(vertices, scene).numpy()
    triangles, _ = renderer.triangles_and_gloss(model.num_vertices)
    pixels = np.bincount(ids[ids >= 0], minlength=len(triangles))
    places = _mean_face(model)
    areas = np.linalg.norm(triangle_normals(places, model.triangles), axis=1)
    if renderer.surround is not None:
        around = renderer.surround.vertices  # of each style
        own = [triangle_normals(styled, renderer.surround.triangles) for styled in around]
        areas = np.concatenate([areas, np.linalg.norm(own, axis=2).mean(axis=0)])
    seen = pixels / np.maximum(areas, 1e-3 * areas.mean())
    return np.maximum(seen / seen[pixels > 0].mean(), _UNSEEN)


def _thinned_triangles(model: MorphableModel, share: float, seen: np.ndarray) -> np.ndarray:
    count = round(share * len(np.unique(model.triangles)))
    colors = _COLOR_MM * _color_places(model.color)
    return simplified(_mean_face(model), model.triangles, count, colors, seen)


def _color_places(color: LinearBasis) -> np.ndarray:
    """Places [V, D] of the vertices as far apart as their colours are, over all faces."""
    modes = (color.basis * color.standard_deviations).reshape(len(color.mean), -1)
    spread = np.concatenate([color.mean - color.mean.mean(0), modes], axis=1).astype(np.float64)
    _, axes = np.linalg.eigh(spread.T @ spread)
    return spread @ axes[:, -_COLOR_DIMENSIONS:]


def _thinned_surround(surround: Surround, share: float, seen: np.ndarray) -> Surround:
    count = round(share * len(np.unique(surround.triangles)))
    areas = [_area(styled, surround.triangles) for styled in surround.vertices]
    fullest, *others = np.argsort(areas)[::-1]
    # What one style has not, another has: a vertex goes only where all can spare it.
    shapes = [surround.vertices[other] for other in others if areas[other] < areas[fullest]]
    colors = _PALETTE_MM * surround.palette_weights[fullest]
    attributes = np.concatenate([*shapes, colors], axis=1)
    return surround.with_triangles(
        simplified(surround.vertices[fullest], surround.triangles, count, attributes, seen)
    )


def _area(places: np.ndarray, triangles: np.ndarray) -> float:
    return np.linalg.norm(triangle_normals(places, triangles), axis=1).sum()


def _mean_face(model: MorphableModel) -> np.ndarray:
    return model.vertices(np.zeros(1, np.float32)).numpy()
