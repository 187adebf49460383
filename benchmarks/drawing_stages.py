"""The stages of drawing faces, each as a function of its own, on what the stages before it made."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_morph.regression.drawing import Drawer
from tf_morph.rendering.camera import clip_coordinates, pose_vertices
from tf_morph.rendering.color import clipped_to_linear, clipped_to_srgb
from tf_morph.rendering.coverage import visible_triangles
from tf_morph.rendering.normals import vertex_normals
from tf_morph.rendering.shading import Light, Mesh, shade


class Stage(NamedTuple):
    """A function of tensors, and what it is given."""

    function: Callable
    inputs: Sequence[tf.Tensor]


def forward_and_backward(function: Callable) -> Callable:
    """The gradients of the sum of the function's outputs, which are not made where not needed."""

    def gradients(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = tf.nest.flatten(function(*inputs))
            total = tf.add_n([tf.reduce_sum(output) for output in outputs])
        return [g for g in tape.gradient(total, inputs) if g is not None]

    return gradients


def drawing_stages(
    drawer: Drawer, shape: tf.Tensor, texture: tf.Tensor, seed: tf.Tensor
) -> dict[str, Stage]:
    """By name, in order; together they are `Drawer.__call__` of one view each in random scenes.

    Args:
      drawer: with a renderer that has a surround.
      shape, texture: [B, k] and [B, l] coefficients.
      seed: [2] int32, of the scenes.
    """
    model, renderer, count = drawer.model, drawer.renderer, shape.shape[0]
    size, framing = (renderer.height, renderer.width), renderer.framing
    scene = drawer.random_scene(count, seed)
    triangles, gloss = renderer.triangles_and_gloss(model.num_vertices)

    def faces(shape, texture):
        return model.vertices(shape), clipped_to_linear(model.albedo(texture))

    def surround(vertices, albedo):
        attached = renderer.surround.attach(vertices, albedo, scene)
        face = vertices, renderer.surround.scalp.repaint(albedo, scene.hair_style)
        return [tf.concat(two, axis=1) for two in zip(face, attached, strict=True)]

    def place(vertices):
        world = pose_vertices(framing, vertices, scene.yaw_pitch_roll, scene.translation)
        return world, clip_coordinates(framing, world, size[1] / size[0])

    def cover(clip):
        return visible_triangles(clip, triangles, *size, True, renderer.kernels)

    def normals(world):
        return vertex_normals(world, triangles, renderer.kernels)

    def light(*mesh):
        lights = Light(scene.light_positions, scene.light_colors, scene.ambient)
        eye, pivot = np.array(framing.camera_mm), np.array(framing.pivot_mm)
        return shade(
            Mesh(*mesh), triangles, ids, gloss, lights, scene.background, eye, pivot,
            renderer.kernels,
        )  # fmt: skip

    vertices, albedo = faces(shape, texture)
    with_surround, colors = surround(vertices, albedo)
    world, clip = place(with_surround)
    ids = cover(clip)
    mesh = (clip, world, normals(world), colors)
    return {
        "random scenes": Stage(lambda seed: drawer.random_scene(count, seed), [seed]),
        "face model, colours to linear": Stage(faces, [shape, texture]),
        "surround": Stage(surround, [vertices, albedo]),
        "pose and clip coordinates": Stage(place, [with_surround]),
        "visibility": Stage(cover, [clip]),
        "normals": Stage(normals, [world]),
        "interpolation and shading": Stage(light, mesh),
        "coding as sRGB": Stage(clipped_to_srgb, [light(*mesh)]),
    }
