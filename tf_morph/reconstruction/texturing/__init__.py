"""Textures: a face mesh unrolled, and the photograph's own pixels on it."""

from tf_morph.reconstruction.texturing.atlas import Atlas, uv_atlas
from tf_morph.reconstruction.texturing.photograph_texture import PhotographTexture

__all__ = ["Atlas", "PhotographTexture", "uv_atlas"]
