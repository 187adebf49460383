"""Meshes, lights and a camera to images: differentiable except through visibility."""

from tf_morph.rendering.camera import Framing, fit_framing
from tf_morph.rendering.color import linear_to_srgb, srgb_to_linear
from tf_morph.rendering.rasterizer import Rasterization, rasterize
from tf_morph.rendering.renderer import Renderer, Rendering
from tf_morph.rendering.scene import Scene, default_distribution, frontal_scene, sample_scene
from tf_morph.rendering.surround import Surround, build_surround

__all__ = [
    "Framing",
    "Rasterization",
    "Renderer",
    "Rendering",
    "Scene",
    "Surround",
    "build_surround",
    "default_distribution",
    "fit_framing",
    "frontal_scene",
    "linear_to_srgb",
    "rasterize",
    "sample_scene",
    "srgb_to_linear",
]
