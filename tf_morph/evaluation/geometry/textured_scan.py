"""Scans of heads that carry their colours: files, and what colour a place on the surface has.

Meshes are GLB, glTF, OBJ, PLY or VTK polydata. The texture is the one inside the file or named by
it, else the one given, else the image beside it; without texture coordinates the vertices' own
colours do.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from tf_morph.errors import InputError
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.placement import Placement
from tf_morph.evaluation.geometry.vtk_polydata import read_polydata
from tf_morph.morphable_model.srgb import srgb_to_linear

SUFFIXES = (".glb", ".gltf", ".obj", ".ply", ".vtk")
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_NO_COLORS = ("normal", "spec", "bump", "disp", "rough", "occlusion", "metal", "height", "mask")
_LARGEST_TEXTURE = 2048  # pixels; photographs show no more
_LEAST_TEXTURE = 4
_LINEAR = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class TexturedScan:
    """A coloured surface.

    Attributes:
      mesh: corners at one place are one vertex; in the file's unit and frame until it is moved.
      corners: float32 [T, 3, 2] (u, v) of each triangle's corners, v from the texture's bottom, 1
        its height; or [T, 3, 3] linear RGB, where there is no texture.
      texture: uint8 [H, W, 3] sRGB, repeated beyond its borders, or None.
    """

    mesh: Mesh
    corners: np.ndarray
    texture: np.ndarray | None

    def moved(self, placement: Placement) -> "TexturedScan":
        """The same surface elsewhere."""
        return replace(self, mesh=Mesh(placement(self.mesh.vertices), self.mesh.triangles))

    def turned_over(self) -> "TexturedScan":
        """The same, v counted from the texture's top."""
        return replace(self, corners=np.float32([0, 1]) + self.corners * np.float32([1, -1]))

    def inside_out(self) -> "TexturedScan":
        """The same surface, its triangles seen from the other side."""
        flipped = Mesh.of(self.mesh.vertices, self.mesh.triangles[:, ::-1])
        return replace(self, mesh=flipped, corners=self.corners[:, ::-1])

    def albedo(self, values: np.ndarray) -> np.ndarray:
        """Linear RGB [..., 3] of what the corners have, interpolated [..., 2 or 3]: bilinear."""
        if self.texture is None:
            return values[..., :3]
        height, width = self.texture.shape[:2]
        x, y = values[..., 0] * width - 0.5, (1.0 - values[..., 1]) * height - 0.5
        left, top = np.floor(x).astype(int), np.floor(y).astype(int)
        across, down = (x - left)[..., None], (y - top)[..., None]
        upper, lower = (
            _LINEAR[self.texture[row % height, left % width]] * (1 - across)
            + _LINEAR[self.texture[row % height, (left + 1) % width]] * across
            for row in (top, top + 1)
        )
        return upper * (1 - down) + lower * down


def read_scan(path: Path, texture: Path | None = None) -> TexturedScan:
    """Reads a mesh with its texture.

    Args:
      texture: an image, where the file neither holds nor names one, or to be taken instead.

    Raises:
      InputError: a file is missing, damaged or no such file, or nothing says how it is coloured.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: no scan by its name; give a file of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a textured scan")
    if path.suffix.lower() == ".vtk":
        vertices, triangles, uv = read_polydata(path)
        own, colors = None, None
    else:
        vertices, triangles, uv, own, colors = _read_by_trimesh(path)
    if not np.isfinite(vertices).all() or not len(triangles):
        raise InputError(f"{path}: no surface of triangles with finite coordinates; export it anew")
    places, back = np.unique(vertices, axis=0, return_inverse=True)
    merged = back.reshape(-1)[triangles]
    a, b, c = (places[merged[:, corner]] for corner in range(3))
    kept = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 0.0
    if not kept.any():
        raise InputError(f"{path}: all its triangles are without area; give another file")
    mesh = Mesh.of(places, merged[kept])
    if uv is None and colors is None:
        raise InputError(f"{path}: neither texture coordinates nor colours; give a textured scan")
    if uv is None:
        return TexturedScan(mesh, _LINEAR[colors[triangles[kept]]], None)
    if not np.isfinite(uv).all():
        raise InputError(f"{path}: a texture coordinate is no number; export it anew")
    image = _open(texture) if texture or own is None else own
    image = _open(_beside(path)) if image is None else image
    image.thumbnail((_LARGEST_TEXTURE, _LARGEST_TEXTURE))
    return TexturedScan(mesh, np.float32(uv[triangles[kept]]), np.asarray(image))


def _read_by_trimesh(path: Path):
    """vertices, triangles, uv, the texture as an image, uint8 colours; None what it has not."""
    try:
        loaded = trimesh.load_mesh(path, process=False)
        visual = loaded.visual
        uv, own, colors = None, None, None
        if visual.kind == "texture" and visual.uv is not None:
            uv = np.asarray(visual.uv, float)
            material = visual.material
            own = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
        elif visual.kind in ("vertex", "face"):
            colors = np.asarray(visual.vertex_colors, np.uint8)[:, :3]
        vertices, triangles = np.asarray(loaded.vertices, float), np.asarray(loaded.faces)
        # Where a file names no material, trimesh makes one up of a few grey pixels.
        own = own.convert("RGB") if own is not None and min(own.size) >= _LEAST_TEXTURE else None
        return vertices, triangles.reshape(-1, 3), uv, own, colors
    except Exception as error:  # noqa: BLE001 - trimesh fails in as many ways as files are wrong
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(f"{path}: not a mesh that can be read ({reason})") from error


def _beside(path: Path) -> Path:
    """The only image of colours in the scan's folder, or that of its name."""
    images = sorted(each for each in path.parent.iterdir() if each.suffix.lower() in _IMAGES)
    named = [each for each in images if each.stem == path.stem]
    others = [e for e in images if not any(word in e.stem.lower() for word in _NO_COLORS)]
    found = named or others
    if len(found) != 1:
        raise InputError(
            f"{path}: no texture in it, and {len(found)} images beside it that may be; name one by "
            "--texture=IMAGE, once for each scan, in their order"
        )
    return found[0]


def _open(path: Path | None) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no image that can be read; give the scan's texture") from error
