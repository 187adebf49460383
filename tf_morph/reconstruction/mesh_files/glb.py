"""GLB, the binary form of glTF 2.0 (Khronos' specification, as ISO/IEC 12113:2022).

Written here rather than by trimesh, which stores a vertex' sRGB-coded colour as it is: glTF has
vertex colours linear and textures sRGB-coded, so that viewers would show such a head too pale.
"""

import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.morphable_model.srgb import srgb_to_linear
from tf_morph.reconstruction.mesh import Mesh

_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125
_VERTEX_BUFFER, _INDEX_BUFFER = 34962, 34963
_MAGIC, _VERSION, _JSON_CHUNK, _BINARY_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_METRES_A_MM = 1e-3
_ROUGHNESS = 0.75  # of skin, about; the looks of it are the viewer's
_LINEAR = np.round(65535 * srgb_to_linear(np.arange(256) / 255.0)).astype(np.uint16)


class _Buffer:
    """The file's binary part and the descriptions of what lies in it."""

    def __init__(self):
        self.data = bytearray()
        self.views: list[dict] = []
        self.accessors: list[dict] = []

    def view(self, content: bytes, target: int | None = None) -> int:
        """Lays bytes down at the next multiple of four; their view's number."""
        self.data += bytes(-len(self.data) % 4)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(content)}
        self.views.append(view | ({"target": target} if target else {}))
        self.data += content
        return len(self.views) - 1

    def accessor(self, array: np.ndarray, component: int, kind: str, **fields) -> int:
        """An array of numbers; its accessor's number."""
        target = _INDEX_BUFFER if kind == "SCALAR" else _VERTEX_BUFFER
        view = self.view(np.ascontiguousarray(array).tobytes(), target)
        described = {"bufferView": view, "componentType": component, "count": len(array)}
        self.accessors.append(described | {"type": kind} | fields)
        return len(self.accessors) - 1


def write_glb(path: Path, mesh: Mesh, hair: Mesh | None = None) -> None:
    """Writes a head in metres, its texture in the file, or else its vertices' colours; hair as a
    node, mesh and material of its own, by its vertices' colours."""
    buffer = _Buffer()
    parts = {"head": (mesh, "skin")} | ({} if hair is None else {"hair": (hair, "hair")})
    meshes, materials, images = [], [], {}
    for name, (part, called) in parts.items():
        surface = {"metallicFactor": 0.0, "roughnessFactor": _ROUGHNESS}
        attributes = {"POSITION": _positions(buffer, part), "NORMAL": _normals(buffer, part)}
        if part.is_textured:
            from_above = np.float32([0, 1]) + part.uv * np.float32([1, -1])
            attributes["TEXCOORD_0"] = buffer.accessor(from_above.astype("<f4"), _FLOAT, "VEC2")
            images = _images(buffer, part.texture)
            surface["baseColorTexture"] = {"index": 0}
        else:
            attributes["COLOR_0"] = _colors(buffer, part)
        primitive = {"attributes": attributes, "indices": _indices(buffer, part)}
        meshes.append({"name": name, "primitives": [primitive | {"material": len(materials)}]})
        materials.append({"name": called, "pbrMetallicRoughness": surface, "doubleSided": True})
    described = {
        "asset": {"version": "2.0", "generator": "tf_morph"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(parts)))}],
        "nodes": [{"mesh": number, "name": name} for number, name in enumerate(parts)],
        "meshes": meshes,
        "materials": materials,
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
    }
    content = _file(described | images, buffer)
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def _positions(buffer: _Buffer, mesh: Mesh) -> int:
    places = (mesh.vertices * _METRES_A_MM).astype("<f4")
    bounds = {"min": places.min(axis=0).tolist(), "max": places.max(axis=0).tolist()}
    return buffer.accessor(places, _FLOAT, "VEC3", **bounds)


def _normals(buffer: _Buffer, mesh: Mesh) -> int:
    return buffer.accessor(mesh.vertex_normals.astype("<f4"), _FLOAT, "VEC3")


def _colors(buffer: _Buffer, mesh: Mesh) -> int:
    # 16 bits, for 8 linear ones show steps in dark skin; four of them, for vertices have to lie at
    # multiples of four bytes.
    opaque = np.full((len(mesh.colors), 1), 65535, np.uint16)
    linear = np.concatenate([_LINEAR[mesh.colors], opaque], axis=1).astype("<u2")
    return buffer.accessor(linear, _UINT16, "VEC4", normalized=True)


def _indices(buffer: _Buffer, mesh: Mesh) -> int:
    short = len(mesh.vertices) < 65535  # the last one would begin a primitive anew
    kind, dtype = (_UINT16, "<u2") if short else (_UINT32, "<u4")
    return buffer.accessor(mesh.triangles.ravel().astype(dtype), kind, "SCALAR")


def _images(buffer: _Buffer, texture: np.ndarray) -> dict:
    png = io.BytesIO()
    Image.fromarray(texture).save(png, "PNG")
    clamped = {"wrapS": 33071, "wrapT": 33071, "magFilter": 9729, "minFilter": 9987}
    return {
        "images": [{"bufferView": buffer.view(png.getvalue()), "mimeType": "image/png"}],
        "samplers": [clamped],
        "textures": [{"source": 0, "sampler": 0}],
    }


def _file(described: dict, buffer: _Buffer) -> bytes:
    binary = bytes(buffer.data) + bytes(-len(buffer.data) % 4)
    text = json.dumps(
        described | {"buffers": [{"byteLength": len(buffer.data)}]}, separators=(",", ":")
    ).encode()
    text += b" " * (-len(text) % 4)
    length = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        (
            struct.pack("<III", _MAGIC, _VERSION, length),
            struct.pack("<II", len(text), _JSON_CHUNK),
            text,
            struct.pack("<II", len(binary), _BINARY_CHUNK),
            binary,
        )
    )
